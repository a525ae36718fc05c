/// \file
/// Gathers operations into batches, assigns ids, and commits one batch after the other.
#pragma once

#include <atomic>
#include <audit_trail/error.hpp>
#include <audit_trail/writer_options.hpp>
#include <cstdint>
#include <memory>

#include "storage/batch.hpp"
#include "storage/trail_store.hpp"
#include "writer/admission.hpp"
#include "writer/completion_dispatcher.hpp"
#include "writer/group_commit.hpp"
#include "writer/health_monitor.hpp"
#include "writer/operation_list.hpp"
#include "writer/operation_pool.hpp"
#include "writer/statistics.hpp"
#include "writer/step_schedule.hpp"
#include "writer/submission_queue.hpp"

namespace audit_trail::detail {

/// References to the parts of a writer that the committer uses.
struct committer_parts {
    submission_queue& queue;
    operation_pool& pool;
    admission& limits;
    statistics& counts;
    completion_dispatcher& completions;
    health_monitor& health;
    std::atomic<int> const& contexts_ending;  // contexts that are being destroyed: see must_drain
};

/// Requires, for every function but `may_wait`: the caller runs the writer's step (see step_schedule).
class committer {
 public:
    committer(committer_parts parts, writer_options const& options, std::unique_ptr<storage::trail_store> store);

    enum class progress {
        committed,  ///< a batch was committed or failed; there may be more
        idle,       ///< nothing can be committed before `reason` happens
        drained     ///< the queue is closed and empty, and all batches are finished
    };

    /// Gathers one batch, commits it and completes its operations. `owner` keeps the writer alive until their handlers
    /// have run or were destroyed.
    progress run_once(std::shared_ptr<void> const& owner);

    /// Completes all operations in the queue with this error. Does not use the disk.
    void fail_queued(error_code ec, std::shared_ptr<void> const& owner);

    /// Requires: the last `run_once` returned `idle`. Returns what the writer has to wait for.
    wait_reason idle_reason() const noexcept { return throttled_ ? wait_reason::room : wait_reason::input; }

    /// A snapshot, taken by a step that is about to end, of what the writer waits for.
    struct wait_state {
        std::uint64_t taken;     // operations that had left the queue
        operation const* first;  // the operation that waits for room; null if the queue was empty
        admission::room_state room;
    };
    wait_state waiting() const noexcept;
    /// Returns true if nothing has happened since that requires another step. Thread safe. If another step already
    /// runs, the result is meaningless, but causes at most one unnecessary step.
    bool may_wait(wait_state const& state) const noexcept;

    /// Syncs all lines, marks the end of the trail as clean, and releases the lock.
    error_code close(std::shared_ptr<void> const& owner);

 private:
    using clock = std::chrono::steady_clock;

    void wait_for_more();
    void gather();
    bool may_take(operation const& op);
    bool take(operation& op);
    bool add_to_batch(operation& op);
    bool add_line(operation& op, line_extent const& line);
    bool must_drain() const noexcept;

    void commit_batch();
    void count_batch(storage::commit_times const& times);
    void flush();
    void stop(error_code system_error);
    bool settle(operation& op);
    void add_gathered(operation& op);
    void fail_gathered(error_code ec);
    void count_answers();
    void note_health();

    committer_parts const parts_;
    std::unique_ptr<storage::trail_store> store_;
    storage::batch batch_;
    group_commit policy_;

    // The current batch.
    operation_list gathered_;
    bool flush_gathered_ = false;
    bool sync_gathered_ = false;
    bool committed_ = false;
    bool throttled_ = false;  // the next operation waits for room
    group_commit::duration sync_time_{};

    std::uint64_t log_uses_ = 0;  // as of the last note_health
    std::uint64_t log_failures_ = 0;
    std::uint64_t reported_ = 0;  // operations that had left the queue when `completions` was last called
    error_code stopped_;          // the error of every later append; none while the writer works
};

}  // namespace audit_trail::detail
