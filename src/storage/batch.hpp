/// \file
/// What is committed together: lines on their way to segments. Pure bookkeeping, no file and no thread.
#pragma once

#include <algorithm>
#include <audit_trail/detail/text_buffer.hpp>
#include <audit_trail/writer_options.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "storage/category.hpp"

namespace audit_trail::storage {

/// One contiguous write to one segment.
struct piece {
    category* owner = nullptr;
    segment_file* target = nullptr;  ///< the owner's segment when the piece began
    std::uint64_t segment = 0;
    std::uint64_t offset = 0;  ///< the segment's size before the batch
    std::uint64_t first_id = 0;
    std::uint64_t last_id = 0;
    bool synced = false;  ///< holds an event that asks for durability::synced
    detail::text_buffer bytes;
    std::size_t written = 0;  ///< how many of the bytes the segment has taken

    segment_tail tail_before;   ///< the owner's, when the piece began
    piece* previous = nullptr;  ///< the owner's open piece, when this one began
    std::uint64_t remembered_at = 0;
};

/// A category is "in" the batch through at most one open piece at a time; a roll begins another.
///
/// `mark` and `roll_back` undo what was added since: for several lines that go in all or none. `clear` begins the next
/// batch and keeps the memory. One batch at a time may gather lines for a category.
class batch {
 public:
    struct limits {
        std::uint64_t max_segment_bytes;
        std::size_t max_bytes;
        std::size_t max_pieces;
    };

    explicit batch(limits given);

    /// Empties the batch; the next line gets `first_id`.
    void clear(std::uint64_t first_id);

    /// The segment to which the category's next line goes. It must be open before `add`.
    segment_tail where(category const& owner) const noexcept {
        return tail_for_next_line(owner.tail, limits_.max_segment_bytes);
    }

    /// Places one line; returns its id.
    std::uint64_t add(category& owner, std::string_view line_tail, durability wanted);

    void mark();
    /// Undoes every `add` since the last `mark`.
    void roll_back();

    /// From now on a segment is full at this size, if that is less than before.
    void lower_segment_limit(std::uint64_t bytes) noexcept {
        limits_.max_segment_bytes = std::clamp<std::uint64_t>(bytes, 1, limits_.max_segment_bytes);
    }

    /// Takes no more: the bytes are reached, or the pieces.
    bool full() const noexcept { return bytes_ >= limits_.max_bytes || used_ >= limits_.max_pieces; }
    bool empty() const noexcept { return next_id_ == first_id_; }
    std::size_t events() const noexcept { return static_cast<std::size_t>(next_id_ - first_id_); }
    std::size_t bytes() const noexcept { return bytes_; }
    std::uint64_t first_id() const noexcept { return first_id_; }
    std::uint64_t next_id() const noexcept { return next_id_; }

    /// In the order in which they began.
    std::span<std::unique_ptr<piece> const> pieces() const noexcept { return {pieces_.data(), used_}; }

    /// Gives every category the tail that it had before the batch: what a cut-back restores.
    void restore_tails() noexcept;

 private:
    /// What a piece held at the last mark.
    struct undo {
        piece* changed;
        std::size_t size;
        std::uint64_t last_id;
        bool synced;
        segment_tail tail;
    };

    piece& piece_for(category& owner, segment_tail place);
    piece& begin_piece(category& owner, segment_tail place);
    void remember(piece& changed);
    void release_surplus_memory() noexcept;

    limits limits_;
    std::vector<std::unique_ptr<piece>> pieces_;  // the first `used_` are the batch, the others wait to be used again
    std::size_t used_ = 0;
    std::size_t bytes_ = 0;
    std::uint64_t first_id_ = 1;
    std::uint64_t next_id_ = 1;

    std::vector<undo> undo_;
    std::size_t marked_used_ = 0;
    std::size_t marked_bytes_ = 0;
    std::uint64_t marked_next_id_ = 1;
    std::uint64_t mark_count_ = 1;
};

}  // namespace audit_trail::storage
