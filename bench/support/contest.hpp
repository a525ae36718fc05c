/// \file
/// Measures contestants in turn, with a warm-up, and computes medians. Compare only ratios of one contest.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "support/results.hpp"

namespace bench {

/// Measures the time from its construction, or its last restart, until it is stopped.
class stopwatch {
 public:
    void restart() noexcept { begin_ = std::chrono::steady_clock::now(); }
    void stop() noexcept {
        if (!taken_) taken_ = std::chrono::steady_clock::now() - begin_;
    }
    double seconds() noexcept {
        stop();
        return taken_->count();
    }

 private:
    std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
    std::optional<std::chrono::duration<double>> taken_;
};

struct contestant {
    std::string name;
    /// Does the work in an empty directory and returns the number of events. May restart the watch after preparations
    /// and stop it early, to exclude work that the other contestants do not do.
    std::function<std::uint64_t(std::filesystem::path const& directory, stopwatch& watch)> run;
};

struct standing {
    std::string name;
    double events_a_second;  ///< the median
    double lowest;
    double highest;
};

/// \param parent  the directories are created here; its file system is measured
std::vector<standing> hold_contest(std::vector<contestant> const& contestants, int rounds,
                                   std::filesystem::path const& parent);

/// Prints one line per contestant, with its ratio to each of the named references.
void print_standings(std::vector<standing> const& standings, std::vector<std::string> const& references);

/// Adds the median of each contestant.
void add_standings(results& figures, std::vector<standing> const& standings);

}  // namespace bench
