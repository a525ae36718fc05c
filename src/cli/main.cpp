#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <functional>
#include <string>

#include "cli/append_command.hpp"
#include "cli/command_line.hpp"
#include "cli/exit_code.hpp"
#include "cli/follow_command.hpp"
#include "cli/interruption.hpp"
#include "cli/message.hpp"
#include "cli/query_command.hpp"
#include "cli/recover_command.hpp"
#include "cli/replay_command.hpp"
#include "cli/stats_command.hpp"
#include "cli/verify_command.hpp"

namespace {

using namespace audit_trail::cli;

/// A file of the trail must never get the number of a standard stream that the caller had closed. The stand-ins are
/// open the wrong way round, so that using them is an error as before.
void occupy_standard_descriptors() {
    for (int const wanted : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (::fcntl(wanted, F_GETFD) >= 0) continue;
        if (::open("/dev/null", wanted == STDIN_FILENO ? O_WRONLY : O_RDONLY) != wanted) std::_Exit(exit_code::failed);
    }
}

/// Help goes to standard output; everything else is wrong usage.
int end_parsing(CLI::App& program, CLI::ParseError const& reason) {
    if (reason.get_exit_code() == 0) return program.exit(reason);
    report("audit-trail: " + explain(program, reason));
    report("Try 'audit-trail --help' or 'audit-trail COMMAND --help'.");
    return exit_code::usage;
}

int run(int argc, char** argv) {
    std::function<int()> chosen;
    CLI::App program("Acknowledged, append-only audit trails", "audit-trail");
    program.set_version_flag("--version", AUDIT_TRAIL_VERSION);
    program.require_subcommand(1);
    add_append_command(program, chosen);
    add_follow_command(program, chosen);
    add_query_command(program, chosen);
    add_recover_command(program, chosen);
    add_replay_command(program, chosen);
    add_stats_command(program, chosen);
    add_verify_command(program, chosen);
    try {
        program.parse(arguments_for(program, argc, argv));
    } catch (CLI::ParseError const& reason) {
        return end_parsing(program, reason);
    }
    return chosen();
}

}  // namespace

int main(int argc, char** argv) {
    occupy_standard_descriptors();
    std::signal(SIGPIPE, SIG_IGN);
    try {
        int const code = run(argc, argv);
        if (code > exit_code::by_signal) end_by_signal(code - exit_code::by_signal);
        return code;
    } catch (std::exception const& failure) {
        report(std::string("audit-trail: ") + failure.what());
        return exit_code::failed;
    }
}
