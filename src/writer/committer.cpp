#include "writer/committer.hpp"

#include <algorithm>
#include <thread>
#include <utility>

#include "writer/operation_phase.hpp"

namespace audit_trail::detail {
namespace {

storage::batch::limits limits_of(writer_options const& options) {
    return {options.max_segment_bytes, options.max_batch_bytes, options.max_open_segments};
}

}  // namespace

committer::committer(committer_parts parts, writer_options const& options, std::unique_ptr<storage::trail_store> store)
    : parts_(parts), store_(std::move(store)), batch_(limits_of(options)) {}

committer::progress committer::run_once(std::shared_ptr<void> const& owner) {
    wait_for_more();
    gather();
    std::uint64_t const taken = parts_.queue.taken();
    if (taken == reported_) {
        if (parts_.queue.exhausted()) return progress::drained;
        policy_.queue_was_empty();
        return progress::idle;
    }
    sync_time_ = {};
    if (!batch_.empty()) commit_batch();
    if (flush_gathered_) flush();
    count_answers();
    note_health();
    parts_.health.report(owner);
    policy_.batch_answered(gathered_.size(), parts_.queue.put() - taken, sync_time_, clock::now());
    parts_.completions.complete(std::move(gathered_), taken, owner);
    reported_ = taken;
    return progress::committed;
}

/// Sleeps instead of polling: reading the queue entries that other threads write would slow those threads down.
void committer::wait_for_more() {
    policy_.begin_batch();
    auto const queued = [this] { return parts_.queue.put() - parts_.queue.taken(); };
    while (policy_.should_wait(queued(), clock::now()) && !must_drain()) std::this_thread::sleep_for(policy_.nap);
}

/// Returns true if all admitted events must be committed without waiting for handlers to make room: the writer closes,
/// or a thread that destroys an execution context waits for them.
bool committer::must_drain() const noexcept {
    return parts_.queue.closed() || parts_.contexts_ending.load(std::memory_order_seq_cst) != 0;
}

void committer::gather() {
    batch_.clear(store_->next_id());
    flush_gathered_ = sync_gathered_ = committed_ = throttled_ = false;
    while (!batch_.full() && gathered_.size() < group_commit::max_operations) {
        operation* const op = parts_.queue.front();
        if (!op) return;
        if (flush_gathered_ && op->what != operation::kind::flush) return;
        if (!may_take(*op)) {
            throttled_ = true;
            return;
        }
        parts_.queue.pop();
        if (!take(*op)) return parts_.queue.put_back(*op);
    }
}

void committer::fail_queued(error_code ec, std::shared_ptr<void> const& owner) {
    throttled_ = false;
    while (operation* const op = parts_.queue.front()) {
        parts_.queue.pop();
        if (!settle(*op)) continue;
        op->error = ec;
        add_gathered(*op);
    }
    count_answers();
    reported_ = parts_.queue.taken();
    parts_.completions.complete(std::move(gathered_), reported_, owner);
}

committer::wait_state committer::waiting() const noexcept {
    operation const* const first = throttled_ ? parts_.queue.front() : nullptr;
    admission::amount const wanted =
        first ? admission::amount{first->charged_events, first->charged_bytes} : admission::amount{};
    return {parts_.queue.taken(), first, parts_.limits.room_for(wanted)};
}

bool committer::may_wait(wait_state const& state) const noexcept {
    if (!state.first) return !parts_.queue.has_more_than(state.taken);
    return !must_drain() && !operation_phase::is_cancelled(*state.first) && !parts_.limits.has_room(state.room);
}

bool committer::may_take(operation const& op) {
    if (op.charged_events == 0 || operation_phase::is_cancelled(op)) return true;
    return must_drain() || parts_.limits.may_become_pending({op.charged_events, op.charged_bytes});
}

/// Returns false if the operation must wait until the current batch is committed.
bool committer::take(operation& op) {
    if (!settle(op)) return true;
    if (stopped_) {
        op.error = stopped_;
    } else if (op.what == operation::kind::flush) {
        flush_gathered_ = true;
        sync_gathered_ |= op.wanted == durability::synced;
    } else if (!add_to_batch(op)) {
        return false;
    }
    add_gathered(op);
    return true;
}

/// Returns false for a cancelled operation.
bool committer::settle(operation& op) {
    if (operation_phase::try_settle(op)) return true;
    if (operation_phase::leave(op, operation_phase::queue_left)) parts_.pool.release(op);
    return false;
}

void committer::add_gathered(operation& op) {
    parts_.limits.take({op.charged_events, op.charged_bytes});
    gathered_.push_back(op);
}

/// Returns false if the process is out of file descriptors and the batch is not empty: its commit frees descriptors.
bool committer::add_to_batch(operation& op) {
    batch_.mark();
    op.first_id = batch_.next_id();
    bool placed = true;
    storage::catch_bad_alloc(
        op.error, [&] { op.for_each_line([&](line_extent const& line) { placed = placed && add_line(op, line); }); });
    if (placed && !op.error) return true;
    batch_.roll_back();
    if (batch_.empty() || !storage::is_out_of_descriptors(op.error)) return true;
    op.error = {};
    return false;
}

bool committer::add_line(operation& op, line_extent const& line) {
    std::string_view const text = op.text.view().substr(line.begin, line.size);
    storage::category& owner = store_->find(text.substr(line.domain_begin, line.domain_size),
                                            text.substr(line.category_begin, line.category_size));
    store_->open_segment(batch_, owner, op.error);
    if (!op.error) return batch_.add(owner, text, op.wanted), true;
    // To open the segment, another one may have been synced and closed. A failed sync is final.
    if (error_code const final_failure = store_->failure()) {
        stop(final_failure);
        op.error = stopped_;
    }
    return false;
}

void committer::commit_batch() {
    if (stopped_) return fail_gathered(stopped_);  // while the batch was gathered: nothing was written
    storage::commit_times times;
    error_code ec;
    switch (store_->commit(batch_, times, ec)) {
        case storage::commit_result::committed:
            return count_batch(times);
        case storage::commit_result::cut_back:
            return fail_gathered(ec);
        case storage::commit_result::failed:
            fail_gathered({ec.value(), outcome_unknown_category()});
            return stop(ec);
    }
}

void committer::count_batch(storage::commit_times const& times) {
    committed_ = true;
    statistics& counts = parts_.counts;
    counts.bytes.add(batch_.bytes());
    counts.batches.add(1);
    counts.batch_events.add(batch_.events());
    counts.batch_bytes.add(batch_.bytes());
    counts.write_time.add(static_cast<std::uint64_t>(times.write.count()));
    sync_time_ = times.sync;
    if (sync_time_.count() != 0) {
        counts.syncs.add(1);
        counts.sync_time.add(static_cast<std::uint64_t>(times.sync.count()));
    }
    counts.last_event_id.set(batch_.next_id() - 1);
    counts.last_synced_event_id.set(store_->synced_through());
    auto const& log = store_->log_use();
    counts.log_writes.set(log.writes);
    counts.log_bytes.set(log.bytes);
    counts.log_clearings.set(log.clearings);
    counts.log_full.set(log.full);
    counts.log_unavailable.set(log.unavailable);
}

void committer::flush() {
    error_code answer = stopped_;
    if (!stopped_ && sync_gathered_) {
        auto const begin = clock::now();
        error_code ec;
        store_->sync_all(ec);
        sync_time_ = clock::now() - begin;
        parts_.counts.syncs.add(1);
        parts_.counts.sync_time.add(static_cast<std::uint64_t>(sync_time_.count()));
        parts_.counts.last_synced_event_id.set(store_->synced_through());
        answer = ec;
        if (store_->failure()) {
            answer = {ec.value(), outcome_unknown_category()};
            stop(ec);
        }
    }
    for (operation& op : gathered_) {
        if (op.what == operation::kind::flush) op.error = answer;
    }
}

void committer::stop(error_code system_error) {
    stopped_ = {system_error.value(), stopped_category()};
}

/// Operations that already failed keep their own error.
void committer::fail_gathered(error_code ec) {
    for (operation& op : gathered_) {
        if (op.what == operation::kind::append && !op.error) op.error = ec;
    }
}

void committer::count_answers() {
    std::uint64_t acknowledged = 0;
    std::uint64_t failed = 0;
    for (operation const& op : gathered_) (op.error ? failed : acknowledged) += op.charged_events;
    parts_.counts.acknowledged.add(acknowledged);
    if (failed != 0) parts_.counts.failed.add(failed);
}

void committer::note_health() {
    parts_.counts.vanished_segments.set(store_->vanished_segments());
    parts_.health.note_vanished(store_->vanished_segments());

    auto const& log = store_->log_use();
    bool const log_failed = std::exchange(log_failures_, log.unavailable) != log.unavailable;
    bool const log_used = std::exchange(log_uses_, log.writes) != log.writes;
    bool const is_of_system = log.unavailable_reason.category() == boost::system::system_category();
    int const reason = is_of_system ? log.unavailable_reason.value() : 0;
    if (log_failed || log_used) parts_.health.note_log_unavailable(log_failed, reason);

    auto const refused = std::ranges::find_if(gathered_, [](operation const& op) {
        return storage::is_disk_full(op.error) && op.error.category() != stopped_category();
    });
    if (refused != gathered_.end()) {
        parts_.health.note_disk_full(true, refused->error.value());
    } else if (committed_) {
        parts_.health.note_disk_full(false, 0);
    }
    if (stopped_) parts_.health.note_stopped(stopped_.value());
}

error_code committer::close(std::shared_ptr<void> const& owner) {
    error_code ec;
    store_->close(ec);
    if (ec) parts_.health.note_stopped(ec.value());
    parts_.health.report(owner);
    parts_.counts.last_synced_event_id.set(store_->synced_through());
    store_.reset();
    if (stopped_) return stopped_;
    return ec ? error_code(ec.value(), outcome_unknown_category()) : ec;
}

}  // namespace audit_trail::detail
