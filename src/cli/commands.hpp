/// \file
/// Declares the commands of the program, and its exit codes.
#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace audit_trail::cli {

enum exit_code : int {
    done = 0,
    failed = 1,      ///< something failed or was found
    usage = 2,       ///< the command line was not understood
    by_signal = 128  ///< plus N: main ends the program by signal N, which a shell shows as 128 + N
};

/// Each function adds its command to the program. When the user names the command, `chosen` becomes the function that
/// runs it and returns the exit code.
void add_append_command(CLI::App& program, std::function<int()>& chosen);
void add_blame_command(CLI::App& program, std::function<int()>& chosen);
void add_diff_command(CLI::App& program, std::function<int()>& chosen);
void add_describe_command(CLI::App& program, std::function<int()>& chosen);  // hidden: for the build
void add_follow_command(CLI::App& program, std::function<int()>& chosen);
void add_hash_command(CLI::App& program, std::function<int()>& chosen);
void add_query_command(CLI::App& program, std::function<int()>& chosen);
void add_recover_command(CLI::App& program, std::function<int()>& chosen);
void add_replay_command(CLI::App& program, std::function<int()>& chosen);
void add_stats_command(CLI::App& program, std::function<int()>& chosen);
void add_verify_command(CLI::App& program, std::function<int()>& chosen);

}  // namespace audit_trail::cli
