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

    std::size_t touched = 0;
    catch_bad_alloc(ec, [&] { store_lines(gathered, touched, times, ec); });
    if (failure_) return ec = failure_, commit_result::failed;
    if (ec) return abort_commit(gathered, touched, ec);
    finish_commit(gathered);
    return commit_result::committed;
}

void trail_store::store_lines(batch& gathered, std::size_t& touched, commit_times& times, error_code& ec) {
    plan_sync(gathered, ec);
    if (ec) return;

    if (disk_full_) reserve_room(gathered, ec);
    if (ec) return;

    auto const write_begin = std::chrono::steady_clock::now();
    write_lines(gathered, touched, ec);
    times.write = since(write_begin);
    if (ec) return;

    if (!jobs_.empty()) {
        auto const sync_begin = std::chrono::steady_clock::now();
        run_syncs(ec);
        times.sync = since(sync_begin);
    }
    if (!ec) check_live_files(gathered, ec);
    if (!ec) mark_written(gathered, ec);
    if (!ec) index_.write(gathered.next_id() - 1, ec);
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

void trail_store::finish_commit(batch const& gathered) {
    for (auto const& write : gathered.writes()) {
        segment_file& segment = *write->target;
        if (!write->synced && segment.first_unsynced == 0) segment.first_unsynced = write->first_id;
    }
    next_id_ = gathered.next_id();
    disk_full_ = false;
    segments_.close_finished();
    update_synced_through();
}

/// The record is not synced, and a failed write does not fail the batch: the old record is still true.
void trail_store::update_synced_through() {
    std::uint64_t through = next_id_ - 1;
    for (auto const& segment : segments_.all()) {
        if (segment->first_unsynced != 0) through = std::min(through, segment->first_unsynced - 1);
    }
    if (through == record_.synced_through) return;
    record_.synced_through = through;
    error_code ignored;
    lock_.write(record_, ignored);
}

}  // namespace audit_trail::storage
