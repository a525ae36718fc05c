/// \file
/// The state that the handle, the calls and the reading strand of one follower share.
#pragma once

#include <atomic>
#include <audit_trail/detail/next_operation.hpp>
#include <audit_trail/event_filter.hpp>
#include <audit_trail/read_report.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
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
#include "async/reserved_memory.hpp"
#include "follower/operation_set.hpp"
#include "follower/read_ahead.hpp"
#include "system/disk_pool.hpp"
#include "system/fork_registry.hpp"

namespace audit_trail::detail {

/// Steps on a strand of a disk pool read lines ahead into a queue. If the queue holds more lines than were promised to
/// earlier calls, the handler of a new call is posted at once. Otherwise the call waits for a step. A handler takes its
/// line only when it runs: so a call that is cancelled or destroyed before leaves the line to the next call.
///
/// At most one step is posted at a time. A step that reads nothing starts a wait for inotify events and for the timer.
/// Both post the next step, and so does a call that needs one.
class follower_impl final : public std::enable_shared_from_this<follower_impl>,
                            public context_guest,
                            private storage::fork_participant {
 public:
    follower_impl(asio::any_io_executor executor, std::filesystem::path const& root, event_filter filter,
                  std::optional<std::uint64_t> from_event_id);
    ~follower_impl() override;

    /// Starts reading, unless this was done before.
    void start(error_code& ec);

    // Called by initiating threads.
    next_operation* prepare(error_code& ec);
    void watch_context(asio::execution_context& context, asio::any_io_executor const& executor);
    void submit(next_operation& op);
    void cancel(std::uint64_t number);

    // Called on a handler's executor.
    entry take(next_operation& op, error_code& ec);
    void release(next_operation& op) noexcept;

    /// Called when the handle is destroyed.
    void close() noexcept;

    // Called by the thread that destroys an execution context.
    void forget_context(asio::execution_context& context) override;
    void leave_context(asio::execution_context& context) override;

    // Thread safe.
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

    void start_reading(error_code& ec);

    /// Posts a step, unless one is posted. Requires: mutex held and not ended, or on the strand.
    void schedule() noexcept;

    // Requires: on the strand.
    void step();
    void read_and_answer();
    void end_wait();
    void wait();
    void fail(error_code ec);
    void end();
    bool may_read();
    bool read();
    void copy_report();
    void drop_taken_findings();
    void answer_waiting();
    next_operation* promise_next();

    // Requires: mutex held.
    std::size_t answers() const noexcept;
    bool can_answer() const noexcept;
    entry take_line(error_code& ec);
    bool is_stopped() const noexcept { return stop_.load(std::memory_order_relaxed); }

    void wait_closed_unless_held();
    bool is_known(asio::execution_context const& context) const;
    void post(next_operation& op);

    static constexpr std::size_t max_bytes_ahead = 1024 * 1024;

    /// The I/O objects on which a follower waits between two steps.
    struct wait_objects {
        explicit wait_objects(asio::any_io_executor const& executor) : changes(executor), timer(executor) {}

        asio::posix::stream_descriptor changes;  // open only during a wait; the tail session owns the descriptor
        asio::steady_timer timer;
    };

    home_executor home_;
    std::unique_ptr<disk_pool> disk_;
    std::unique_ptr<wait_objects> waits_;
    reserved_memory step_memory_;
    std::atomic<bool> is_scheduled_{false};
    std::atomic<bool> stop_{false};
    std::atomic<bool> is_started_{false};
    std::atomic<bool> is_forked_{false};
    std::atomic<std::uint64_t> last_number_{0};

    // Used only on the strand.
    reading::read_ahead trail_;
    bool may_have_more_ = true;  // `trail_` may have more lines, or an error, to return
    bool expects_writer_gone_ = false;

    /// Held by a step while it posts handlers, so that their contexts are not destroyed meanwhile. Locked before
    /// `mutex_`.
    std::mutex posting_;

    mutable std::mutex mutex_;
    std::condition_variable ended_;
    operation_set<next_operation> waiting_;
    operation_set<next_operation> promised_;
    reading::line_queue lines_;
    error_code failure_;         // the answer after the last line
    bool is_halted_ = false;     // after a failure, nothing is read until a call waits
    bool is_full_ = false;       // reading waits for room in the queue
    bool is_answering_ = false;  // a step posts handlers
    bool has_ended_ = false;
    read_report report_;              // a copy of trail_.report()
    std::size_t taken_findings_ = 0;  // that trail_.report() still holds
    std::vector<known_context> known_;
};

}  // namespace audit_trail::detail
