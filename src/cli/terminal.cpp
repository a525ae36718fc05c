#include "cli/terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <string_view>

namespace audit_trail::cli {
namespace {

constexpr std::size_t usual_width = 80;
constexpr std::size_t largest_width = 10'000;

std::string_view variable(char const* name) {
    char const* const value = std::getenv(name);
    return value ? value : "";
}

/// 0 when it says nothing.
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

}  // namespace

display display_of(int descriptor) {
    display found;
    found.is_terminal = ::isatty(descriptor) == 1;
    found.has_colour = found.is_terminal && variable("NO_COLOR").empty() && variable("TERM") != "dumb";
    if (!found.is_terminal) return found;
    found.width = usual_width;
    for (std::size_t const width : {width_of_terminal(descriptor), width_of_variable()}) {
        if (width != 0) found.width = width;
    }
    return found;
}

}  // namespace audit_trail::cli
