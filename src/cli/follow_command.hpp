/// \file
/// The command `follow`: its arguments.
#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace audit_trail::cli {

/// Adds the command to the program's. When the user names it, `chosen` becomes what runs it and gives the exit code.
void add_follow_command(CLI::App& program, std::function<int()>& chosen);

}  // namespace audit_trail::cli
