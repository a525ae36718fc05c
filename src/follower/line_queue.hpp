/// \file
/// Holds lines that were read ahead until a call takes them.
#pragma once

#include <audit_trail/entry.hpp>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
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
    /// One line, and the block that holds it.
    struct place {
        std::shared_ptr<line_block const> block;
        std::size_t index;
    };

    void add(line_block&& block) {
        if (block.empty()) return;
        lines_ += block.size();
        bytes_ += block.bytes();
        blocks_.push_back(std::make_shared<line_block const>(std::move(block)));
    }

    /// Requires: not empty.
    place take() {
        place taken{blocks_.front(), next_};
        --lines_;
        if (++next_ == taken.block->size()) {
            bytes_ -= taken.block->bytes();
            blocks_.pop_front();
            next_ = 0;
        }
        return taken;
    }

    std::size_t lines() const noexcept { return lines_; }
    std::size_t bytes() const noexcept { return bytes_; }

 private:
    std::deque<std::shared_ptr<line_block const>> blocks_;
    std::size_t next_ = 0;  // in the first block
    std::size_t lines_ = 0;
    std::size_t bytes_ = 0;
};

}  // namespace audit_trail::reading
