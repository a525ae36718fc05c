/// \file
/// How the commit thread sleeps, and is woken by exactly one of those that have something for it.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>

namespace audit_trail::detail {

class doorbell {
 public:
    /// What the sleeper waits for.
    enum class cause : int { none, input, room };

    /// Sleeps until `ready()`; what makes it true must be followed by `ring` with the same cause (or `ring_always`).
    template <class Condition>
    void wait(cause why, Condition ready) {
        std::unique_lock lock(mutex_);
        while (!ready()) {
            waiting_for_.store(why, std::memory_order_seq_cst);
            if (ready()) break;
            rung_ = false;
            bell_.wait(lock, [this] { return rung_; });
        }
        waiting_for_.store(cause::none, std::memory_order_seq_cst);
    }

    void ring(cause why) noexcept {
        if (waiting_for_.load(std::memory_order_seq_cst) != why) return;
        if (waiting_for_.exchange(cause::none, std::memory_order_seq_cst) != cause::none) wake();
    }

    void ring_always() noexcept { wake(); }

 private:
    void wake() noexcept {
        {
            std::lock_guard const lock(mutex_);
            rung_ = true;
        }
        bell_.notify_one();
    }

    std::atomic<cause> waiting_for_{cause::none};
    std::mutex mutex_;
    std::condition_variable bell_;
    bool rung_ = false;
};

}  // namespace audit_trail::detail
