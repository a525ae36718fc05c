#include "terminal.hpp"

#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <utility>

namespace audit_trail::cli {
namespace {

constexpr std::size_t usual_width = 80;
constexpr std::size_t largest_width = 10'000;

/// 0 when COLUMNS is not set to a width.
std::size_t width_of_variable() {
    std::string_view const text = variable("COLUMNS");
    std::size_t width = 0;
    auto const [end, failure] = std::from_chars(text.data(), text.data() + text.size(), width);
    bool const is_width = failure == std::errc() && end == text.data() + text.size() && width <= largest_width;
    return is_width ? width : 0;
}

std::size_t width_of_terminal(int descriptor) {
    winsize size{};
    return ::ioctl(descriptor, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

void write_to_terminal(std::string const& text) {
    std::fwrite(text.data(), 1, text.size(), stderr);
    std::fflush(stderr);
}

volatile sig_atomic_t resets_colour = 0;
volatile sig_atomic_t progress_width = 0;
volatile sig_atomic_t pager_process = 0;

// These functions run in a signal handler: only async-signal-safe calls.
void write_text(int descriptor, std::string_view text) noexcept {
    static_cast<void>(!::write(descriptor, text.data(), text.size()));
}

void clear_progress() noexcept {
    if (progress_width == 0) return;
    write_text(STDERR_FILENO, "\r");
    for (int column = 0; column != progress_width; ++column) write_text(STDERR_FILENO, " ");
    write_text(STDERR_FILENO, "\r");
}

void await_pager() noexcept {
    if (pager_process == 0) return;
    ::close(STDOUT_FILENO);
    while (::waitpid(pager_process, nullptr, 0) < 0 && errno == EINTR) continue;
}

extern "C" void clean_up_and_end(int number) {
    clear_progress();
    if (resets_colour) write_text(STDOUT_FILENO, "\x1b[0m");
    await_pager();
    ::raise(number);  // the default action: SA_RESETHAND
}

}  // namespace

std::string_view variable(char const* name) {
    char const* const value = std::getenv(name);
    return value ? value : "";
}

display display_of(int descriptor, display_settings const& settings) {
    display found;
    found.zone = settings.zone;
    found.is_terminal = ::isatty(descriptor) == 1;
    bool const is_wanted = found.is_terminal && variable("NO_COLOR").empty() && variable("TERM") != "dumb";
    found.has_colour = settings.colour == colour_mode::automatic ? is_wanted : settings.colour == colour_mode::always;
    if (!found.is_terminal) return found;
    found.width = usual_width;
    for (std::size_t const width : {width_of_terminal(descriptor), width_of_variable()}) {
        if (width != 0) found.width = width;
    }
    return found;
}

std::string styled(std::string_view text, text_style style, bool has_colour) {
    constexpr std::string_view codes[] = {"", "1", "2", "31", "32", "33", "36"};
    if (!has_colour || style == text_style::plain) return std::string(text);
    std::string out = "\x1b[";
    out.append(codes[static_cast<std::size_t>(style)]).append("m").append(text).append("\x1b[0m");
    return out;
}

std::optional<std::string> progress_clock::update(read_report const& so_far, time_point now) {
    if (now < due_) return std::nullopt;
    due_ = now + delay;
    return "read " + byte_count(so_far.bytes) + ", " + std::to_string(so_far.lines) + " lines";
}

progress_line::progress_line()
    : display_(display_of(STDERR_FILENO)),
      clock_(std::chrono::steady_clock::now()),
      is_enabled_(display_.is_terminal) {}

void progress_line::show(read_report const& so_far) {
    if (!is_enabled_) return;
    auto text = clock_.update(so_far, std::chrono::steady_clock::now());
    if (!text) return;
    // The last column stays free: some terminals begin a new line there.
    *text = cut_to_width(*text, display_.width - 1);
    clear();
    shown_width_ = text_width(*text);
    set_progress_width(shown_width_);
    write_to_terminal(*text);
}

void progress_line::clear() {
    std::size_t const width = std::exchange(shown_width_, 0);
    if (width != 0) write_to_terminal('\r' + std::string(width, ' ') + '\r');
    set_progress_width(0);
}

void end_on_signals(bool has_colour) {
    resets_colour = has_colour;
    for (int const number : {SIGINT, SIGTERM, SIGHUP}) {
        if (is_ignored(number)) continue;
        struct sigaction action {};
        action.sa_handler = clean_up_and_end;
        action.sa_flags = static_cast<int>(SA_RESETHAND | SA_NODEFER);
        ::sigaction(number, &action, nullptr);
    }
}

void set_pager(pid_t process) noexcept {
    pager_process = process;
}

bool is_ignored(int signal) {
    struct sigaction current {};
    return ::sigaction(signal, nullptr, &current) == 0 && current.sa_handler == SIG_IGN;
}

void set_progress_width(std::size_t columns) noexcept {
    progress_width = static_cast<sig_atomic_t>(columns);
}

void end_by_signal(int number) noexcept {
    ::signal(number, SIG_DFL);
    ::raise(number);
}

}  // namespace audit_trail::cli
