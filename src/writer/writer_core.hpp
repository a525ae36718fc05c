/// \file
/// The state that the handle, the operations and the steps of one writer share.
#pragma once

#include <atomic>
#include <audit_trail/event.hpp>
#include <audit_trail/recovery_report.hpp>
#include <audit_trail/writer_options.hpp>
#include <cerrno>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "async/context_registry.hpp"
#include "async/home_executor.hpp"
#include "async/reserved_memory.hpp"
#include "system/disk_pool.hpp"
#include "system/file_system.hpp"
#include "system/fork_registry.hpp"
#include "writer/admission.hpp"
#include "writer/completion_dispatcher.hpp"
#include "writer/health_monitor.hpp"
#include "writer/operation_pool.hpp"
#include "writer/redactor.hpp"
#include "writer/statistics.hpp"
#include "writer/step_schedule.hpp"
#include "writer/submission_queue.hpp"

namespace audit_trail::detail {

class committer;

/// Also the error of calls that no step can serve, because a shared disk executor threw.
inline error_code const out_of_memory(ENOMEM, boost::system::system_category());

class writer_core final : public std::enable_shared_from_this<writer_core>,
                          public context_guest,
                          private storage::fork_participant {
 public:
    writer_core(asio::any_io_executor executor, std::filesystem::path root, writer_options options,
                storage::file_system& system = storage::posix_file_system());
    ~writer_core() override;

    /// Opens the trail on this thread.
    void open(error_code& ec);

    /// Posts a step that opens the trail and completes `op` with the result.
    void open_in_background(operation& op);

    // Called by initiating threads. The `prepare_` functions return null and set `ec` if the call is refused.
    operation* prepare_append(event_draft& draft, std::optional<durability> wanted, error_code& ec);
    operation* prepare_batch(std::vector<event_draft>& drafts, error_code& ec);
    operation* prepare_flush(durability wanted, error_code& ec);
    operation* prepare_close(error_code& ec);
    /// Registers the writer with the contexts that the operation needs.
    void watch_contexts(operation const& op);
    void submit(operation& op);
    /// Destroys an operation that was not submitted. Requires: no handler is attached. Undoes what `prepare_` counted.
    void discard(operation& op) noexcept;
    void cancel(operation& op, std::uint64_t queued_phase);

    /// Releases an operation whose handler has run or was destroyed, and makes room for others. Thread safe.
    void release(operation& op) noexcept;
    /// The same for a cancelled operation: each `party` calls this once (see operation_phase.hpp).
    void release_cancelled(operation& op, std::uint64_t party) noexcept;

    /// Called when the handle is destroyed. Closes the writer in the background.
    void release_handle() noexcept;

    // Called by the thread that destroys an execution context.
    void forget_context(asio::execution_context& context) override;
    /// Waits until the writer has ended, unless a handle exists.
    void leave_context(asio::execution_context& context) override;

    // Thread safe.
    home_executor const& home() const noexcept { return home_; }
    bool is_open() const noexcept { return !queue_.closed(); }
    writer_options const& options() const noexcept { return options_; }
    recovery_report const& recovery() const noexcept { return recovery_; }
    writer_stats stats() const noexcept;

 private:
    /// The maximum number of flushes and empty batches, which the limits on events do not count.
    static constexpr std::size_t max_control_operations = 1024;

    static std::size_t max_operations(writer_options const& options) noexcept;

    void before_fork() noexcept override;
    void after_fork_in_parent() noexcept override;
    void after_fork_in_child() noexcept override;

    void open_trail(error_code& ec);
    void watch_own_contexts();
    void end(error_code result);
    bool has_ended() noexcept;
    void fail_opening(operation& opening, error_code why) noexcept;

    // Steps: see step_schedule.
    class step;
    class poster;
    /// Posts a step if the writer waits for that reason. Returns false if the shared disk executor threw.
    bool wake(wait_reason reason) noexcept { return !schedule_.waits_for(reason) || post_awaited_step(reason); }
    bool wake() noexcept;
    bool post_awaited_step(wait_reason reason) noexcept;
    bool post_step() noexcept;
    void fail_queued();
    void fail_closes();
    void wait_for_posters() noexcept;
    void run_step();
    bool begin_trail();
    bool may_continue_on_this_thread();
    bool wait_unless_ready();
    void finish();

    operation* take_operation(operation::kind what, durability wanted, error_code& ec);
    error_code add_line(operation& op, event_draft& draft);
    bool admit(operation& op);
    std::nullptr_t refuse(error_code& ec, error_code why) noexcept;
    void clear_contents(operation& op) noexcept;
    void close_with(operation& op);
    void finish_later(operation& op);

    home_executor home_;
    std::filesystem::path const root_;
    writer_options const options_;
    redactor const redactor_;
    storage::file_system& system_;
    recovery_report recovery_;
    std::unique_ptr<disk_pool> disk_;
    asio::execution_context* const disk_context_;  // null if the disk pool has its own threads

    admission admission_;
    operation_pool pool_;
    submission_queue queue_;
    completion_dispatcher dispatcher_;
    health_monitor health_;
    statistics counts_;
    step_schedule schedule_;
    reserved_memory step_memory_;
    operation* opening_ = nullptr;          // completed by the first step, which opens the trail
    std::unique_ptr<committer> committer_;  // null until the trail is open

    std::atomic<bool> held_{true};  // by a handle
    std::atomic<bool> forked_{false};
    std::atomic<int> contexts_ending_{0};
    std::atomic<int> posters_{0};  // threads that may use `disk_` to post a step

    std::mutex closing_;
    operation_list waiting_for_close_;
    std::optional<error_code> close_result_;  // set when the writer has ended
};

}  // namespace audit_trail::detail
