/// \file
/// A segment read forwards, line by line, in bounded memory whatever it holds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "reader/cursor_budget.hpp"
#include "system/file_operations.hpp"

namespace audit_trail::reading {

/// What the cursor stands on.
enum class stretch {
    line,      ///< a line with its newline
    too_long,  ///< the same, too long to be looked at
    torn,      ///< what follows the last newline
    none       ///< the end, or an error
};

/// Sees a file as long as it was when it was opened. File and buffer may be taken away between two calls, by the
/// budget; then the file is opened again by its name.
class segment_cursor : public open_file_hook, public buffer_hook {
 public:
    struct settings {
        std::size_t chunk_bytes;     ///< read at once
        std::size_t max_line_bytes;  ///< without the newline
    };

    segment_cursor(storage::file_system& system, storage::file_handle root, cursor_budget& budget, settings given);
    ~segment_cursor();
    segment_cursor(segment_cursor const&) = delete;
    segment_cursor& operator=(segment_cursor const&) = delete;

    /// Leaves what it read before. The path is relative to the root.
    void open(std::string path, error_code& ec);
    void close();
    bool is_open() const noexcept { return !path_.empty(); }

    /// Takes in what was appended since the file was opened. A torn stretch is looked at again.
    void look_again(error_code& ec);

    /// The next `next` begins there, which is the beginning of a line.
    void seek(std::uint64_t offset) noexcept { next_ = offset; }

    stretch next(error_code& ec);

    /// The line that the cursor stands on, without its newline; valid until a cursor of the same budget loads.
    std::string_view line(error_code& ec) {
        if (!line_.data()) return load_line(ec);
        ec = {};
        return line_;
    }

    /// The first bytes of any stretch, as far as there are so many; valid as long as a line.
    std::string_view beginning(std::size_t bytes, error_code& ec);

    /// What follows the stretch, up to so many bytes of the file. Invalidates views when it loads.
    std::string_view following(std::size_t bytes, error_code& ec);

    std::uint64_t offset() const noexcept { return begin_; }
    std::uint64_t next_offset() const noexcept { return next_; }
    std::uint64_t end_offset() const noexcept { return end_; }
    std::string const& path() const noexcept { return path_; }

    /// Changes whenever views into lines become invalid.
    std::uint64_t loads() const noexcept { return loads_; }

    // For the budget.
    void close_file() noexcept;
    void drop_buffer() noexcept;

 private:
    std::string_view load_line(error_code& ec);
    stretch find_line_end(std::size_t searched, error_code& ec);
    stretch pass_long_line(std::uint64_t from, error_code& ec);
    std::string_view bytes_of_stretch(std::size_t count, error_code& ec);
    std::string_view at_hand(std::uint64_t from) const noexcept;
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
    std::uint64_t begin_ = 0;            // of the stretch
    std::uint64_t next_ = 0;             // behind it
    std::uint64_t end_ = 0;              // of the file
    std::string_view line_;              // if that is one and at hand
    std::optional<std::uint64_t> torn_;  // where the torn stretch begins

    std::unique_ptr<char[]> buffer_;
    std::size_t capacity_ = 0;
    std::size_t filled_ = 0;
    std::uint64_t buffered_from_ = 0;
    std::uint64_t loads_ = 0;
};

}  // namespace audit_trail::reading
