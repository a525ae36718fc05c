// A batch on its way to disk: lines, syncs, index.json, and back when a resource runs out.

#include <algorithm>

#include "storage/trail_store.hpp"

namespace audit_trail::storage {
namespace {

std::chrono::nanoseconds since(std::chrono::steady_clock::time_point begin) {
    return std::chrono::steady_clock::now() - begin;
}

bool asks_for_sync(batch const& gathered) {
    return std::ranges::any_of(gathered.pieces(), [](auto const& part) { return part->synced; });
}

}  // namespace

commit_result trail_store::commit(batch& gathered, commit_times& times, error_code& ec) {
    if (refuses(ec)) return commit_result::failed;
    if (gathered.empty()) return commit_result::committed;

    std::size_t touched = 0;
    auto const write_begin = std::chrono::steady_clock::now();
    write_lines(gathered, touched, ec);
    times.write = since(write_begin);
    if (ec) return give_up(gathered, touched, ec);

    if (asks_for_sync(gathered)) {
        auto const sync_begin = std::chrono::steady_clock::now();
        plan_sync(gathered, ec);
        if (!ec) run_syncs(ec);
        times.sync = since(sync_begin);
    }
    if (!ec) check_live_files(gathered, ec);
    if (!ec) mark_written(gathered, ec);
    if (failure_) return commit_result::failed;
    if (!ec) index_.write(gathered.next_id() - 1, ec);
    if (ec) return give_up(gathered, touched, ec);

    keep_books(gathered);
    return commit_result::committed;
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
    error_code cutting;
    if (is_exhausted_resource(ec) && !index_.torn()) {
        cut_back(gathered, touched, cutting);
        if (!cutting) return commit_result::cut_back;
        ec = cutting;
    }
    fail(ec);
    return commit_result::failed;
}

/// What is cut off must not come back after a power cut, when its ids have been given to other lines. So it is synced,
/// and should the process end before that, the next opening is told to do it.
void trail_store::cut_back(batch& gathered, std::size_t touched, error_code& ec) {
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
