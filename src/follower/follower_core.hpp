/// \file
/// What the handle, the calls and the thread of one follower share.
#pragma once

#include <atomic>
#include <audit_trail/detail/next_operation.hpp>
#include <audit_trail/event_filter.hpp>
#include <audit_trail/read_report.hpp>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "async/context_registry.hpp"
#include "async/home_executor.hpp"
#include "system/wake_event.hpp"
#include "follower/line_queue.hpp"
#include "follower/operation_set.hpp"
#include "follower/trail_follower.hpp"
#include "system/fork_registry.hpp"

namespace audit_trail::detail {

/// The thread reads ahead into a queue. A call that finds more there than was promised to others has its handler posted
/// at once; else it waits until the thread has something for it. The handler takes its line when it runs, no earlier:
/// so a call that is cancelled, or destroyed, on the way leaves the line to the next.
class follower_core final : public std::enable_shared_from_this<follower_core>,
                            public context_guest,
                            private storage::fork_participant {
 public:
    follower_core(asio::any_io_executor executor, std::filesystem::path const& root, event_filter filter,
                  std::optional<std::uint64_t> from_event_id);
    ~follower_core() override;

    /// Starts the thread, unless it has been.
    void start(error_code& ec);

    // Initiating threads.
    next_operation* prepare(error_code& ec);
    void watch_context(asio::execution_context& context, asio::any_io_executor const& executor);
    void submit(next_operation& op);
    void cancel(std::uint64_t number);

    // A handler's executor.
    entry take(next_operation& op, error_code& ec);
    void put_back(next_operation& op) noexcept;

    /// The handle is gone.
    void let_go() noexcept;

    // The thread that destroys an execution context.
    void forget_context(asio::execution_context& context) override;
    void leave_context(asio::execution_context& context) override;

    // Anybody.
    home_executor const& home() const noexcept { return home_; }
    read_report report() const;
    std::vector<read_finding> take_findings();

 private:
    struct known_context {
        asio::execution_context* context;
        std::shared_ptr<context_registry> registry;
    };

    void before_fork() noexcept override;
    void after_fork_in_parent() noexcept override;
    void after_fork_in_child() noexcept override;

    void start_thread(error_code& ec);

    // The follower's thread.
    void run();
    bool may_read();
    bool read_ahead();
    void note_report();
    void drop_taken_findings();
    bool wait_for_change();
    void answer_waiting();

    // With the mutex held.
    std::size_t answers() const noexcept;
    bool is_stopped() const noexcept { return stop_.load(std::memory_order_relaxed); }

    void wait_closed_unless_held();
    bool is_known(asio::execution_context const& context) const;
    void post(next_operation& op);

    static constexpr std::size_t max_bytes_ahead = 1024 * 1024;

    home_executor home_;
    wake_event wake_;
    std::atomic<bool> stop_{false};
    std::atomic<bool> is_started_{false};
    std::atomic<bool> is_forked_{false};
    std::atomic<std::uint64_t> last_number_{0};
    reading::trail_follower trail_;  // the thread's alone

    /// Held by the thread while it posts handlers, so that their contexts stay meanwhile. Taken before the other.
    std::mutex posting_;

    mutable std::mutex mutex_;
    std::condition_variable ended_;
    operation_set<next_operation> waiting_;
    operation_set<next_operation> promised_;
    reading::line_queue lines_;
    error_code failure_;      // the answer behind the last line
    bool is_halted_ = false;  // a failure was met: nothing is read until a call waits
    bool is_full_ = false;    // the thread waits for room
    bool has_ended_ = false;
    read_report report_;              // a copy of the trail's
    std::size_t taken_findings_ = 0;  // which the trail's report still holds
    std::vector<known_context> known_;
};

}  // namespace audit_trail::detail
