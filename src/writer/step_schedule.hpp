/// \file
/// Decides when the next step of a writer is posted, and which thread runs it.
#pragma once

#include <atomic>

namespace audit_trail::detail {

/// What a writer without a posted or running step waits for.
enum class wait_reason : int { input, room };

/// At most one step is posted or running. A thread that moves the schedule to `posted` must post the step. A thread
/// that claims the posted step must run it: usually the function posted to the strand, or else a thread that destroys
/// an execution context and must not wait for the strand's threads. So steps never overlap, and a step is not lost if
/// its posted function is never called.
class step_schedule {
 public:
    /// Begins in state `posted`: the owner must post the first step, or claim it.
    step_schedule() = default;

    /// Returns true if the step was posted: the caller must run it now.
    bool claim() noexcept {
        int expected = posted;
        return state_.compare_exchange_strong(expected, running, std::memory_order_seq_cst);
    }

    // Called by the running step.

    /// Ends the step; another follows. The caller must post it.
    void repost() noexcept { state_.store(posted, std::memory_order_seq_cst); }

    /// Ends the step. Threads that need another step call `wake`. A `wake` before this call had no effect, so the
    /// caller must check once more, after this call, whether a step is needed, and call `wake` itself.
    void wait_for(wait_reason reason) noexcept { state_.store(waiting_value(reason), std::memory_order_seq_cst); }

    /// Ends the last step.
    void end() noexcept { state_.store(ended, std::memory_order_seq_cst); }

    // Thread safe.

    /// Returns true if the caller must post a step. Costs one load if the writer does not wait for `reason`.
    bool wake(wait_reason reason) noexcept {
        int expected = waiting_value(reason);
        return state_.load(std::memory_order_seq_cst) == expected &&
               state_.compare_exchange_strong(expected, posted, std::memory_order_seq_cst);
    }
    bool wake() noexcept { return wake(wait_reason::input) || wake(wait_reason::room); }

    bool waits_for(wait_reason reason) const noexcept {
        return state_.load(std::memory_order_seq_cst) == waiting_value(reason);
    }

    /// Records that the step could not be posted. The next `wake` for that reason tries again.
    void post_failed(wait_reason reason) noexcept {
        int expected = posted;
        state_.compare_exchange_strong(expected, waiting_value(reason), std::memory_order_seq_cst);
    }

    bool is_posted() const noexcept { return state_.load(std::memory_order_seq_cst) == posted; }

 private:
    static constexpr int posted = 0;
    static constexpr int running = 1;
    static constexpr int ended = 2;

    static constexpr int waiting_value(wait_reason reason) noexcept { return 3 + static_cast<int>(reason); }

    std::atomic<int> state_{posted};
};

}  // namespace audit_trail::detail
