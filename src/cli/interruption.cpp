#include "cli/interruption.hpp"

#include <signal.h>
#include <unistd.h>

#include <string_view>

#include "cli/exit_code.hpp"

namespace audit_trail::cli {
namespace {

volatile sig_atomic_t resets_colour = 0;

extern "C" void exit_by_signal(int number) {
    constexpr std::string_view plain = "\x1b[0m";
    if (resets_colour) static_cast<void>(!::write(STDOUT_FILENO, plain.data(), plain.size()));
    ::_exit(exit_code::by_signal + number);
}

}  // namespace

void exit_on_signals(bool has_colour) {
    resets_colour = has_colour;
    for (int const number : {SIGINT, SIGTERM, SIGHUP}) {
        struct sigaction action {};
        ::sigaction(number, nullptr, &action);
        if (action.sa_handler == SIG_IGN) continue;
        action = {};
        action.sa_handler = exit_by_signal;
        ::sigaction(number, &action, nullptr);
    }
}

}  // namespace audit_trail::cli
