/// \file
/// Decides how long a batch waits for more events before it is committed. Knows neither clocks nor threads: tests call
/// it with times of their own.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace audit_trail::detail {

/// Under load the next events are a moment away, and a larger batch costs each of them less than a step of its own
/// would. A writer with a single append at a time never waits here.
///
/// After a batch that was synced, its callers were answered together: where they have not come back during the sync,
/// they will soon, and to begin without them would make them wait for another whole sync.
class group_commit {
 public:
    using time_point = std::chrono::steady_clock::time_point;
    using duration = std::chrono::nanoseconds;

    /// How long the committer sleeps before it asks again.
    static constexpr std::chrono::microseconds nap{20};

    /// A batch takes no more operations than this, so that refused ones are answered soon.
    static constexpr std::uint64_t max_operations = 8192;

    /// A batch was answered: `answered` operations, at `now`. `queued` operations came meanwhile. `sync`: how long its
    /// sync took; 0 when nothing was synced.
    void batch_answered(std::uint64_t answered, std::uint64_t queued, duration sync, time_point now) noexcept {
        answered_ = answered;
        expected_ = std::min(queued + answered, max_operations);
        last_sync_ = sync;
        deadline_ = now + sync / 2;
    }

    /// The queue was empty: the policy expects no returning callers, except those of a sync that has just ended.
    void queue_was_empty() noexcept {
        if (last_sync_.count() == 0) answered_ = 0;
    }

    /// A batch is about to begin. `should_wait` is then called until it returns false, with a nap after each true.
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
    /// Answered callers are awaited as long as all of them would be back within so many naps.
    static constexpr std::uint64_t naps_to_return = 16;

    /// Waits as long as events keep coming.
    bool is_filling(std::uint64_t queued) const noexcept {
        if (queued >= enough_operations || naps_ == max_naps) return false;
        return naps_ == 0 || queued != seen_;
    }

    bool awaits_answered(std::uint64_t queued, time_point now) const noexcept {
        if (naps_ == 0 && (queued == 0 || queued >= answered_ / 2)) return false;
        if (queued >= expected_ || now >= deadline_) return false;
        bool const slow = (queued - seen_) * naps_to_return < answered_;
        return naps_ < 2 || !slow;  // the first nap is for their threads to wake up
    }

    std::uint64_t answered_ = 0;
    std::uint64_t expected_ = 0;
    duration last_sync_{};
    time_point deadline_{};
    std::uint64_t naps_ = 0;  // of the batch that is about to begin
    std::uint64_t seen_ = 0;  // queued before the last nap
};

}  // namespace audit_trail::detail
