#include "cli/program.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <utility>

namespace test {
namespace {

struct streams {
    int in;
    int out;
    int err;
};

int open_or_throw(std::string const& name, int flags) {
    int const file = ::open(name.c_str(), flags | O_CLOEXEC, 0600);
    if (file < 0) throw std::runtime_error("cannot open " + name);
    return file;
}

/// A fork would copy the page tables of this process, which are large under a sanitizer.
pid_t spawn(std::vector<std::string> const& command, streams const& to) {
    std::vector<char*> arguments;
    for (auto const& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t files;
    ::posix_spawn_file_actions_init(&files);
    ::posix_spawn_file_actions_adddup2(&files, to.in, STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&files, to.out, STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&files, to.err, STDERR_FILENO);
    sigset_t restored;
    ::sigemptyset(&restored);
    ::sigaddset(&restored, SIGPIPE);
    posix_spawnattr_t attributes;
    ::posix_spawnattr_init(&attributes);
    ::posix_spawnattr_setsigdefault(&attributes, &restored);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    pid_t child = -1;
    int const failed = ::posix_spawn(&child, arguments[0], &files, &attributes, arguments.data(), environ);
    ::posix_spawnattr_destroy(&attributes);
    ::posix_spawn_file_actions_destroy(&files);
    if (failed) throw std::runtime_error("cannot start " + command[0]);
    return child;
}

void await(pid_t child, outcome& result) {
    int status = 0;
    rusage used{};
    while (::wait4(child, &status, 0, &used) < 0) {
        if (errno != EINTR) throw std::runtime_error("no such child");
    }
    result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    result.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    result.max_resident_kilobytes = used.ru_maxrss;
}

outcome run_command(std::vector<std::string> const& command, std::string_view input) {
    scratch_directory const scratch;
    std::string const out = scratch.write("out", "");
    std::string const err = scratch.write("err", "");
    streams const to{open_or_throw(scratch.write("in", input), O_RDONLY), open_or_throw(out, O_WRONLY | O_APPEND),
                     open_or_throw(err, O_WRONLY | O_APPEND)};
    pid_t const child = spawn(command, to);
    for (int const file : {to.in, to.out, to.err}) ::close(file);
    outcome result;
    await(child, result);
    result.out = read_file(out);
    result.err = read_file(err);
    return result;
}

std::vector<std::string> command_of(std::vector<std::string> const& arguments) {
    std::vector<std::string> command{AUDIT_TRAIL_PROGRAM};
    command.insert(command.end(), arguments.begin(), arguments.end());
    return command;
}

void close_once(int& file) {
    if (file >= 0) ::close(std::exchange(file, -1));
}

}  // namespace

outcome run(std::vector<std::string> const& arguments, std::string_view input) {
    return run_command(command_of(arguments), input);
}

outcome run_shell(std::string const& line) {
    ::setenv("PROGRAM", AUDIT_TRAIL_PROGRAM, 1);
    return run_command({"/bin/sh", "-c", line}, {});
}

running_program::running_program(std::vector<std::string> const& arguments) {
    ::signal(SIGPIPE, SIG_IGN);
    int in[2];
    int out[2];
    if (::pipe2(in, O_CLOEXEC) != 0 || ::pipe2(out, O_CLOEXEC) != 0) throw std::runtime_error("no pipes");
    int const err = open_or_throw(scratch_.write("err", ""), O_WRONLY | O_APPEND);
    child_ = spawn(command_of(arguments), {in[0], out[1], err});
    for (int const file : {in[0], out[1], err}) ::close(file);
    input_ = in[1];
    output_ = out[0];
}

running_program::~running_program() {
    close_input();
    close_output();
    if (child_ < 0) return;
    ::kill(child_, SIGKILL);
    outcome ignored;
    await(child_, ignored);
}

bool running_program::write(std::string_view text) {
    while (!text.empty()) {
        ssize_t const count = ::write(input_, text.data(), text.size());
        if (count < 0) return false;
        text.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

void running_program::close_input() {
    close_once(input_);
}

bool running_program::input_is_blocking() const {
    std::ifstream about("/proc/" + std::to_string(child_) + "/fdinfo/0");
    int flags = O_NONBLOCK;
    for (std::string word; about >> word;) {
        if (word == "flags:") about >> std::oct >> flags;
    }
    return !(flags & O_NONBLOCK);
}

std::optional<std::string> running_program::read_line() {
    std::size_t newline;
    while ((newline = unread_.find('\n')) == std::string::npos) {
        char chunk[4096];
        ssize_t const count = ::read(output_, chunk, sizeof chunk);
        if (count <= 0) return std::nullopt;
        unread_.append(chunk, static_cast<std::size_t>(count));
    }
    std::string line = unread_.substr(0, newline);
    unread_.erase(0, newline + 1);
    return line;
}

bool running_program::has_output() const {
    pollfd asked{output_, POLLIN, 0};
    return !unread_.empty() || ::poll(&asked, 1, 0) > 0;
}

void running_program::close_output() {
    close_once(output_);
}

void running_program::signal(int number) {
    ::kill(child_, number);
}

outcome running_program::wait() {
    outcome result;
    await(std::exchange(child_, -1), result);
    result.err = read_file(scratch_.path() / "err");
    return result;
}

std::vector<std::string> lines_of(std::string_view text) {
    std::vector<std::string> lines;
    for (std::size_t newline; (newline = text.find('\n')) != std::string_view::npos;) {
        lines.emplace_back(text.substr(0, newline));
        text.remove_prefix(newline + 1);
    }
    return lines;
}

}  // namespace test
