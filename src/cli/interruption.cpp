#include "cli/interruption.hpp"

#include <signal.h>
#include <unistd.h>

#include <string_view>

namespace audit_trail::cli {
namespace {

volatile sig_atomic_t resets_colour = 0;
volatile sig_atomic_t progress_width = 0;

void write_text(int descriptor, std::string_view text) noexcept {
    static_cast<void>(!::write(descriptor, text.data(), text.size()));
}

void clear_progress() noexcept {
    if (progress_width == 0) return;
    write_text(STDERR_FILENO, "\r");
    for (int column = 0; column != progress_width; ++column) write_text(STDERR_FILENO, " ");
    write_text(STDERR_FILENO, "\r");
}

extern "C" void clean_up_and_end(int number) {
    clear_progress();
    if (resets_colour) write_text(STDOUT_FILENO, "\x1b[0m");
    ::raise(number);  // the default action: SA_RESETHAND
}

}  // namespace

void end_on_signals(bool has_colour) {
    resets_colour = has_colour;
    for (int const number : {SIGINT, SIGTERM, SIGHUP}) {
        struct sigaction action {};
        ::sigaction(number, nullptr, &action);
        if (action.sa_handler == SIG_IGN) continue;
        action = {};
        action.sa_handler = clean_up_and_end;
        action.sa_flags = static_cast<int>(SA_RESETHAND | SA_NODEFER);
        ::sigaction(number, &action, nullptr);
    }
}

void set_progress_width(std::size_t columns) noexcept {
    progress_width = static_cast<sig_atomic_t>(columns);
}

void end_by_signal(int number) noexcept {
    ::signal(number, SIG_DFL);
    ::raise(number);
}

}  // namespace audit_trail::cli
