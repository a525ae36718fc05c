/// \file
/// The strand: gives ids, gathers batches, commits them one after the other. Runs on the library's own thread.
#pragma once

#include <audit_trail/error.hpp>
#include <chrono>
#include <cstdint>
#include <memory>

#include "storage/batch.hpp"
#include "storage/trail_store.hpp"
#include "writer/admission.hpp"
#include "writer/operation_chain.hpp"

namespace audit_trail::detail {

class commit_loop {
 public:
    commit_loop(std::shared_ptr<writer_core> core, std::unique_ptr<storage::trail_store> store);

    /// Returns when the inbox is closed and all that it held is committed: the result of closing the trail.
    error_code run();

 private:
    using clock = std::chrono::steady_clock;

    void let_gather();
    void let_answered_return();
    void note_answers(std::uint64_t taken);
    void gather();
    bool may_take(operation const& op);
    bool take(operation& op);
    bool place(operation& op);
    bool place_line(operation& op, line_extent const& line);

    void commit_batch();
    void count_batch(storage::commit_times const& times);
    void flush();
    void stop(error_code system_error);
    void fail_gathered(error_code ec);
    void count_answers();
    void sleep();
    error_code close();

    std::shared_ptr<writer_core> const core_;
    std::unique_ptr<storage::trail_store> const store_;
    storage::batch batch_;
    operation_chain gathered_;
    std::size_t gathered_count_ = 0;

    // The last round that had something to answer.
    std::uint64_t answered_ = 0;
    clock::time_point answered_at_;
    std::uint64_t expected_ = 0;            // would wait in the inbox, were all of them back
    std::chrono::nanoseconds last_sync_{};  // 0: it synced nothing

    bool flush_gathered_ = false;
    bool sync_gathered_ = false;
    bool throttled_ = false;
    std::uint64_t reported_ = 0;  // operations that left the inbox, as `complete` was last told
    error_code stopped_;          // what every later append gets
};

}  // namespace audit_trail::detail
