/// \file
/// Decides when the next step of a writer is posted, and which thread runs it.
#pragma once

#include <atomic>

namespace audit_trail::detail {

/// What a writer without a posted or running step waits for.
enum class wait_reason : int { input, room };

/// At most one step is posted or running. A thread that moves the schedule to `posted` must post the step. A thread that
/// claims the posted step must run it: usually the handler on the strand, or else a thread that cannot wait for the
/// strand's threads. So steps exclude each other on any number of threads, and a step whose handler is never called is
/// not lost.
class step_schedule {
 public:
    /// Begins with a step that is not posted yet: the first post belongs to the caller of the constructor.
    step_schedule() = default;

    /// True: the caller runs the step now.
    bool claim() noexcept {
        int expected = posted;
        return state_.compare_exchange_strong(expected, running, std::memory_order_seq_cst);
    }

    // The running step.

    /// The step ends and another follows: the caller posts it.
    void repost() noexcept { state_.store(posted, std::memory_order_seq_cst); }

    /// The step ends without another one. Later events that need a step call `wake`. Earlier events may have found the
    /// step still running, so the caller checks for them once more after this call, and calls `wake` itself.
    void wait_for(wait_reason reason) noexcept { state_.store(waiting_value(reason), std::memory_order_seq_cst); }

    /// No step follows.
    void end() noexcept { state_.store(ended, std::memory_order_seq_cst); }

    // Any thread.

    /// True: the caller posts a step. Costs a load where the writer does not wait for that reason.
    bool wake(wait_reason reason) noexcept {
        int expected = waiting_value(reason);
        return state_.load(std::memory_order_seq_cst) == expected &&
               state_.compare_exchange_strong(expected, posted, std::memory_order_seq_cst);
    }
    bool wake() noexcept { return wake(wait_reason::input) || wake(wait_reason::room); }

    /// The step could not be posted. Another `wake` for that reason tries again.
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
