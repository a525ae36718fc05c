#include "writer/commit_loop.hpp"

#include <sys/prctl.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "writer/operation_phase.hpp"
#include "writer/writer_core.hpp"

namespace audit_trail::detail {
namespace {

/// A round ends here even when it fills no batch, so that refused operations hear of it.
constexpr std::size_t max_gathered = 8192;

/// How the thread waits for a batch to fill: it looks after each nap, and goes on when nothing came meanwhile.
constexpr std::chrono::microseconds nap{20};
constexpr int most_naps = 8;
constexpr std::size_t enough_operations = 512;

/// Who has been answered is awaited as long as all seem to be back within so many naps.
constexpr std::uint64_t naps_to_return = 16;

storage::batch::limits limits_of(writer_options const& options) {
    return {options.max_segment_bytes, options.max_batch_bytes, options.max_open_segments};
}

}  // namespace

commit_loop::commit_loop(std::shared_ptr<writer_core> core, std::unique_ptr<storage::trail_store> store)
    : core_(std::move(core)), store_(std::move(store)), batch_(limits_of(core_->options())) {}

error_code commit_loop::run() {
    prctl(PR_SET_TIMERSLACK, 1);  // nanosecond: naps are short
    for (;;) {
        gather();
        std::uint64_t const taken = core_->input().taken();
        if (taken == reported_) {
            if (core_->input().exhausted()) return close();
            sleep();
            continue;
        }
        last_sync_ = {};
        if (!batch_.empty()) commit_batch();
        if (flush_gathered_) flush();
        count_answers();
        note_answers(taken);
        core_->complete(std::move(gathered_), taken);
        reported_ = taken;
    }
}

/// Under load the next events are a moment away, and a larger batch costs each of them less than a wake-up would. The
/// thread sleeps meanwhile: to look at the places that others fill would slow them down. A writer with one append at a
/// time never waits here.
void commit_loop::let_gather() {
    if (last_sync_.count() != 0) return let_answered_return();
    inbox const& input = core_->input();
    std::uint64_t seen = input.put();
    for (int naps = 0; naps != most_naps; ++naps) {
        if (seen - input.taken() >= enough_operations || core_->must_drain()) return;
        std::this_thread::sleep_for(nap);
        std::uint64_t const now = input.put();
        if (now == seen) return;
        seen = now;
    }
}

/// During a sync others had the time to come. Where they have not, everybody waits for an answer before going on, and
/// will be back soon: to begin without them would make them wait for another whole sync. They are awaited for half of
/// the time of a sync at most, and only while they return so fast that this can be long enough.
void commit_loop::let_answered_return() {
    inbox const& input = core_->input();
    auto const end = answered_at_ + last_sync_ / 2;
    std::uint64_t came = input.put() - input.taken();
    if (came == 0 || came >= answered_ / 2) return;
    for (bool first = true; came < expected_ && clock::now() < end && !core_->must_drain(); first = false) {
        std::this_thread::sleep_for(nap);
        std::uint64_t const now = input.put() - input.taken();
        bool const slow = (now - came) * naps_to_return < answered_;
        if (slow && !first) return;  // the first nap is for their threads to wake up
        came = now;
    }
}

void commit_loop::note_answers(std::uint64_t taken) {
    answered_ = gathered_count_;
    answered_at_ = clock::now();
    expected_ = std::min<std::uint64_t>(core_->input().put() - taken + answered_, max_gathered);
}

void commit_loop::gather() {
    if (answered_ > 1) let_gather();
    batch_.clear(store_->next_id());
    gathered_count_ = 0;
    flush_gathered_ = sync_gathered_ = throttled_ = false;
    while (!batch_.full() && gathered_count_ < max_gathered) {
        operation* const op = core_->input().front();
        if (!op) return;
        if (flush_gathered_ && op->what != operation::kind::flush) return;
        if (!may_take(*op)) {
            throttled_ = true;
            return;
        }
        core_->input().pop();
        if (!take(*op)) return core_->input().put_back(*op);
    }
}

bool commit_loop::may_take(operation const& op) {
    if (op.charged_events == 0 || operation_phase::is_cancelled(op)) return true;
    return core_->must_drain() || core_->limits().may_become_pending({op.charged_events, op.charged_bytes});
}

/// False: the operation has to wait for the commit of what is gathered.
bool commit_loop::take(operation& op) {
    if (!operation_phase::try_settle(op)) return core_->put_back_cancelled(op, operation_phase::inbox_left), true;
    if (stopped_) {
        op.error = stopped_;
    } else if (op.what == operation::kind::flush) {
        flush_gathered_ = true;
        sync_gathered_ |= op.wanted == durability::synced;
    } else if (!place(op)) {
        return false;
    }
    core_->limits().take({op.charged_events, op.charged_bytes});
    gathered_.push(op);
    ++gathered_count_;
    return true;
}

/// False: the batch holds every file descriptor that is to be had, and its commit makes room.
bool commit_loop::place(operation& op) {
    batch_.mark();
    op.first_id = batch_.next_id();
    bool placed = true;
    storage::catch_bad_alloc(
        op.error, [&] { op.for_each_line([&](line_extent const& line) { placed = placed && place_line(op, line); }); });
    if (placed && !op.error) return true;
    batch_.roll_back();
    if (batch_.empty() || !storage::is_out_of_descriptors(op.error)) return true;
    op.error = {};
    return false;
}

bool commit_loop::place_line(operation& op, line_extent const& line) {
    std::string_view const text = op.text.view().substr(line.begin, line.size);
    storage::category& owner = store_->find(text.substr(line.domain_begin, line.domain_size),
                                            text.substr(line.category_begin, line.category_size));
    store_->open_segment(batch_, owner, op.error);
    if (!op.error) return batch_.add(owner, text, op.wanted), true;
    // A sync to make room for the segment may have failed, and that is final.
    if (error_code const final_failure = store_->failure()) {
        stop(final_failure);
        op.error = stopped_;
    }
    return false;
}

void commit_loop::commit_batch() {
    if (stopped_) return fail_gathered(stopped_);  // while it was gathered: nothing of it is written
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

void commit_loop::count_batch(storage::commit_times const& times) {
    statistics& counts = core_->counts();
    counts.bytes.add(batch_.bytes());
    counts.batches.add(1);
    counts.batch_events.add(batch_.events());
    counts.batch_bytes.add(batch_.bytes());
    counts.write_time.add(static_cast<std::uint64_t>(times.write.count()));
    last_sync_ = times.sync;
    if (last_sync_.count() != 0) {
        counts.syncs.add(1);
        counts.sync_time.add(static_cast<std::uint64_t>(times.sync.count()));
    }
    counts.last_event_id.set(batch_.next_id() - 1);
    counts.last_synced_event_id.set(store_->synced_through());
}

void commit_loop::flush() {
    error_code answer = stopped_;
    if (!stopped_ && sync_gathered_) {
        auto const begin = clock::now();
        error_code ec;
        store_->sync_all(ec);
        last_sync_ = clock::now() - begin;
        core_->counts().syncs.add(1);
        core_->counts().sync_time.add(static_cast<std::uint64_t>(last_sync_.count()));
        core_->counts().last_synced_event_id.set(store_->synced_through());
        answer = ec;
        if (store_->failure()) {
            answer = {ec.value(), outcome_unknown_category()};
            stop(ec);
        }
    }
    gathered_.for_each([&](operation& op) {
        if (op.what == operation::kind::flush) op.error = answer;
    });
}

void commit_loop::stop(error_code system_error) {
    stopped_ = {system_error.value(), stopped_category()};
}

/// Those that were refused before keep their own reason.
void commit_loop::fail_gathered(error_code ec) {
    gathered_.for_each([&](operation& op) {
        if (op.what == operation::kind::append && !op.error) op.error = ec;
    });
}

void commit_loop::count_answers() {
    std::uint64_t acknowledged = 0;
    std::uint64_t failed = 0;
    gathered_.for_each([&](operation const& op) { (op.error ? failed : acknowledged) += op.charged_events; });
    core_->counts().acknowledged.add(acknowledged);
    if (failed != 0) core_->counts().failed.add(failed);
}

/// After a sleep nobody is known to be on the way back, but for those of a sync that has just ended.
void commit_loop::sleep() {
    if (last_sync_.count() == 0) answered_ = 0;
    if (throttled_) {
        core_->bell().wait(doorbell::cause::room, [this] {
            operation const* const op = core_->input().front();
            return !op || may_take(*op);
        });
    } else {
        core_->bell().wait(doorbell::cause::input,
                           [this] { return core_->input().front() || core_->input().exhausted(); });
    }
}

error_code commit_loop::close() {
    error_code ec;
    store_->close(ec);
    if (stopped_) return stopped_;
    core_->counts().last_synced_event_id.set(store_->synced_through());
    return ec ? error_code(ec.value(), outcome_unknown_category()) : ec;
}

}  // namespace audit_trail::detail
