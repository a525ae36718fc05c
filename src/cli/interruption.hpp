/// \file
/// Ctrl-C, for commands that only read.
#pragma once

namespace audit_trail::cli {

/// From now on SIGINT, SIGTERM and SIGHUP end the program at once, with exit code 128 + N. One that the caller had
/// ignored stays ignored. When `has_colour`, standard output gets its own colour back.
void exit_on_signals(bool has_colour);

}  // namespace audit_trail::cli
