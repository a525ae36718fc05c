/// \file
/// Handles the terminal of an output stream: its properties, colours, the progress of a long read, and signals.
#pragma once

#include <sys/types.h>

#include <audit_trail/read_report.hpp>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "text.hpp"
#include "times.hpp"

namespace audit_trail::cli {

enum class colour_mode { automatic, always, never };

/// What the user wants to see.
struct display_settings {
    colour_mode colour = colour_mode::automatic;
    time_zone zone = time_zone::utc;
};

struct display {
    bool is_terminal = false;  ///< no raw control bytes may reach it
    bool has_colour = false;   ///< automatic: a terminal; false if NO_COLOR is set, or TERM is "dumb"

    time_zone zone = time_zone::utc;  ///< of the times that are shown

    /// Columns of a terminal: COLUMNS, or else what the terminal reports, or else 80. Files and pipes have no limit.
    std::size_t width = unlimited_width;
};

/// Returns the properties of a standard stream.
display display_of(int descriptor, display_settings const& settings = {});

/// Returns the value of an environment variable; empty if it is not set.
std::string_view variable(char const* name);

enum class text_style { plain, bold, dim, red, green, yellow, cyan };

/// Returns the text in that style; unchanged if `has_colour` is false.
std::string styled(std::string_view text, text_style style, bool has_colour);

/// Decides when a long read shows its progress, and how.
class progress_clock {
 public:
    using time_point = std::chrono::steady_clock::time_point;

    explicit progress_clock(time_point begin) noexcept : due_(begin + first_delay) {}

    /// Returns the text if it is due: not for short reads, and not too often.
    std::optional<std::string> update(read_report const& so_far, time_point now);

    static constexpr std::chrono::milliseconds first_delay{500};
    static constexpr std::chrono::milliseconds delay{100};

 private:
    time_point due_;
};

/// A line on standard error that shows the progress of a read. Writes nothing unless that is a terminal.
class progress_line {
 public:
    progress_line();
    progress_line(progress_line const&) = delete;
    progress_line& operator=(progress_line const&) = delete;
    ~progress_line() { clear(); }

    void show(read_report const& so_far);

    /// Shows nothing any more, because a pager has the terminal.
    void disable() noexcept { is_enabled_ = false; }

    /// Removes the line. Call it before anything else is written to the same terminal.
    void clear();

 private:
    display const display_;
    progress_clock clock_;
    bool is_enabled_;
    std::size_t shown_width_ = 0;
};

/// For commands that only read: makes SIGINT, SIGTERM and SIGHUP end the program at once, by their default action.
/// Before that, the progress line is cleared and, if `has_colour`, the colour of standard output is reset. A signal
/// that was ignored stays ignored.
void end_on_signals(bool has_colour);

/// Makes such a signal wait until the user quits this pager; 0: there is none.
void set_pager(pid_t process) noexcept;

/// Returns true if the signal is ignored, for example SIGHUP under nohup.
bool is_ignored(int signal);

/// Sets how many columns of the terminal on standard error a signal must clear.
void set_progress_width(std::size_t columns) noexcept;

/// Ends the program by the default action of the signal, so that a shell stops its loop of commands at Ctrl-C. Returns
/// only if the signal is blocked.
void end_by_signal(int number) noexcept;

}  // namespace audit_trail::cli
