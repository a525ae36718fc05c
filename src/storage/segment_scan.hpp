/// \file
/// A segment read from its end, in bounded memory whatever it holds.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "system/file_system.hpp"

namespace audit_trail::storage {

/// Goes through the complete lines of a file, the last one first.
class backward_lines {
 public:
    static constexpr std::size_t chunk_bytes = 16 * 1024;

    /// Of a longer line only the beginning is looked at.
    static constexpr std::size_t whole_line_limit = 1024 * 1024;

    /// Finds the end of the last complete line.
    backward_lines(file_system& system, file_handle file, error_code& ec);

    std::uint64_t file_size() const noexcept { return size_; }
    /// Behind the last newline; 0 when there is none. What follows is torn.
    std::uint64_t complete_size() const noexcept { return complete_size_; }

    /// Moves to the line before; false at the beginning of the file, or when `ec` is set.
    bool next(error_code& ec);

    /// Of the line that `next` moved to; nothing when it is not an event.
    std::optional<std::uint64_t> event_id(error_code& ec);

 private:
    /// The end of the last newline that ends at or before `end`; 0 when there is none.
    std::uint64_t newline_before(std::uint64_t end, error_code& ec);
    /// The bytes of [begin, end), which is no longer than a chunk or `whole_line_limit`.
    std::string_view bytes(std::uint64_t begin, std::uint64_t end, error_code& ec);
    void load(std::uint64_t begin, std::uint64_t end, error_code& ec);

    file_system& system_;
    file_handle file_;
    std::uint64_t size_ = 0;
    std::uint64_t complete_size_ = 0;
    std::uint64_t line_begin_ = 0;
    std::uint64_t line_end_ = 0;

    std::string chunk_;  // of the file, from chunk_begin_
    std::uint64_t chunk_begin_ = 0;
};

}  // namespace audit_trail::storage
