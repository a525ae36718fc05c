/// \file
/// Limits the events and bytes that a writer holds at once (P8).
#pragma once

#include <algorithm>
#include <atomic>
#include <audit_trail/writer_options.hpp>
#include <cstddef>
#include <cstdint>

namespace audit_trail::detail {

/// Counts the amounts that were admitted and the amounts that were released since the beginning. The difference is what
/// the writer holds now. Admitting and releasing threads write to different cache lines.
///
/// An amount that is cancelled before it becomes pending is subtracted from the admitted amounts. So until the queue is
/// closed, the pending amount is the sum of all `take` calls minus the released amounts.
///
/// Thread safe, unless a function requires the step.
class admission {
 public:
    struct amount {
        std::uint64_t events = 0;
        std::uint64_t bytes = 0;
    };

    /// The highest limit for pending and for waiting events. Higher limits count as this one.
    static constexpr amount most{std::uint64_t{1} << 22, std::uint64_t{1} << 36};

    explicit admission(writer_options const& options)
        : pending_(at_most({options.max_pending_events, options.max_pending_bytes})), inside_(pending_) {
        if (options.overflow == overflow::reject) return;
        amount const waiting = at_most({options.max_waiting_events, options.max_waiting_bytes});
        inside_ = {pending_.events + waiting.events, pending_.bytes + waiting.bytes};
    }

    /// Returns true if no event can be admitted now, not even the smallest one.
    bool exhausted() const noexcept {
        amount const now = inside();
        return now.events >= inside_.events || now.bytes >= inside_.bytes;
    }

    /// Returns false, without counting anything, if `wanted` exceeds the limits now or in any case.
    bool admit(amount wanted) noexcept {
        if (exceeds(wanted, pending_)) return false;
        // A refused amount is never counted, not even briefly: another thread could be refused because of it.
        std::uint64_t in = in_.load(std::memory_order_relaxed);
        for (;;) {
            std::uint64_t const sum = in + packed(wanted);
            std::uint64_t const out = out_.load(std::memory_order_seq_cst);
            if (exceeds(unpacked(sum - out), inside_)) {
                // Either number may be stale: the thread may have been preempted.
                amount const now = inside();
                if (exceeds({now.events + wanted.events, now.bytes + wanted.bytes}, inside_)) return false;
                in = in_.load(std::memory_order_relaxed);
            } else if (in_.compare_exchange_weak(in, sum, std::memory_order_seq_cst)) {
                return true;
            }
        }
    }

    /// Undoes `admit` for an amount that never became pending.
    void withdraw(amount cancelled) noexcept { in_.fetch_sub(packed(cancelled), std::memory_order_seq_cst); }

    /// Makes room after the handler has run.
    void release(amount done) noexcept { out_.fetch_add(packed(done), std::memory_order_seq_cst); }

    /// Returns true if `next` may become pending. Requires: the caller runs the step. Reads `out_`, which other threads
    /// change all the time, only if the value that was read last leaves no room.
    bool may_become_pending(amount next) noexcept {
        if (leaves_room(next)) return true;
        last_out_ = out_.load(std::memory_order_seq_cst);
        return leaves_room(next);
    }
    /// Counts an amount that became pending. Requires: the caller runs the step.
    void take(amount pending) noexcept { taken_ += packed(pending); }

    /// A snapshot for `has_room`.
    struct room_state {
        std::uint64_t taken_with_next = 0;
    };
    /// Requires: the caller runs the step.
    room_state room_for(amount next) const noexcept { return {taken_ + packed(next)}; }
    /// Returns true if the amount of `room_for` may become pending now. Meaningful only if nothing was taken since
    /// then.
    bool has_room(room_state const& state) const noexcept {
        return !exceeds(unpacked(state.taken_with_next - out_.load(std::memory_order_seq_cst)), pending_);
    }

    /// Returns what the writer holds: a consistent value of one moment during the call.
    amount inside() const noexcept {
        for (std::uint64_t out = out_.load(std::memory_order_seq_cst);;) {
            std::uint64_t const in = in_.load(std::memory_order_seq_cst);
            std::uint64_t const out_now = out_.load(std::memory_order_seq_cst);
            if (out_now == out) return unpacked(in - out);
            out = out_now;
        }
    }

 private:
    /// Both amounts are packed into one word, so that one atomic operation counts both. Sums wrap around; their
    /// difference is still correct, because the amount that a writer holds fits into a word.
    static constexpr int byte_bits = 38;
    static_assert(4 * most.bytes <= std::uint64_t{1} << byte_bits);
    static_assert(16 * most.events <= std::uint64_t{1} << (64 - byte_bits));

    static std::uint64_t packed(amount value) noexcept { return (value.events << byte_bits) + value.bytes; }
    static amount unpacked(std::uint64_t word) noexcept {
        return {word >> byte_bits, word & ((std::uint64_t{1} << byte_bits) - 1)};
    }

    static amount at_most(amount wanted) noexcept {
        return {std::min(wanted.events, most.events), std::min(wanted.bytes, most.bytes)};
    }

    static bool exceeds(amount value, amount limit) noexcept {
        return value.events > limit.events || value.bytes > limit.bytes;
    }

    bool leaves_room(amount next) const noexcept {
        return !exceeds(unpacked(taken_ - last_out_ + packed(next)), pending_);
    }

    amount const pending_;
    amount inside_;
    alignas(64) std::uint64_t taken_ = 0;
    std::uint64_t last_out_ = 0;
    alignas(64) std::atomic<std::uint64_t> in_{0};
    alignas(64) std::atomic<std::uint64_t> out_{0};
};

}  // namespace audit_trail::detail
