/// \file
/// The cancellation state of an operation: one atomic word, so that either a batch or a cancellation gets the
/// operation.
///
/// A cancelled operation has two users: its handler, and its entry in the submission queue. They leave in any order,
/// and the last one releases the operation to the pool. The upper bits count the uses of the operation (generations),
/// so that a late cancellation never affects a later use of the same memory.
#pragma once

#include <audit_trail/detail/operation.hpp>
#include <cstdint>

namespace audit_trail::detail::operation_phase {

inline constexpr std::uint64_t state_mask = 3;
inline constexpr std::uint64_t settled = 0;       // cannot be cancelled (any more)
inline constexpr std::uint64_t queued = 1;        // can be cancelled
inline constexpr std::uint64_t cancelled = 2;     // completes with operation_aborted
inline constexpr std::uint64_t handler_left = 4;  // the handler has run or was destroyed
inline constexpr std::uint64_t queue_left = 8;    // the committer took the operation out of the queue
inline constexpr std::uint64_t generation_step = 16;

/// Returns the word that `try_cancel` needs. Requires: the operation is not submitted yet.
inline std::uint64_t make_cancellable(operation& op) noexcept {
    std::uint64_t const word = op.phase.load(std::memory_order_relaxed) | queued;
    op.phase.store(word, std::memory_order_relaxed);
    return word;
}

/// Makes the operation uncancellable. Returns false if it was cancelled before.
inline bool try_settle(operation& op) noexcept {
    std::uint64_t word = op.phase.load(std::memory_order_acquire);
    if ((word & state_mask) == settled) return true;
    return (word & state_mask) == queued &&
           op.phase.compare_exchange_strong(word, word & ~state_mask, std::memory_order_acq_rel);
}

/// Returns false if the operation is settled, was cancelled before, or is a later use of the same memory.
inline bool try_cancel(operation& op, std::uint64_t queued_word) noexcept {
    return op.phase.compare_exchange_strong(queued_word, (queued_word & ~state_mask) | cancelled,
                                            std::memory_order_acq_rel);
}

inline bool is_cancelled(operation const& op) noexcept {
    return (op.phase.load(std::memory_order_acquire) & state_mask) == cancelled;
}

/// Records that `party` (`handler_left` or `queue_left`) no longer uses a cancelled operation. Returns true if the
/// other party left before: the caller then releases the operation.
inline bool leave(operation& op, std::uint64_t party) noexcept {
    std::uint64_t const other = handler_left + queue_left - party;
    return (op.phase.fetch_or(party, std::memory_order_acq_rel) & other) != 0;
}

/// Requires: no other thread uses the operation, except late cancellations.
inline void begin_next_generation(operation& op) noexcept {
    std::uint64_t const word = op.phase.load(std::memory_order_relaxed);
    op.phase.store(word - word % generation_step + generation_step, std::memory_order_release);
}

}  // namespace audit_trail::detail::operation_phase
