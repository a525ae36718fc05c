#include "line_source.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace audit_trail::cli {
namespace {

constexpr std::size_t read_bytes = 64 * 1024;
constexpr std::string_view standard_input = "-";

std::vector<std::string> or_standard_input(std::vector<std::string> files) {
    if (files.empty()) files.emplace_back(standard_input);
    return files;
}

bool is_readable(int descriptor) noexcept {
    pollfd asked{descriptor, POLLIN, 0};
    return ::poll(&asked, 1, 0) != 0;
}

}  // namespace

line_source::line_source(std::vector<std::string> files, std::size_t max_line_bytes)
    : files_(or_standard_input(std::move(files))), max_line_bytes_(max_line_bytes) {}

line_source::~line_source() {
    close_input();
}

std::string line_source::name_of(std::size_t input) const {
    return files_[input] == standard_input ? "<stdin>" : files_[input];
}

line_source::step line_source::next() {
    if (input_ == files_.size()) return step::end;
    if (descriptor_ < 0) return open_input();

    std::size_t const newline = buffer_.find('\n', taken_ + searched_);
    if (newline != std::string::npos) return take_line(newline - taken_, 1);

    searched_ = buffer_.size() - taken_;
    if (at_end_) return end_input();
    return read_more();
}

line_source::step line_source::open_input() {
    line_number_ = 0;
    bool const is_standard = files_[input_] == standard_input;
    // Without O_NONBLOCK, opening a FIFO that has no writer would block the event loop.
    descriptor_ = is_standard ? STDIN_FILENO : ::open(files_[input_].c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    return descriptor_ < 0 ? fail(errno) : step::progress;
}

line_source::step line_source::read_more() {
    if (!is_readable(descriptor_)) return step::wait;

    buffer_.erase(0, taken_);
    taken_ = 0;
    if (skipping_ || buffer_.size() > max_line_bytes_) {
        skipping_ = true;
        buffer_.clear();
        searched_ = 0;
    }

    std::size_t const held = buffer_.size();
    buffer_.resize(held + read_bytes);
    ssize_t const count = ::read(descriptor_, buffer_.data() + held, read_bytes);
    int const number = errno;
    buffer_.resize(held + (count > 0 ? static_cast<std::size_t>(count) : 0));
    if (count < 0) {
        bool const nothing_yet = number == EAGAIN || number == EINTR;
        return nothing_yet ? step::progress : fail(number);
    }
    at_end_ = count == 0;
    return step::progress;
}

line_source::step line_source::take_line(std::size_t size, std::size_t newline_size) {
    bool const too_long = std::exchange(skipping_, false) || size > max_line_bytes_;
    line_ = std::string_view(buffer_).substr(taken_, size);
    taken_ += size + newline_size;
    searched_ = 0;
    ++line_number_;
    return too_long ? step::too_long : step::line;
}

/// The bytes after the last newline are a line, too.
line_source::step line_source::end_input() {
    std::size_t const rest = buffer_.size() - taken_;
    if (rest != 0 || skipping_) return take_line(rest, 0);
    close_input();
    ++input_;
    return step::progress;
}

line_source::step line_source::fail(int number) {
    failure_ = name_of(input_) + ": " + std::generic_category().message(number);
    close_input();
    ++input_;
    return step::failed;
}

void line_source::close_input() noexcept {
    if (descriptor_ > STDIN_FILENO) ::close(descriptor_);
    descriptor_ = -1;
    at_end_ = false;
    skipping_ = false;
    buffer_.clear();
    taken_ = 0;
    searched_ = 0;
}

}  // namespace audit_trail::cli
