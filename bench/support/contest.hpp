/// \file
/// Contestants measured in turn: warmed up, in alternation, medians. Only the ratios of one contest mean anything.
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

/// Runs from its construction until it is stopped.
class stopwatch {
 public:
    void stop() noexcept {
        if (!taken_) taken_ = std::chrono::steady_clock::now() - begin_;
    }
    double seconds() noexcept {
        stop();
        return taken_->count();
    }

 private:
    std::chrono::steady_clock::time_point const begin_ = std::chrono::steady_clock::now();
    std::optional<std::chrono::duration<double>> taken_;
};

struct contestant {
    std::string name;
    /// Does the whole work in an empty directory and returns the number of its events. May stop the watch before its
    /// end, so as not to count what no other contestant does.
    std::function<std::uint64_t(std::filesystem::path const& directory, stopwatch& watch)> run;
};

struct standing {
    std::string name;
    double events_a_second;  ///< median
    double lowest;
    double highest;
};

/// \param parent  where the directories are made: its file system is the one that is measured
std::vector<standing> hold_contest(std::vector<contestant> const& contestants, int rounds,
                                   std::filesystem::path const& parent);

/// One line a contestant, with its ratio to each of the named references.
void print_standings(std::vector<standing> const& standings, std::vector<std::string> const& references);

/// The median of each contestant.
void add_standings(results& figures, std::vector<standing> const& standings);

}  // namespace bench
