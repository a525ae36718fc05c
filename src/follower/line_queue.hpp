/// \file
/// Lines that were read ahead and wait to be asked for.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <utility>

#include "follower/line_block.hpp"

namespace audit_trail::reading {

class line_queue {
 public:
    /// One line, with the block that keeps it.
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
    std::size_t next_ = 0;  // of the first block
    std::size_t lines_ = 0;
    std::size_t bytes_ = 0;
};

}  // namespace audit_trail::reading
