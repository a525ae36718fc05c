#include "pager.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>
#include <utility>

#include "output.hpp"
#include "terminal.hpp"

namespace audit_trail::cli {
namespace {

constexpr char less_or_cat[] = "command -v less >/dev/null || exec cat; exec less";
constexpr int not_found = 127;  // exit code of the shell

/// Returns an empty text if no pager is wanted.
std::string command_of_user() {
    if (variable("TERM") == "dumb") return {};
    for (auto const* const name : {"AUDIT_TRAIL_PAGER", "PAGER"}) {
        if (std::getenv(name) == nullptr) continue;
        auto const command = variable(name);
        return command == "cat" ? std::string() : std::string(command);
    }
    return less_or_cat;
}

/// Runs a command of the shell with this standard input. Returns 0 if it cannot be run.
pid_t run_shell(std::string const& command, int input) {
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
    // The program ignores SIGPIPE; the pager must not.
    posix_spawnattr_t attributes;
    ::posix_spawnattr_init(&attributes);
    sigset_t defaults;
    ::sigemptyset(&defaults);
    ::sigaddset(&defaults, SIGPIPE);
    ::posix_spawnattr_setsigdefault(&attributes, &defaults);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);

    char const* const words[] = {"sh", "-c", command.c_str(), nullptr};
    pid_t process = 0;
    int const failure =
        ::posix_spawn(&process, "/bin/sh", &actions, &attributes, const_cast<char* const*>(words), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    ::posix_spawnattr_destroy(&attributes);
    return failure == 0 ? process : 0;
}

}  // namespace

void pager::start() {
    std::string const command = command_of_user();
    int ends[2];
    if (command.empty() || ::pipe2(ends, O_CLOEXEC) != 0) return;
    // As git does: less ends if the text fits the screen, shows colours, and leaves the text on the screen.
    ::setenv("LESS", "FRX", /*overwrite=*/0);
    process_ = run_shell(command, ends[0]);
    ::close(ends[0]);
    if (is_running()) {
        terminal_ = ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
        ::dup2(ends[1], STDOUT_FILENO);
        set_pager(process_);
    }
    ::close(ends[1]);
}

bool pager::close() {
    if (!is_running()) return true;
    ::dup2(terminal_, STDOUT_FILENO);
    ::close(std::exchange(terminal_, -1));
    int status = 0;
    while (::waitpid(process_, &status, 0) < 0 && errno == EINTR) continue;
    set_pager(0);  // until now, a signal that is meant for the pager must not end the program before it
    process_ = 0;
    if (status == 0) return true;
    bool const is_missing = WIFEXITED(status) && WEXITSTATUS(status) == not_found;
    std::string const why = is_missing          ? "cannot be run"
                            : WIFEXITED(status) ? "failed with status " + std::to_string(WEXITSTATUS(status))
                                                : "was ended by signal " + std::to_string(WTERMSIG(status));
    report("audit-trail: the pager '" + command_of_user() + "' " + why +
           "; set AUDIT_TRAIL_PAGER or PAGER, or use --no-pager");
    return false;
}

}  // namespace audit_trail::cli
