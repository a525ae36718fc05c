/// \file
/// The command `replay`: the records of a category as their events left them.
#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace audit_trail::cli {

/// Adds the command to the program's. When the user names it, `chosen` becomes what runs it and gives the exit code.
void add_replay_command(CLI::App& program, std::function<int()>& chosen);

}  // namespace audit_trail::cli
