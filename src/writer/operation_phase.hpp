/// \file
/// Who has an operation: the inbox, a batch, or a cancellation. One word, so that exactly one of them gets it.
///
/// A cancelled operation is left by two parties in any order: its handler completes, and the commit thread passes its
/// place in the inbox. The last to leave gives the operation back. The word counts generations in its upper bits, so
/// that a cancellation which comes late never meets the next user of the same memory.
#pragma once

#include <audit_trail/detail/operation.hpp>
#include <cstdint>

namespace audit_trail::detail::operation_phase {

inline constexpr std::uint64_t state_mask = 3;
inline constexpr std::uint64_t settled = 0;    // no cancellation can reach it (any more)
inline constexpr std::uint64_t queued = 1;     // waits, and can be cancelled
inline constexpr std::uint64_t cancelled = 2;  // completes with operation_aborted
inline constexpr std::uint64_t handler_left = 4;
inline constexpr std::uint64_t inbox_left = 8;
inline constexpr std::uint64_t generation_step = 16;

inline std::uint64_t make_cancellable(operation& op) noexcept {
    std::uint64_t const word = op.phase.load(std::memory_order_relaxed) | queued;
    op.phase.store(word, std::memory_order_relaxed);
    return word;
}

/// From here on the operation runs to its end. False: it was cancelled.
inline bool try_settle(operation& op) noexcept {
    std::uint64_t word = op.phase.load(std::memory_order_acquire);
    if ((word & state_mask) == settled) return true;
    return (word & state_mask) == queued &&
           op.phase.compare_exchange_strong(word, word & ~state_mask, std::memory_order_acq_rel);
}

inline bool try_cancel(operation& op, std::uint64_t queued_word) noexcept {
    return op.phase.compare_exchange_strong(queued_word, (queued_word & ~state_mask) | cancelled,
                                            std::memory_order_acq_rel);
}

inline bool is_cancelled(operation const& op) noexcept {
    return (op.phase.load(std::memory_order_acquire) & state_mask) == cancelled;
}

/// True for the second of the two parties.
inline bool leave(operation& op, std::uint64_t party) noexcept {
    std::uint64_t const other = handler_left + inbox_left - party;
    return (op.phase.fetch_or(party, std::memory_order_acq_rel) & other) != 0;
}

inline void begin_next_generation(operation& op) noexcept {
    std::uint64_t const word = op.phase.load(std::memory_order_relaxed);
    op.phase.store(word - word % generation_step + generation_step, std::memory_order_release);
}

}  // namespace audit_trail::detail::operation_phase
