#include "reader/cursor_budget.hpp"

#include <algorithm>
#include <cerrno>

#include "reader/segment_cursor.hpp"

namespace audit_trail::reading {

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
    bool const no_more_files = storage::is_errno(ec, EMFILE) || storage::is_errno(ec, ENFILE);
    if (!no_more_files || files_.empty()) return false;
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
