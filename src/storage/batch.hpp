/// \file
/// What is committed together: lines on their way to segments. Pure bookkeeping, no file and no thread.
#pragma once

#include <audit_trail/writer_options.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace audit_trail::storage {

/// Where a category's next line goes, as far as numbers tell. Number 0: the category has no segment yet.
struct segment_tail {
    std::uint64_t number = 0;
    std::uint64_t size = 0;
};

/// The rule of rolling: the newest segment takes lines until its size is at or over the limit.
segment_tail tail_for_next_line(segment_tail newest, std::uint64_t max_segment_bytes) noexcept;

struct category;  // trail_store.hpp; a batch only reads and moves its `tail` and `piece`

/// One contiguous write to one segment.
struct piece {
    category* owner = nullptr;
    std::uint64_t segment = 0;
    std::uint64_t offset = 0;    ///< the segment's size before the batch
    std::uint64_t first_id = 0;
    std::uint64_t last_id = 0;
    bool synced = false;         ///< holds an event that asks for durability::synced
    std::string bytes;
};

/// A category is "in" the batch through at most one open piece at a time; a roll begins another.
///
/// `mark` and `roll_back` undo what was added since: for several lines that go in all or none. `clear` begins the next
/// batch and keeps the memory.
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
    segment_tail where(category const& owner) const noexcept;

    /// Places one line; returns its id.
    std::uint64_t add(category& owner, std::string_view line_tail, durability wanted);

    void mark();
    /// Undoes every `add` since the last `mark`.
    void roll_back();

    /// Takes no more: the bytes are reached, or the pieces.
    bool full() const noexcept;
    bool empty() const noexcept;
    std::size_t events() const noexcept;
    std::size_t bytes() const noexcept;
    std::uint64_t first_id() const noexcept;
    std::uint64_t next_id() const noexcept;
    std::vector<piece>& pieces() noexcept;  // NOTE to the implementer: shape of the container is yours (memory is reused)

    /// Gives every category the tail that it had before the batch: what a cut-back restores.
    void restore_tails() noexcept;
};

}  // namespace audit_trail::storage
