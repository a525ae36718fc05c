/// \file
/// What the handle, the operations and the commit thread of one writer share.
#pragma once

#include <atomic>
#include <audit_trail/event.hpp>
#include <audit_trail/recovery_report.hpp>
#include <audit_trail/writer_options.hpp>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "async/context_registry.hpp"
#include "async/home_executor.hpp"
#include "system/fork_registry.hpp"
#include "storage/trail_store.hpp"
#include "writer/admission.hpp"
#include "writer/completion_dispatcher.hpp"
#include "writer/doorbell.hpp"
#include "writer/inbox.hpp"
#include "writer/operation_pool.hpp"
#include "writer/statistics.hpp"

namespace audit_trail::detail {

class writer_core final : public std::enable_shared_from_this<writer_core>,
                          public context_guest,
                          private storage::fork_participant {
 public:
    writer_core(asio::any_io_executor executor, std::filesystem::path root, writer_options const& options,
                storage::file_system& system = storage::posix_file_system());
    ~writer_core() override;

    /// Opens the trail on this thread, then starts the commit thread.
    void open(error_code& ec);

    /// Starts the commit thread, which opens the trail first and completes `op` with the result.
    void open_in_background(operation& op);

    // Initiating threads.
    operation* prepare_append(event_draft& draft, std::optional<durability> wanted, error_code& ec);
    operation* prepare_batch(std::vector<event_draft>& drafts, error_code& ec);
    operation* prepare_flush(durability wanted, error_code& ec);
    operation* prepare_close(error_code& ec);
    /// From now on the end of the contexts that the operation needs is heeded.
    void watch_contexts(operation const& op);
    void submit(operation& op);
    /// The operation was not submitted, and never existed.
    void take_back(operation& op) noexcept;
    void cancel(operation& op, std::uint64_t queued_phase);

    /// Any thread: the operation is done with.
    void put_back(operation& op) noexcept;
    /// The same for a cancelled one: called by both `party`s that hold it (see operation_phase.hpp).
    void put_back_cancelled(operation& op, std::uint64_t party) noexcept;

    /// The handle is gone: close in the background.
    void let_go() noexcept;

    // The thread that destroys an execution context: first that its handlers go, then that they are gone.
    void forget_context(asio::execution_context& context) override;
    /// Waits for the end of the writer, unless a handle is still there.
    void leave_context(asio::execution_context& context) override;

    // Commit thread.
    inbox& input() noexcept { return inbox_; }
    doorbell& bell() noexcept { return bell_; }
    admission& limits() noexcept { return admission_; }
    statistics& counts() noexcept { return counts_; }
    void complete(operation_chain&& done, std::uint64_t taken);
    /// Whether what was let in must be committed though nobody makes room.
    bool must_drain() const noexcept;

    // Anybody.
    home_executor const& home() const noexcept { return home_; }
    bool is_open() const noexcept { return !inbox_.closed(); }
    writer_options const& options() const noexcept { return options_; }
    recovery_report const& recovery() const noexcept { return recovery_; }
    writer_stats stats() const noexcept;

 private:
    /// Operations that count as no event: flushes.
    static constexpr std::size_t max_control_operations = 1024;

    static std::size_t max_operations(writer_options const& options) noexcept;

    void before_fork() noexcept override;
    void after_fork_in_parent() noexcept override;
    void after_fork_in_child() noexcept override;

    error_code start_thread(operation* opening);
    void run(operation* opening);
    std::unique_ptr<storage::trail_store> open_store(error_code& ec);
    void end(error_code result);
    void fail_opening(operation& opening, error_code why) noexcept;

    operation* take_operation(operation::kind what, durability wanted, error_code& ec);
    error_code add_line(operation& op, event_draft& draft);
    bool admit(operation& op);
    std::nullptr_t refuse(error_code& ec, error_code why) noexcept;
    void drop_contents(operation& op) noexcept;
    void give_to_pool(operation& op) noexcept;
    void close_with(operation& op);
    void finish_later(operation& op);

    home_executor home_;
    std::filesystem::path const root_;
    writer_options const options_;
    storage::file_system& system_;
    recovery_report recovery_;
    std::unique_ptr<storage::trail_store> store_;  // until the commit thread has it

    admission admission_;
    operation_pool pool_;
    inbox inbox_;
    doorbell bell_;
    completion_dispatcher dispatcher_;
    statistics counts_;

    std::atomic<bool> held_{true};
    std::atomic<bool> forked_{false};
    std::atomic<int> contexts_ending_{0};

    std::mutex closing_;
    operation_chain waiting_for_close_;
    std::optional<error_code> close_result_;
};

}  // namespace audit_trail::detail
