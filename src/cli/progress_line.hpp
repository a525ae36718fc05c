/// \file
/// A line that tells how far a long read has come.
#pragma once

#include <audit_trail/read_report.hpp>
#include <chrono>
#include <optional>
#include <string>

#include "cli/terminal.hpp"

namespace audit_trail::cli {

/// When the line is due, and what it says.
class progress_clock {
 public:
    using time_point = std::chrono::steady_clock::time_point;

    explicit progress_clock(time_point begin) noexcept : due_(begin + first_delay) {}

    /// The text, where it is time for one: not for short reads, and not too often.
    std::optional<std::string> update(read_report const& so_far, time_point now);

    static constexpr std::chrono::milliseconds first_delay{500};
    static constexpr std::chrono::milliseconds delay{100};

 private:
    time_point due_;
};

/// The line on standard error, when that is a terminal; elsewhere nothing is ever written.
class progress_line {
 public:
    progress_line();
    progress_line(progress_line const&) = delete;
    progress_line& operator=(progress_line const&) = delete;
    ~progress_line() { clear(); }

    void show(read_report const& so_far);

    /// Takes the line away. Before anything else is written to the same terminal.
    void clear();

 private:
    display const display_;
    progress_clock clock_;
    std::size_t shown_width_ = 0;
};

}  // namespace audit_trail::cli
