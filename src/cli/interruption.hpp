/// \file
/// The end by a signal, so that the shell sees it: a loop of commands stops at Ctrl-C.
#pragma once

#include <cstddef>

namespace audit_trail::cli {

/// For commands that only read: from now on SIGINT, SIGTERM and SIGHUP end the program at once, by their default
/// action. Before that the progress line is cleared and, when `has_colour`, the colour of standard output reset. A
/// signal that the caller had ignored stays ignored.
void end_on_signals(bool has_colour);

/// How many columns of the terminal on standard error a signal must clear.
void set_progress_width(std::size_t columns) noexcept;

/// Ends the program by the default action of the signal. Returns only if the signal is blocked.
void end_by_signal(int number) noexcept;

}  // namespace audit_trail::cli
