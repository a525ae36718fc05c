/// \file
/// Lines on their way from the thread that reads them to those that ask for them, as one piece of memory.
#pragma once

#include <audit_trail/entry.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace audit_trail::reading {

class line_block {
 public:
    /// The line, without its newline, is one that a cursor has checked.
    void add(std::string_view line, std::string_view path, std::uint64_t offset);

    bool is_full() const noexcept { return text_.size() >= full_bytes || lines_.size() == full_lines; }
    bool empty() const noexcept { return lines_.empty(); }
    std::size_t size() const noexcept { return lines_.size(); }
    std::size_t bytes() const noexcept { return text_.capacity() + lines_.capacity() * sizeof(place); }

    /// The event of a line, but for its payload.
    entry at(std::size_t index) const;

 private:
    struct place {
        std::size_t line_begin;
        std::size_t line_size;
        std::size_t path_begin;
        std::size_t path_size;
        std::uint64_t offset;
    };

    static constexpr std::size_t full_bytes = 64 * 1024;
    static constexpr std::size_t full_lines = 512;

    std::string_view text_at(std::size_t begin, std::size_t size) const noexcept {
        return std::string_view(text_).substr(begin, size);
    }
    bool is_last_path(std::string_view path) const noexcept;

    std::string text_;  // lines and paths
    std::vector<place> lines_;
};

}  // namespace audit_trail::reading
