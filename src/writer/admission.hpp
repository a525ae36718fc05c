/// \file
/// How much may be in the writer at once (P8).
#pragma once

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

    explicit admission(writer_options const& options)
        : pending_{options.max_pending_events, options.max_pending_bytes}, inside_(pending_) {
        if (options.overflow == overflow::reject) return;
        inside_.events += options.max_waiting_events;
        inside_.bytes += options.max_waiting_bytes;
    }

    /// Whether another event, however small, would be one too many at this moment.
    bool exhausted() const noexcept {
        amount const now = inside();
        return now.events >= inside_.events || now.bytes >= inside_.bytes;
    }

    /// False: it is too much, now or ever, and nothing was counted.
    bool admit(amount wanted) noexcept {
        if (exceeds(wanted, pending_)) return false;
        in_events_.fetch_add(wanted.events, std::memory_order_seq_cst);
        in_bytes_.fetch_add(wanted.bytes, std::memory_order_seq_cst);
        if (!exceeds(inside(), inside_)) return true;
        in_events_.fetch_sub(wanted.events, std::memory_order_seq_cst);
        in_bytes_.fetch_sub(wanted.bytes, std::memory_order_seq_cst);
        return false;
    }

    void withdraw(amount cancelled) noexcept {
        in_events_.fetch_sub(cancelled.events, std::memory_order_seq_cst);
        in_bytes_.fetch_sub(cancelled.bytes, std::memory_order_seq_cst);
    }

    void release(amount done) noexcept {
        out_events_.fetch_add(done.events, std::memory_order_seq_cst);
        out_bytes_.fetch_add(done.bytes, std::memory_order_seq_cst);
    }

    /// Whether `next` may become pending when `taken` is all that ever did. Commit thread only: what has left is looked
    /// up again only when the last look leaves no room, since it changes under other threads all the time.
    bool may_become_pending(amount taken, amount next) noexcept {
        if (leaves_room(taken, next)) return true;
        last_out_ = {out_events_.load(std::memory_order_seq_cst), out_bytes_.load(std::memory_order_seq_cst)};
        return leaves_room(taken, next);
    }

    /// Events that ever came in, those that were cancelled since left out.
    std::uint64_t events_in() const noexcept { return in_events_.load(std::memory_order_relaxed); }

    amount inside() const noexcept {
        // Out before in: what has left stays counted as come in, so that the difference is never below zero.
        std::uint64_t const out_events = out_events_.load(std::memory_order_seq_cst);
        std::uint64_t const out_bytes = out_bytes_.load(std::memory_order_seq_cst);
        return {in_events_.load(std::memory_order_seq_cst) - out_events,
                in_bytes_.load(std::memory_order_seq_cst) - out_bytes};
    }

 private:
    static bool exceeds(amount value, amount limit) noexcept {
        return value.events > limit.events || value.bytes > limit.bytes;
    }

    bool leaves_room(amount taken, amount next) const noexcept {
        amount const pending{taken.events - last_out_.events + next.events, taken.bytes - last_out_.bytes + next.bytes};
        return !exceeds(pending, pending_);
    }

    amount const pending_;
    amount inside_;
    alignas(64) amount last_out_;
    alignas(64) std::atomic<std::uint64_t> in_events_{0};
    std::atomic<std::uint64_t> in_bytes_{0};
    alignas(64) std::atomic<std::uint64_t> out_events_{0};
    std::atomic<std::uint64_t> out_bytes_{0};
};

}  // namespace audit_trail::detail
