// Implements the commit of a batch in trail_store: lines, syncs, index.json, in this order. If a resource runs out, the
// batch is cut back from every segment that it touched.

#include <algorithm>
#include <cerrno>

#include "storage/layout.hpp"
#include "storage/trail_store.hpp"

namespace audit_trail::storage {
namespace {

std::chrono::nanoseconds since(std::chrono::steady_clock::time_point begin) {
    return std::chrono::steady_clock::now() - begin;
}

}  // namespace

commit_result trail_store::commit(batch& gathered, commit_times& times, error_code& ec) {
    if (refuses(ec)) return commit_result::failed;
    if (gathered.empty()) return commit_result::committed;

    poll_log_task(ec);
    if (failure_) return ec = failure_, commit_result::failed;
    ec = {};
    std::size_t touched = 0;
    bool logged = false;
    catch_bad_alloc(ec, [&] { store_lines(gathered, touched, logged, times, ec); });
    if (failure_) return ec = failure_, commit_result::failed;
    if (ec) return abort_commit(gathered, touched, ec);
    finish_commit(gathered, logged);
    return commit_result::committed;
}

/// \param logs set to true if the batch's synced lines are in the commit log
void trail_store::store_lines(batch& gathered, std::size_t& touched, bool& logs, commit_times& times, error_code& ec) {
    jobs_.clear();  // left by a plan that ran out of memory
    check_log(ec);
    if (ec) return;
    logs = plan_record(gathered);
    if (failure_) return;
    if (!logs) plan_sync(gathered, ec);
    if (ec) return;

    if (disk_full_) reserve_room(gathered, ec);
    if (ec) return;

    auto const write_begin = std::chrono::steady_clock::now();
    write_lines(gathered, touched, ec);
    times.write = since(write_begin);
    if (ec) return;

    if (logs) {
        check_live_files(gathered, ec);
        if (!ec) mark_written(gathered, ec);
        if (!ec) make_durable(gathered, logs, times, ec);
    } else {
        make_durable(gathered, logs, times, ec);
        if (!ec) check_live_files(gathered, ec);
        if (!ec) mark_written(gathered, ec);
    }
    if (ec) return;
    index_.write(gathered.next_id() - 1, ec);
    if (ec && logs) withdraw_record(ec);
}

void trail_store::make_durable(batch& gathered, bool& logs, commit_times& times, error_code& ec) {
    if (!logs && jobs_.empty()) return;
    auto const sync_begin = std::chrono::steady_clock::now();
    bool const was_to_be_logged = logs;
    if (logs) write_record(gathered, logs, ec);
    if (!ec && !jobs_.empty()) run_syncs(ec);
    times.sync = since(sync_begin);
    if (!ec && was_to_be_logged && !logs) check_live_files(gathered, ec);
}

/// While the disk is full, each batch would be written in part and cut back, and other programs would see lines that do
/// not stay. So the space is allocated first, past the end of the files. If the file system cannot do that, the write
/// itself fails.
void trail_store::reserve_room(batch const& gathered, error_code& ec) {
    std::size_t asked = 0;
    for (auto const& write : gathered.writes()) {
        ++asked;
        system_.reserve(write->target->file, write->offset, write->bytes.size(), ec);
        if (is_disk_full(ec)) break;
        ec = {};
    }
    if (!ec) return;
    for (auto const& write : gathered.writes().first(asked)) {
        error_code ignored;
        auto const size = system_.status(write->target->file, ignored).size;
        if (!ignored) system_.truncate(write->target->file, size, ignored);
    }
}

void trail_store::write_lines(batch const& gathered, std::size_t& touched, error_code& ec) {
    for (auto const& write : gathered.writes()) {
        ++touched;
        write->written = append_fully(system_, write->target->file, write->bytes.view(), ec);
        if (ec) return;
    }
}

/// After a power cut index.json may name lines that were written but not synced, and are lost. `.lock` must say so on
/// stable storage before index.json does; otherwise the next opening would report lost events.
void trail_store::mark_written(batch const& gathered, error_code& ec) {
    if (record_.state != end_state::open) return;
    if (std::ranges::all_of(gathered.writes(), [](auto const& write) { return write->synced; })) return;
    mark(end_state::written, ec);
    if (ec) {
        record_.state = end_state::open;
        return;
    }
    lock_.sync(ec);
    if (ec) fail(ec);
}

commit_result trail_store::abort_commit(batch& gathered, std::size_t touched, error_code& ec) {
    jobs_.clear();
    disk_full_ |= is_disk_full(ec);
    bool const can_be_undone = touched == 0 || is_exhausted_resource(ec) || is_access_denied(ec);
    error_code cutting;
    if (can_be_undone && !index_.torn()) {
        cut_back(gathered, touched, cutting);
        if (is_access_denied(ec)) leave_inaccessible_segments(gathered);
        if (!cutting && is_errno(ec, EFBIG)) leave_full_segments(gathered, touched);
        if (!cutting) return commit_result::cut_back;
        ec = cutting;
    }
    fail(ec);
    return commit_result::failed;
}

/// Makes the next append to such a category open its segment again: while that fails, only this category's events are
/// refused. A segment with unsynced lines stays open, but takes no more lines.
void trail_store::leave_inaccessible_segments(batch const& gathered) noexcept {
    error_code ec;
    catch_bad_alloc(ec, [&] {
        for (auto const& write : gathered.writes()) {
            category& owner = *write->owner;
            auto const path = segment_path(owner.domain, owner.name, write->segment);
            system_.status_at(root_.get(), path.c_str(), ec);
            if (!is_access_denied(ec)) continue;
            segments_.close_synced(owner);
            if (segments_.find(owner, owner.tail.number) != nullptr) owner.tail.size = segment_tail::sealed;
        }
    });
}

/// A file that cannot grow (RLIMIT_FSIZE, or the file system's limit) takes no more lines, and later segments end well
/// before that size. An empty segment stays in use: a shorter line may fit.
void trail_store::leave_full_segments(batch& gathered, std::size_t touched) {
    for (auto const& write : gathered.writes().first(touched)) {
        if (write->written == write->bytes.size()) continue;
        segment_tail& tail = write->owner->tail;
        if (tail.number == write->segment && tail.size != 0) tail.size = segment_tail::sealed;
        gathered.lower_segment_limit((write->offset + write->written) / 2);
    }
}

/// After a power cut, the lines that were cut off must not come back: their ids may belong to other lines by then. So
/// the cut is synced, and the mark makes the next opening sync it if the process ends first. Allocates nothing.
void trail_store::cut_back(batch& gathered, std::size_t touched, error_code& ec) {
    if (touched == 0) return gathered.restore_tails();
    finish_log_task(ec);  // it may sync the same files
    if (ec) return;
    auto const state = record_.state;
    mark(end_state::cutting, ec);
    if (ec) return;
    for (auto const& write : gathered.writes().first(touched)) {
        auto const size = system_.status(write->target->file, ec).size;
        if (ec) return;
        std::uint64_t const own = bytes_held(*write, size, ec);
        if (!ec) system_.truncate(write->target->file, size - own, ec);
        if (!ec) system_.sync(write->target->file, ec);
        if (ec) return;
    }
    gathered.restore_tails();
    error_code ignored;
    mark(state, ignored);
}

void trail_store::finish_commit(batch const& gathered, bool logged) {
    for (auto const& write : gathered.writes()) {
        if ((write->synced && !logged) || write->bytes.size() == 0) continue;
        write->target->note_written(write->first_id, write->offset);
        if (write->synced) write->target->note_logged();
    }
    next_id_ = gathered.next_id();
    disk_full_ = false;
    segments_.close_finished();
    update_synced_through();
    if (logged) start_writeback(gathered);
    if (!failure_) clear_log_if_due(gathered.bytes());
}

/// In `.lock`, lines in the commit log do not count: if the log is lost, recovery must search the segments for them. The
/// record is not synced, and a failed write does not fail the batch: the old record is still true.
void trail_store::update_synced_through() {
    std::uint64_t through = durable_through_ = next_id_ - 1;
    for (auto const& segment : segments_.all()) {
        if (segment->first_unsynced != 0) through = std::min(through, segment->first_unsynced - 1);
        if (segment->first_unlogged != 0) durable_through_ = std::min(durable_through_, segment->first_unlogged - 1);
    }
    through = std::min(through, segments_.first_unsynced_closed() - 1);
    if (through == record_.synced_through) return;
    record_.synced_through = through;
    error_code ignored;
    lock_.write(record_, ignored);
}

}  // namespace audit_trail::storage
