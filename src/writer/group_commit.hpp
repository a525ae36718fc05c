/// \file
/// Decides how long a batch waits for more events before it is committed. Uses no clock and no threads; callers pass
/// the time.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace audit_trail::detail {

/// Under load, the next events arrive within microseconds, and a larger batch costs less per event. After a batch of
/// one operation, the policy does not wait.
///
/// After a synced batch, all its callers are answered at once and usually append again soon. If the next batch begins
/// without them, they have to wait for its whole sync. So the policy waits for them, up to half of the last sync time.
class group_commit {
 public:
    using time_point = std::chrono::steady_clock::time_point;
    using duration = std::chrono::nanoseconds;

    /// How long the committer sleeps before it asks again.
    static constexpr std::chrono::microseconds nap{20};

    /// The maximum number of operations of a batch. It bounds the time until failed operations are answered.
    static constexpr std::uint64_t max_operations = 8192;

    /// Records that a batch of `answered` operations was answered at `now`, and that `queued` operations were submitted
    /// meanwhile. `sync` is the duration of the batch's sync, 0 if nothing was synced.
    void batch_answered(std::uint64_t answered, std::uint64_t queued, duration sync, time_point now) noexcept {
        answered_ = answered;
        expected_ = std::min(queued + answered, max_operations);
        last_sync_ = sync;
        deadline_ = now + sync / 2;
    }

    /// Records that the queue was empty. No returning callers are expected any more, except after a synced batch.
    void queue_was_empty() noexcept {
        if (last_sync_.count() == 0) answered_ = 0;
    }

    /// Begins a batch. The caller then calls `should_wait` until it returns false, and sleeps `nap` after each true.
    void begin_batch() noexcept { naps_ = 0; }

    bool should_wait(std::uint64_t queued, time_point now) noexcept {
        if (answered_ <= 1) return false;
        bool const wait = last_sync_.count() != 0 ? awaits_answered(queued, now) : is_filling(queued);
        ++naps_;
        seen_ = queued;
        return wait;
    }

 private:
    static constexpr std::uint64_t max_naps = 8;
    static constexpr std::uint64_t enough_operations = 512;
    /// The policy stops waiting if the answered callers return too slowly to be back within this number of naps.
    static constexpr std::uint64_t naps_to_return = 16;

    /// Returns true while events keep arriving.
    bool is_filling(std::uint64_t queued) const noexcept {
        if (queued >= enough_operations || naps_ == max_naps) return false;
        return naps_ == 0 || queued != seen_;
    }

    bool awaits_answered(std::uint64_t queued, time_point now) const noexcept {
        if (naps_ == 0 && (queued == 0 || queued >= answered_ / 2)) return false;
        if (queued >= expected_ || now >= deadline_) return false;
        bool const slow = (queued - seen_) * naps_to_return < answered_;
        return naps_ < 2 || !slow;  // in the first nap, the callers' threads wake up
    }

    std::uint64_t answered_ = 0;
    std::uint64_t expected_ = 0;
    duration last_sync_{};
    time_point deadline_{};
    std::uint64_t naps_ = 0;  // in this batch
    std::uint64_t seen_ = 0;  // operations queued before the last nap
};

}  // namespace audit_trail::detail
