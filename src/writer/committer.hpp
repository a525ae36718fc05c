/// \file
/// Gives ids, gathers batches and commits them, one after the other.
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
#include "writer/operation_chain.hpp"
#include "writer/operation_pool.hpp"
#include "writer/statistics.hpp"
#include "writer/step_schedule.hpp"
#include "writer/submission_queue.hpp"

namespace audit_trail::detail {

/// What the committer works with. All of it belongs to the writer.
struct committer_parts {
    submission_queue& queue;
    operation_pool& pool;
    admission& limits;
    statistics& counts;
    completion_dispatcher& completions;
    std::atomic<int> const& contexts_ending;  // execution contexts that wait for all that was admitted
};

/// Every function but `may_wait` requires that the caller runs the writer's step: see step_schedule.
class committer {
 public:
    committer(committer_parts parts, writer_options const& options, std::unique_ptr<storage::trail_store> store);

    enum class progress {
        committed,  ///< a batch was committed or failed; there may be more
        idle,       ///< nothing can be committed before `reason` happens
        drained     ///< the queue is closed, and all that it held is committed
    };

    /// Gathers one batch, commits it and completes its operations. `owner` keeps the writer alive until the last of
    /// their handlers was called.
    progress run_once(std::shared_ptr<void> const& owner);

    /// Why the last `run_once` was idle.
    wait_reason idle_reason() const noexcept { return throttled_ ? wait_reason::room : wait_reason::input; }

    /// What the writer waits for, as it was when the step ended. May be asked while another step runs: it then says
    /// nothing of interest.
    struct wait_state {
        std::uint64_t taken;     // operations that had left the queue
        operation const* first;  // waits for room; null when the queue was empty
        admission::room_state room;
    };
    wait_state waiting() const noexcept;
    bool may_wait(wait_state const& state) const noexcept;

    /// Syncs all and marks the end of the trail clean. Releases the lock.
    error_code close();

 private:
    using clock = std::chrono::steady_clock;

    void wait_for_more();
    void gather();
    bool may_take(operation const& op);
    bool take(operation& op);
    bool place(operation& op);
    bool place_line(operation& op, line_extent const& line);
    bool must_drain() const noexcept;

    void commit_batch();
    void count_batch(storage::commit_times const& times);
    void flush();
    void stop(error_code system_error);
    void fail_gathered(error_code ec);
    void count_answers();

    committer_parts const parts_;
    std::unique_ptr<storage::trail_store> store_;
    storage::batch batch_;
    group_commit policy_;

    // The batch that gathers.
    operation_chain gathered_;
    std::uint64_t gathered_count_ = 0;
    bool flush_gathered_ = false;
    bool sync_gathered_ = false;
    bool throttled_ = false;  // the next operation waits for room
    group_commit::duration sync_time_{};

    std::uint64_t reported_ = 0;  // operations that had left the queue when `completions` was last called
    error_code stopped_;          // what every later append gets
};

}  // namespace audit_trail::detail
