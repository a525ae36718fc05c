/// \file
/// Gathers lines that are committed together into one write per segment. Uses no files and no threads.
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
struct segment_write {
    category* owner = nullptr;
    segment_file* target = nullptr;  ///< the owner's segment when this write began
    std::uint64_t segment = 0;
    std::uint64_t offset = 0;  ///< the segment's size before the batch
    std::uint64_t first_id = 0;
    std::uint64_t last_id = 0;
    bool synced = false;  ///< contains an event that asks for durability::synced
    bool shared = false;  ///< another program appended to the segment, too: the offset may be wrong
    detail::text_buffer bytes;
    std::size_t written = 0;  ///< how many bytes are in the file already

    segment_tail tail_before;           ///< the owner's tail when this write began
    segment_write* previous = nullptr;  ///< the owner's open write when this write began
    std::uint64_t remembered_at = 0;
};

/// A category has at most one open write in the batch; a roll to the next segment begins another write.
///
/// `roll_back` undoes every `add` since the last `mark`, so that several lines are added all or none. `clear` begins
/// the next batch and keeps the memory. Only one batch at a time may gather lines for a category.
class batch {
 public:
    struct limits {
        std::uint64_t max_segment_bytes;
        std::size_t max_bytes;
        std::size_t max_writes;
    };

    explicit batch(limits given);

    /// Empties the batch; the next line gets `first_id`.
    void clear(std::uint64_t first_id);

    /// Returns the segment for the category's next line. The segment must be open before `add`.
    segment_tail where(category const& owner) const noexcept {
        return tail_for_next_line(owner.tail, limits_.max_segment_bytes);
    }

    /// Adds one line and returns its id.
    std::uint64_t add(category& owner, std::string_view line_tail, durability wanted);

    void mark();
    /// Undoes every `add` since the last `mark`.
    void roll_back();

    /// Lowers the size at which a segment is full. A size above the current limit has no effect.
    void lower_segment_limit(std::uint64_t bytes) noexcept {
        limits_.max_segment_bytes = std::clamp<std::uint64_t>(bytes, 1, limits_.max_segment_bytes);
    }

    /// Returns true if the limit of bytes or of writes is reached.
    bool full() const noexcept { return bytes_ >= limits_.max_bytes || used_ >= limits_.max_writes; }
    bool empty() const noexcept { return next_id_ == first_id_; }
    std::size_t events() const noexcept { return static_cast<std::size_t>(next_id_ - first_id_); }
    std::size_t bytes() const noexcept { return bytes_; }
    std::uint64_t first_id() const noexcept { return first_id_; }
    std::uint64_t next_id() const noexcept { return next_id_; }

    /// Returns the writes, in the order in which they began.
    std::span<std::unique_ptr<segment_write> const> writes() const noexcept { return {writes_.data(), used_}; }

    /// Restores the tail of every category to its value before the batch. Called after a cut-back.
    void restore_tails() noexcept;

 private:
    /// The state of a write at the last mark.
    struct undo {
        segment_write* changed;
        std::size_t size;
        std::uint64_t last_id;
        bool synced;
        segment_tail tail;
    };

    segment_write& write_for(category& owner, segment_tail place);
    segment_write& begin_write(category& owner, segment_tail place);
    void remember(segment_write& changed);
    void release_surplus_memory() noexcept;

    limits limits_;
    std::vector<std::unique_ptr<segment_write>>
        writes_;  // the first `used_` belong to the batch; the others are reused
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
