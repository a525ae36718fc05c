/// \file
/// Holds lines that were read ahead until a call takes them.
#pragma once

#include <audit_trail/entry.hpp>
#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace audit_trail::reading {

/// A block of lines in one piece of memory. The reading thread passes it to the threads of handlers.
class line_block {
 public:
    /// Adds a line without its newline. Requires: a cursor has checked the line.
    void add(std::string_view line, std::string_view path, std::uint64_t offset);

    bool is_full() const noexcept { return text_.size() >= full_bytes || lines_.size() == full_lines; }
    bool empty() const noexcept { return lines_.empty(); }
    std::size_t size() const noexcept { return lines_.size(); }
    std::size_t bytes() const noexcept { return text_.capacity() + lines_.capacity() * sizeof(place); }

    /// Builds the event of a line, without its payload.
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

class line_queue {
 public:
    using block_list = std::list<line_block>;

    /// Returns a list with one empty block. Filled, it is added without an allocation.
    static block_list make_block() { return block_list(1); }

    void add(block_list&& block) noexcept {
        if (block.front().empty()) return;
        lines_ += block.front().size();
        bytes_ += block.front().bytes();
        blocks_.splice(blocks_.end(), block);
    }

    /// Builds the event of the first line. Requires: not empty.
    entry front() const { return blocks_.front().at(next_); }

    /// Requires: not empty.
    void pop() noexcept {
        --lines_;
        if (++next_ != blocks_.front().size()) return;
        bytes_ -= blocks_.front().bytes();
        blocks_.pop_front();
        next_ = 0;
    }

    std::size_t lines() const noexcept { return lines_; }
    std::size_t bytes() const noexcept { return bytes_; }

 private:
    block_list blocks_;
    std::size_t next_ = 0;  // in the first block
    std::size_t lines_ = 0;
    std::size_t bytes_ = 0;
};

}  // namespace audit_trail::reading
