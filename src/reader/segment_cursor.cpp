#include "reader/segment_cursor.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace audit_trail::reading {
namespace {

constexpr std::size_t first_backward_bytes = 4096;

}  // namespace

segment_cursor::segment_cursor(storage::file_system& system, storage::file_handle root, cursor_budget& budget,
                               settings const& values)
    : system_(system), root_(root), budget_(budget), settings_(values) {}

segment_cursor::~segment_cursor() {
    close();
}

void segment_cursor::open(std::string path, error_code& ec) {
    close_file();
    path_ = std::move(path);
    begin_ = next_ = end_ = 0;
    backward_bytes_ = first_backward_bytes;
    forget_bytes();
    torn_.reset();
    refresh(ec);
}

void segment_cursor::close() {
    close_file();
    drop_buffer();
    path_.clear();
}

void segment_cursor::refresh(error_code& ec) {
    open_file(ec);
    if (!ec) end_ = system_.status(file_.get(), ec).size;
    if (torn_) next_ = *torn_;
    torn_.reset();
    forget_bytes();
}

stretch segment_cursor::next(error_code& ec) {
    ec = {};
    begin_ = next_;
    line_ = {};
    if (begin_ >= end_) return stretch::none;
    std::string_view const text = buffered(begin_);
    auto const newline = text.find('\n');
    if (newline == text.npos) return find_line_end(text.size(), ec);
    next_ = begin_ + newline + 1;
    line_ = text.substr(0, newline);
    return newline <= settings_.max_line_bytes ? stretch::line : stretch::too_long;
}

/// Requires: `searched` bytes are buffered and hold no newline.
stretch segment_cursor::find_line_end(std::size_t searched, error_code& ec) {
    while (begin_ + searched < end_) {
        if (searched > settings_.max_line_bytes) return pass_long_line(begin_ + searched, ec);
        load(begin_, std::max(2 * searched, settings_.chunk_bytes), ec);
        if (ec) return stretch::none;
        auto const newline = buffered(begin_).find('\n', searched);
        if (newline != std::string_view::npos) {
            next_ = begin_ + newline + 1;
            return newline <= settings_.max_line_bytes ? stretch::line : stretch::too_long;
        }
        searched = buffered(begin_).size();
    }
    next_ = end_;
    if (searched == 0) return stretch::none;
    torn_ = begin_;
    return stretch::torn;
}

stretch segment_cursor::pass_long_line(std::uint64_t from, error_code& ec) {
    while (from < end_) {
        load(from, settings_.chunk_bytes, ec);
        if (ec) return stretch::none;
        auto const newline = buffered(from).find('\n');
        if (newline != std::string_view::npos) {
            next_ = from + newline + 1;
            return stretch::too_long;
        }
        from += buffered(from).size();
    }
    next_ = end_;
    torn_ = begin_;
    return stretch::torn;
}

stretch segment_cursor::previous(error_code& ec) {
    ec = {};
    line_ = {};
    bool is_torn = false;
    std::uint64_t line_begin = 0;
    // A writer may cut back uncommitted lines after the file was measured. The lines before them are still there.
    do {
        begin_ = next_ = std::min(begin_, end_);
        if (next_ == 0) return stretch::none;
        if (buffered_before(next_).empty()) load_before(next_, ec);
        if (ec) return stretch::none;
        if (was_cut()) continue;
        is_torn = buffered_before(next_).back() != '\n';
        line_begin = line_begin_before(is_torn ? next_ : next_ - 1, ec);
        if (ec) return stretch::none;
    } while (was_cut());
    begin_ = line_begin;
    if (is_torn) return stretch::torn;
    auto const length = next_ - begin_ - 1;
    if (length > settings_.max_line_bytes) return stretch::too_long;
    auto const text = buffered(begin_);
    if (text.size() >= length) line_ = text.substr(0, static_cast<std::size_t>(length));
    return stretch::line;
}

/// Returns the offset after the last newline in [0, end); 0 if there is none, or if the file was cut short.
std::uint64_t segment_cursor::line_begin_before(std::uint64_t end, error_code& ec) {
    while (end > 0) {
        if (buffered_before(end).empty()) load_before(end, ec);
        if (ec || was_cut()) return 0;
        std::string_view const text = buffered_before(end);
        auto const newline = text.rfind('\n');
        if (newline != text.npos) return end - text.size() + newline + 1;
        end -= text.size();
    }
    return 0;
}

/// Buffers bytes before `end`. Up to the maximum length of a line, the bytes from `end` to `next_` stay buffered.
void segment_cursor::load_before(std::uint64_t end, error_code& ec) {
    std::uint64_t const passed = next_ - end;
    bool const may_be_line = passed <= settings_.max_line_bytes;
    std::uint64_t const until = may_be_line ? next_ : end;
    std::size_t const least = std::min(backward_bytes_, settings_.chunk_bytes);
    auto const count = std::min<std::uint64_t>(until, may_be_line ? std::max<std::uint64_t>(2 * passed, least) : least);
    backward_bytes_ = std::min(2 * backward_bytes_, settings_.chunk_bytes);
    load(until - count, static_cast<std::size_t>(count), ec);
}

std::string_view segment_cursor::load_line(error_code& ec) {
    return bytes_of_stretch(static_cast<std::size_t>(next_ - begin_ - 1), ec);
}

std::string_view segment_cursor::beginning(std::size_t bytes, error_code& ec) {
    return bytes_of_stretch(static_cast<std::size_t>(std::min<std::uint64_t>(bytes, next_ - begin_)), ec);
}

