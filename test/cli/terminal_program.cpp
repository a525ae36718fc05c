#include "cli/terminal_program.hpp"

#include <pty.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <stdexcept>
#include <utility>

namespace test {
namespace {

std::vector<char*> pointers_to(std::vector<std::string>& words) {
    std::vector<char*> pointers;
    for (auto& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    return pointers;
}

}  // namespace

terminal_program::terminal_program(std::vector<std::string> const& arguments, terminal_settings const& settings) {
    std::vector<std::string> command{AUDIT_TRAIL_PROGRAM};
    command.insert(command.end(), arguments.begin(), arguments.end());
    // The first variable of a name is effective.
    std::vector<std::string> variables = settings.variables;
    variables.push_back("TERM=xterm");
    auto const names_pager = [](std::string const& variable) { return variable.find("PAGER=") != variable.npos; };
    if (std::ranges::none_of(variables, names_pager)) variables.push_back("AUDIT_TRAIL_PAGER=");
    auto const words = pointers_to(command);
    auto const environment = pointers_to(variables);

    winsize const size{24, settings.columns, 0, 0};
    child_ = ::forkpty(&terminal_, nullptr, nullptr, &size);
    if (child_ < 0) throw std::runtime_error("no pseudo-terminal");
    if (child_ > 0) return;
    ::signal(SIGPIPE, SIG_DFL);
    ::execve(words[0], words.data(), environment.data());
    ::_exit(127);
}

terminal_program::~terminal_program() {
    ::close(terminal_);
    if (child_ < 0) return;
    ::kill(child_, SIGKILL);
    wait();
}

std::string terminal_program::read_until(std::string_view text) {
    std::string all;
    char chunk[4096];
    for (ssize_t count; (count = ::read(terminal_, chunk, sizeof chunk)) > 0;) {
        all.append(chunk, static_cast<std::size_t>(count));
        // The terminal turns each newline into a carriage return and a newline.
        std::erase(all, '\r');
        if (!text.empty() && all.find(text) != std::string::npos) break;
    }
    return all;
}

void terminal_program::type(std::string_view keys) {
    if (::write(terminal_, keys.data(), keys.size()) < 0) throw std::runtime_error("the terminal is gone");
}

int terminal_program::wait() {
    int status = 0;
    ::waitpid(std::exchange(child_, -1), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace test
