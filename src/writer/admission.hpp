/// \file
/// How much may be in the writer at once (P8).
#pragma once

#include <algorithm>
#include <atomic>
#include <audit_trail/writer_options.hpp>
#include <cstddef>
#include <cstdint>

namespace audit_trail::detail {

/// Counts what came in and what has left, both for ever: what is inside is the difference. So the two sides touch
/// different words. Thread safe.
///
/// What was cancelled before it became pending is taken off what came in. So what ever became pending, less what has
/// left, is what is pending.
class admission {
 public:
    struct amount {
        std::uint64_t events = 0;
        std::uint64_t bytes = 0;
    };

    /// What a writer may be asked to hold, pending and waiting each.
    static constexpr amount most{std::uint64_t{1} << 22, std::uint64_t{1} << 36};

    explicit admission(writer_options const& options)
        : pending_(at_most({options.max_pending_events, options.max_pending_bytes})), inside_(pending_) {
        if (options.overflow == overflow::reject) return;
        amount const waiting = at_most({options.max_waiting_events, options.max_waiting_bytes});
        inside_ = {pending_.events + waiting.events, pending_.bytes + waiting.bytes};
    }

    /// Whether another event, however small, would be one too many at this moment.
    bool exhausted() const noexcept {
        amount const now = inside();
        return now.events >= inside_.events || now.bytes >= inside_.bytes;
    }

    /// False: it is too much, now or ever, and nothing was counted.
    bool admit(amount wanted) noexcept {
        if (exceeds(wanted, pending_)) return false;
        // What is refused is never counted, not even for a moment: another thread could be refused for it.
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

    void withdraw(amount cancelled) noexcept { in_.fetch_sub(packed(cancelled), std::memory_order_seq_cst); }

    void release(amount done) noexcept { out_.fetch_add(packed(done), std::memory_order_seq_cst); }

    /// Whether `next` may become pending, after all that `take` was told of. Commit thread only: what has left is
    /// looked up again only when the last look leaves no room, since it changes under other threads all the time.
    bool may_become_pending(amount next) noexcept {
        if (leaves_room(next)) return true;
        last_out_ = out_.load(std::memory_order_seq_cst);
        return leaves_room(next);
    }
    void take(amount pending) noexcept { taken_ += packed(pending); }

    /// What `has_room` compares, as it was when it was made.
    struct room_state {
        std::uint64_t taken_with_next = 0;
    };
    room_state room_for(amount next) const noexcept { return {taken_ + packed(next)}; }
    /// Any thread. For the newest `room_for`: whether its amount may become pending by now.
    bool has_room(room_state const& state) const noexcept {
        return !exceeds(unpacked(state.taken_with_next - out_.load(std::memory_order_seq_cst)), pending_);
    }

    /// At one moment between two looks at what has left.
    amount inside() const noexcept {
        for (std::uint64_t out = out_.load(std::memory_order_seq_cst);;) {
            std::uint64_t const in = in_.load(std::memory_order_seq_cst);
            std::uint64_t const out_now = out_.load(std::memory_order_seq_cst);
            if (out_now == out) return unpacked(in - out);
            out = out_now;
        }
    }

 private:
    /// Both amounts in one word, so that one atomic operation counts both. Sums wrap around; the difference of two sums
    /// is right all the same, as long as what is inside fits.
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