std::string_view segment_cursor::following(std::size_t bytes, error_code& ec) {
    ec = {};
    bytes = static_cast<std::size_t>(std::min<std::uint64_t>(bytes, end_ - next_));
    if (buffered(next_).size() < bytes) {
        auto const stretch_bytes = static_cast<std::size_t>(next_ - begin_);
        load(begin_, std::max(stretch_bytes + bytes, settings_.chunk_bytes), ec);
    }
    return ec ? std::string_view() : buffered(next_).substr(0, bytes);
}

std::string_view segment_cursor::bytes_of_stretch(std::size_t count, error_code& ec) {
    ec = {};
    std::string_view const text = buffered(begin_);
    if (text.size() >= count) return text.substr(0, count);
    load(begin_, std::max(count, settings_.chunk_bytes), ec);
    // The file was cut short since `next` measured it.
    if (!ec && buffered(begin_).size() < count) ec = {EIO, boost::system::system_category()};
    return ec ? std::string_view() : buffered(begin_).substr(0, count);
}

std::string_view segment_cursor::buffered(std::uint64_t from) const noexcept {
    if (from < buffered_from_ || from - buffered_from_ >= filled_) return {};
    auto const skipped = static_cast<std::size_t>(from - buffered_from_);
    return {buffer_.get() + skipped, filled_ - skipped};
}

std::string_view segment_cursor::buffered_before(std::uint64_t end) const noexcept {
    if (end <= buffered_from_ || end - buffered_from_ > filled_) return {};
    return {buffer_.get(), static_cast<std::size_t>(end - buffered_from_)};
}

/// Buffers `count` bytes, or fewer if the file ends before.
void segment_cursor::load(std::uint64_t from, std::size_t count, error_code& ec) {
    count = static_cast<std::size_t>(std::min<std::uint64_t>(count, end_ - from));
    make_room(from, count);
    open_file(ec);
    if (ec) return;
    std::span<char> const rest(buffer_.get() + filled_, count - filled_);
    filled_ += storage::read_fully_at(system_, file_.get(), from + filled_, rest, ec);
    if (!ec && filled_ < count) end_ = from + filled_;
}

/// Provides a buffer of at least `count` bytes. Moves bytes that are already buffered to its beginning.
void segment_cursor::make_room(std::uint64_t from, std::size_t count) {
    std::string_view const kept = buffered(from).substr(0, count);
    bool const is_far_too_large = capacity_ > 2 * settings_.chunk_bytes && count <= settings_.chunk_bytes;
    std::size_t const capacity = capacity_ < count || is_far_too_large ? count : capacity_;
    budget_.use_buffer(*this, capacity_, capacity);
    if (capacity != capacity_) {
        auto larger = std::make_unique_for_overwrite<char[]>(capacity);
        std::ranges::copy(kept, larger.get());
        buffer_ = std::move(larger);
        capacity_ = capacity;
    } else if (!kept.empty()) {
        std::memmove(buffer_.get(), kept.data(), kept.size());
    }
    filled_ = kept.size();
    buffered_from_ = from;
    line_ = {};
    ++loads_;
}

void segment_cursor::forget_bytes() noexcept {
    filled_ = 0;
    line_ = {};
}

void segment_cursor::open_file(error_code& ec) {
    ec = {};
    budget_.use_file(*this);
    if (file_) return;
    do {
        file_ = storage::owned_file(system_, system_.open_file(root_, path_.c_str(), storage::open_mode::read, ec));
    } while (budget_.make_way(ec));
    if (ec) return budget_.forget_file(*this);
    budget_.use_file(*this);
}

void segment_cursor::close_file() noexcept {
    budget_.forget_file(*this);
    file_.reset();
}

void segment_cursor::drop_buffer() noexcept {
    budget_.forget_buffer(*this, capacity_);
    buffer_.reset();
    capacity_ = 0;
    forget_bytes();
    ++loads_;
}

std::size_t cursor_budget::chunk_for(std::size_t cursors) const noexcept {
    constexpr std::size_t smallest = 512;
    constexpr std::size_t largest = 256 * 1024;
    return std::clamp(max_bytes_ / std::max<std::size_t>(cursors, 1), smallest, largest);
}

void cursor_budget::use_file(segment_cursor& cursor) {
    if (static_cast<open_file_hook&>(cursor).is_linked()) files_.erase(files_.iterator_to(cursor));
    while (!files_.empty() && files_.size() >= max_files_) files_.front().close_file();
    files_.push_back(cursor);
}

void cursor_budget::forget_file(segment_cursor& cursor) {
    if (static_cast<open_file_hook&>(cursor).is_linked()) files_.erase(files_.iterator_to(cursor));
}

bool cursor_budget::make_way(error_code const& ec) {
    if (!storage::is_out_of_descriptors(ec) || files_.empty()) return false;
    while (!files_.empty()) files_.front().close_file();
    return true;
}

void cursor_budget::use_buffer(segment_cursor& cursor, std::size_t before, std::size_t bytes) {
    forget_buffer(cursor, before);
    while (!buffers_.empty() && bytes_ + bytes > max_bytes_) buffers_.front().drop_buffer();
    buffers_.push_back(cursor);
    bytes_ += bytes;
}

void cursor_budget::forget_buffer(segment_cursor& cursor, std::size_t bytes) {
    if (!static_cast<buffer_hook&>(cursor).is_linked()) return;
    buffers_.erase(buffers_.iterator_to(cursor));
    bytes_ -= bytes;
}

}  // namespace audit_trail::reading
