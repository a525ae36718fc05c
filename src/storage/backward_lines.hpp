/// \file
/// Reads the lines of a segment backwards, in bounded memory for any content of the file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "system/file_system.hpp"

namespace audit_trail::storage {

/// Iterates over the complete lines of a file, last line first.
class backward_lines {
 public:
    static constexpr std::size_t chunk_bytes = 16 * 1024;

    /// Of a longer line only the first bytes are read.
    static constexpr std::size_t whole_line_limit = 1024 * 1024;

    /// Finds the end of the last complete line.
    backward_lines(file_system& system, file_handle file, error_code& ec);

    std::uint64_t file_size() const noexcept { return size_; }
    /// Returns the offset after the last newline; 0 if there is none. Bytes after it are a torn line.
    std::uint64_t complete_size() const noexcept { return complete_size_; }

    /// Moves to the previous line. Returns false at the beginning of the file, or if `ec` is set.
    bool next(error_code& ec);

    /// Returns the id of the current line, or nothing if it is not an event.
    std::optional<std::uint64_t> event_id(error_code& ec);

 private:
    /// Returns the offset after the last newline in [0, end); 0 if there is none.
    std::uint64_t newline_before(std::uint64_t end, error_code& ec);
    /// Returns the bytes of [begin, end), at most a chunk or `whole_line_limit` bytes.
    std::string_view bytes(std::uint64_t begin, std::uint64_t end, error_code& ec);
    void load(std::uint64_t begin, std::uint64_t end, error_code& ec);

    file_system& system_;
    file_handle file_;
    std::uint64_t size_ = 0;
    std::uint64_t complete_size_ = 0;
    std::uint64_t line_begin_ = 0;
    std::uint64_t line_end_ = 0;

    std::string chunk_;  // bytes of the file from chunk_begin_ on
    std::uint64_t chunk_begin_ = 0;
};

}  // namespace audit_trail::storage
