#include "cli/progress_line.hpp"

#include <unistd.h>

#include <cstdio>
#include <utility>

#include "cli/byte_count.hpp"
#include "cli/interruption.hpp"
#include "cli/text_width.hpp"

namespace audit_trail::cli {
namespace {

void write_to_terminal(std::string const& text) {
    std::fwrite(text.data(), 1, text.size(), stderr);
    std::fflush(stderr);
}

}  // namespace

std::optional<std::string> progress_clock::update(read_report const& so_far, time_point now) {
    if (now < due_) return std::nullopt;
    due_ = now + delay;
    return "read " + byte_count(so_far.bytes) + ", " + std::to_string(so_far.lines) + " lines";
}

progress_line::progress_line() : display_(display_of(STDERR_FILENO)), clock_(std::chrono::steady_clock::now()) {}

void progress_line::show(read_report const& so_far) {
    if (!display_.is_terminal) return;
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

}  // namespace audit_trail::cli
