/// \file
/// Reads a segment line by line, forwards or backwards, in bounded memory for any content of the file.
#pragma once

#include <algorithm>
#include <audit_trail/error.hpp>
#include <boost/intrusive/list.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "system/file_operations.hpp"

namespace audit_trail::reading {

namespace intrusive = boost::intrusive;

class segment_cursor;

using open_file_hook = intrusive::list_base_hook<intrusive::tag<struct open_file_tag>>;
using buffer_hook = intrusive::list_base_hook<intrusive::tag<struct buffer_tag>>;

/// Limits the number of open files and of buffered bytes of all cursors of a reader. The least recently used cursor
/// loses its file or buffer, and gets a new one when it is read again.
class cursor_budget {
 public:
    cursor_budget(std::size_t max_files, std::size_t max_bytes) noexcept
        : max_files_(max_files), max_bytes_(max_bytes) {}

    /// Returns the number of bytes that each of `cursors` cursors should read at once, so that all cursors can keep a
    /// buffer. Otherwise a merge would evict each buffer just before it is needed.
    std::size_t chunk_for(std::size_t cursors) const noexcept;

    /// Called before the cursor reads or opens its file. Closes the files of other cursors to make room.
    void use_file(segment_cursor& cursor);
    void forget_file(segment_cursor& cursor);

    /// If `ec` says that descriptors ran out, closes the files of all cursors. Returns true if any file was closed:
    /// then another attempt may succeed.
    bool make_way(error_code const& ec);

    /// Called before the size of the cursor's buffer changes from `before` to `bytes`.
    void use_buffer(segment_cursor& cursor, std::size_t before, std::size_t bytes);
    void forget_buffer(segment_cursor& cursor, std::size_t bytes);

 private:
    using file_list = intrusive::list<segment_cursor, intrusive::base_hook<open_file_hook>>;
    using buffer_list = intrusive::list<segment_cursor, intrusive::base_hook<buffer_hook>>;

    std::size_t max_files_;
    std::size_t max_bytes_;
    std::size_t bytes_ = 0;
    file_list files_;      // least recently used first
    buffer_list buffers_;  // least recently used first
};

/// The kind of bytes at the cursor's position.
enum class stretch {
    line,      ///< a line with its newline
    too_long,  ///< a line that is longer than `max_line_bytes`
    torn,      ///< the bytes after the last newline
    none       ///< the end of the file, or an error
};

/// Reads the file up to the size that it had when it was opened. The budget may take away file and buffer between two
/// calls; then the file is opened again by its name.
class segment_cursor : public open_file_hook, public buffer_hook {
 public:
    struct settings {
        std::size_t chunk_bytes;     ///< read at once
        std::size_t max_line_bytes;  ///< without the newline
    };

    segment_cursor(storage::file_system& system, storage::file_handle root, cursor_budget& budget,
                   settings const& values);
    ~segment_cursor();
    segment_cursor(segment_cursor const&) = delete;
    segment_cursor& operator=(segment_cursor const&) = delete;

    /// Closes the current segment and opens another. The path is relative to the root.
    void open(std::string path, error_code& ec);
    void close();
    bool is_open() const noexcept { return !path_.empty(); }

    /// Includes what was appended since the file was opened. A torn stretch is read again.
    void refresh(error_code& ec);

    /// The next call of `next` reads from `offset`, which must be the beginning of a line.
    void seek(std::uint64_t offset) noexcept { next_ = offset; }

    stretch next(error_code& ec);

    /// The next call of `previous` moves to the stretch that ends at `offset`, or to the last stretch.
    void seek_before(std::uint64_t offset) noexcept { begin_ = std::min(offset, end_); }

    /// Moves to the stretch before the current one; `none` at the beginning of the file. Only the last stretch can be
    /// torn. The first loads are small, because a caller may need only the last lines.
    stretch previous(error_code& ec);

    /// The current line without its newline. Valid until a cursor of the same budget loads bytes.
    std::string_view line(error_code& ec) {
        if (!line_.data()) return load_line(ec);
        ec = {};
        return line_;
    }

    /// At most the first `bytes` bytes of the current stretch, of any kind. Valid as long as a line.
    std::string_view beginning(std::size_t bytes, error_code& ec);

    /// At most `bytes` bytes after the current stretch. Invalidates views when it loads.
    std::string_view following(std::size_t bytes, error_code& ec);

    std::uint64_t offset() const noexcept { return begin_; }
    std::uint64_t next_offset() const noexcept { return next_; }
    std::uint64_t end_offset() const noexcept { return end_; }
    std::string const& path() const noexcept { return path_; }

    /// Changes whenever views of lines become invalid.
    std::uint64_t loads() const noexcept { return loads_; }

    // For cursor_budget.
    void close_file() noexcept;
    void drop_buffer() noexcept;

 private:
    std::string_view load_line(error_code& ec);
    stretch find_line_end(std::size_t searched, error_code& ec);
    stretch pass_long_line(std::uint64_t from, error_code& ec);
    std::string_view bytes_of_stretch(std::size_t count, error_code& ec);
    std::uint64_t line_begin_before(std::uint64_t end, error_code& ec);
    void load_before(std::uint64_t end, error_code& ec);
    bool was_cut() const noexcept { return end_ < next_; }
    std::string_view buffered(std::uint64_t from) const noexcept;
    std::string_view buffered_before(std::uint64_t end) const noexcept;
    void load(std::uint64_t from, std::size_t count, error_code& ec);
    void make_room(std::uint64_t from, std::size_t count);
    void forget_bytes() noexcept;
    void open_file(error_code& ec);

    storage::file_system& system_;
    storage::file_handle root_;
    cursor_budget& budget_;
    settings settings_;

    std::string path_;
    storage::owned_file file_;
    std::uint64_t begin_ = 0;            // of the current stretch
    std::uint64_t next_ = 0;             // the end of the current stretch
    std::uint64_t end_ = 0;              // of the file
    std::string_view line_;              // the current stretch, if it is a line and buffered
    std::optional<std::uint64_t> torn_;  // where the torn stretch begins

    std::unique_ptr<char[]> buffer_;
    std::size_t capacity_ = 0;
    std::size_t filled_ = 0;
    std::uint64_t buffered_from_ = 0;
    std::uint64_t loads_ = 0;
    std::size_t backward_bytes_ = 0;  // loaded at once by `previous`
};

}  // namespace audit_trail::reading
