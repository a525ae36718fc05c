// A batch on its way to disk: lines, syncs, index.json, and back when a resource runs out.

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
    if (ec) return give_up(gathered, touched, ec);
    keep_books(gathered);
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

/// While the disk is full, a batch that would be written and cut off again shows other programs lines that do not stay.
/// So its room is allocated first, past the end of the files. Where that is not supported, the write will find out.
void trail_store::reserve_room(batch const& gathered, error_code& ec) {
    std::size_t asked = 0;
    for (auto const& part : gathered.pieces()) {
        ++asked;
        system_.reserve(part->target->file, part->offset, part->bytes.size(), ec);
        if (is_disk_full(ec)) break;
        ec = {};
    }
    if (!ec) return;
    for (auto const& part : gathered.pieces().first(asked)) {
        error_code ignored;
        auto const size = system_.status(part->target->file, ignored).size;
        if (!ignored) system_.truncate(part->target->file, size, ignored);
    }
}

void trail_store::write_lines(batch const& gathered, std::size_t& touched, error_code& ec) {
    for (auto const& part : gathered.pieces()) {
        ++touched;
        part->written = append_fully(system_, part->target->file, part->bytes.view(), ec);
        if (ec) return;
    }
}

/// After a power cut index.json may name lines that were only written and are gone. The lock says on stable storage
/// that this can be, before it can be: otherwise the next opening would report a loss.
void trail_store::mark_written(batch const& gathered, error_code& ec) {
    if (record_.state != end_state::open) return;
    if (std::ranges::all_of(gathered.pieces(), [](auto const& part) { return part->synced; })) return;
    mark(end_state::written, ec);
    if (ec) {
        record_.state = end_state::open;
        return;
    }
    lock_.sync(ec);
    if (ec) fail(ec);
}

commit_result trail_store::give_up(batch& gathered, std::size_t touched, error_code& ec) {
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

/// The next append to a category that may not be accessed opens its segment again: as long as that fails, it is refused
/// and no other category's. A segment that is to be synced yet stays open, and takes no more lines.
void trail_store::leave_inaccessible_segments(batch const& gathered) noexcept {
    error_code ec;
    catch_bad_alloc(ec, [&] {
        for (auto const& part : gathered.pieces()) {
            category& owner = *part->owner;
            auto const path = segment_path(owner.domain, owner.name, part->segment);
            system_.status_at(root_.get(), path.c_str(), ec);
            if (!is_access_denied(ec)) continue;
            segments_.close_synced(owner);
            if (segments_.find(owner, owner.tail.number) != nullptr) owner.tail.size = segment_tail::sealed;
        }
    });
}

/// A file that may not grow (RLIMIT_FSIZE, or its file system's limit) takes no further line, and later segments end
/// well before that size. An empty segment stays: it may take a shorter line.
void trail_store::leave_full_segments(batch& gathered, std::size_t touched) {
    for (auto const& part : gathered.pieces().first(touched)) {
        if (part->written == part->bytes.size()) continue;
        segment_tail& tail = part->owner->tail;
        if (tail.number == part->segment && tail.size != 0) tail.size = segment_tail::sealed;
        gathered.lower_segment_limit((part->offset + part->written) / 2);
    }
}

/// What is cut off must not come back after a power cut, when its ids have been given to other lines. So the cut is
/// synced; should the process end before that, the mark makes the next opening do it. Allocates nothing.
void trail_store::cut_back(batch& gathered, std::size_t touched, error_code& ec) {
    if (touched == 0) return gathered.restore_tails();
    auto const state = record_.state;
    mark(end_state::cutting, ec);
    if (ec) return;
    for (auto const& part : gathered.pieces().first(touched)) {
        auto const size = system_.status(part->target->file, ec).size;
        if (ec) return;
        std::uint64_t const own = bytes_held(*part, size, ec);
        if (!ec) system_.truncate(part->target->file, size - own, ec);
        if (!ec) system_.sync(part->target->file, ec);
        if (ec) return;
    }
    gathered.restore_tails();
    error_code ignored;
    mark(state, ignored);
}

void trail_store::keep_books(batch const& gathered) {
    for (auto const& part : gathered.pieces()) {
        segment_file& segment = *part->target;
        if (!part->synced && segment.first_unsynced == 0) segment.first_unsynced = part->first_id;
    }
    next_id_ = gathered.next_id();
    disk_full_ = false;
    segments_.close_finished();
    update_synced_through();
}

/// Not synced, and no failure of the batch: the record that was there before is still true.
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
