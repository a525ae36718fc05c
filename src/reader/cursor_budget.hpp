/// \file
/// How many files and bytes the cursors of one reader hold together. Those that were used least recently give theirs up
/// for others, and get them back when they are read again.
#pragma once

#include <audit_trail/error.hpp>
#include <boost/intrusive/list.hpp>
#include <cstddef>

namespace audit_trail::reading {

class segment_cursor;

namespace intrusive = boost::intrusive;

using open_file_hook = intrusive::list_base_hook<intrusive::tag<struct open_file_tag>>;
using buffer_hook = intrusive::list_base_hook<intrusive::tag<struct buffer_tag>>;

class cursor_budget {
 public:
    cursor_budget(std::size_t max_files, std::size_t max_bytes) noexcept
        : max_files_(max_files), max_bytes_(max_bytes) {}

    /// How much each of so many cursors reads at once: little enough that all have a buffer. Where buffers must go,
    /// each turn of a merge finds that the buffer it needs is the one that went.
    std::size_t chunk_for(std::size_t cursors) const noexcept;

    /// The cursor is about to read its file, or to open it: others close theirs to make room.
    void use_file(segment_cursor& cursor);
    void forget_file(segment_cursor& cursor);

    /// When `ec` says that the process or the system has no more files: all cursors close theirs. True when there were
    /// any, so that another try may succeed.
    bool make_way(error_code const& ec);

    /// The cursor's buffer is about to have `bytes` instead of `before`.
    void use_buffer(segment_cursor& cursor, std::size_t before, std::size_t bytes);
    void forget_buffer(segment_cursor& cursor, std::size_t bytes);

 private:
    using file_list = intrusive::list<segment_cursor, intrusive::base_hook<open_file_hook>>;
    using buffer_list = intrusive::list<segment_cursor, intrusive::base_hook<buffer_hook>>;

    std::size_t max_files_;
    std::size_t max_bytes_;
    std::size_t bytes_ = 0;
    file_list files_;      // the least recently used first
    buffer_list buffers_;  // likewise
};

}  // namespace audit_trail::reading
