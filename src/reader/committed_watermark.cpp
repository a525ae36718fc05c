#include "reader/committed_watermark.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "reader/segment_cursor.hpp"
#include "storage/backward_lines.hpp"
#include "storage/index_file.hpp"
#include "storage/layout.hpp"

namespace audit_trail::reading {
namespace {

/// Returns the id of the last line that has an id; 0 if there is none. Errors are reported by the cursor that reads the
/// segment.
std::uint64_t last_id_in(storage::file_system& system, storage::file_handle root, std::string const& path) {
    error_code ec;
    storage::owned_file const file(system, system.open_file(root, path.c_str(), storage::open_mode::read, ec));
    if (ec) return 0;
    storage::backward_lines lines(system, file.get(), ec);
    while (!ec && lines.next(ec)) {
        if (auto const id = lines.event_id(ec)) return *id;
    }
    return 0;
}

}  // namespace

std::optional<std::uint64_t> read_committed_id(storage::file_system& system, storage::file_handle root,
                                               error_code& ec) {
    constexpr int tries = 100;
    storage::index_file index(system);
    auto earlier = index.read(root, ec);
    for (int i = 0; i < tries && !ec; ++i) {
        auto const later = index.read(root, ec);
        if (earlier == later) return later;
        earlier = std::min(earlier, later);
    }
    return earlier;
}

bool writer_probe::finds_writer() {
    error_code ec;
    auto const lock = open_lock(ec);
    bool const locked = !ec && system_.is_locked(lock.get(), ec);
    return is_writer(locked, ec);
}

/// A writer changes the record before it writes a line. So if the record is read after the lock was found free, it
/// shows every earlier writer.
writer_marks writer_probe::read_marks() {
    error_code ec;
    auto const lock = open_lock(ec);
    bool const locked = !ec && system_.is_locked(lock.get(), ec);
    writer_marks found;
    found.has_writer = is_writer(locked, ec);
    if (found.has_writer || ec) return found;
    found.record = storage::read_lock_record(system_, lock.get(), ec);
    note(storage::lock_name, ec, lock_failure_);
    return found;
}

storage::owned_file writer_probe::open_lock(error_code& ec) {
    storage::owned_file lock;
    do {
        lock = storage::owned_file(system_, system_.open_file(root_, storage::lock_name, storage::open_mode::read, ec));
    } while (budget_.make_way(ec));
    return lock;
}

bool writer_probe::is_writer(bool locked, error_code const& ec) {
    bool const is_absent = storage::is_errno(ec, ENOENT) || ec == error::not_a_trail;
    if (is_absent) return false;
    note(storage::lock_name, ec, lock_failure_);
    return locked || ec;
}

std::uint64_t writer_probe::committed_id() {
    error_code ec;
    auto const id = read_index(ec);
    note(storage::index_name, ec, index_failure_);
    return id.value_or(0);
}

std::uint64_t writer_probe::committed_id_of_writer() {
    error_code ec;
    auto const lock = open_lock(ec);
    // Read first: a writer changes the id in `.lock` after the id in index.json. A new trail gets index.json first.
    std::optional<storage::lock_record> record;
    if (!ec) record = storage::read_lock_record(system_, lock.get(), ec);
    ec.clear();
    auto const id = read_index(ec);
    if (record && !id && !ec) ec = error::index_invalid;
    if (record && id < record->synced_through && !ec) ec = error::index_behind;
    note(storage::index_name, ec, index_failure_);
    return id.value_or(0);
}

std::optional<std::uint64_t> writer_probe::read_index(error_code& ec) {
    std::optional<std::uint64_t> id;
    do {
        id = read_committed_id(system_, root_, ec);
    } while (budget_.make_way(ec));
    return id;
}

/// Reports a permanent failure only once.
void writer_probe::note(char const* name, error_code const& ec, error_code& before) {
    if (ec && ec != before) log_.add(name, 0, ec);
    before = ec;
}

void snapshot_watermark::begin() {
    marks_ = probe_.read_marks();
    if (marks_.has_writer) id_ = probe_.committed_id_of_writer();
}

/// A writer that closed the root left the highest id in `.lock`. Otherwise the segments must be searched for it.
bool snapshot_watermark::fix(std::vector<category_place> const& places) {
    if (id_) return true;
    bool const is_clean = marks_.record && marks_.record->state == storage::end_state::clean;
    last_id_ = std::max(is_clean ? marks_.record->synced_through : highest_stored_id(places), probe_.committed_id());
    return probe_.read_marks() == marks_;
}

bool snapshot_watermark::check() {
    if (!id_ && probe_.read_marks() != marks_) id_ = last_id_;
    return true;
}

std::uint64_t snapshot_watermark::highest_stored_id(std::vector<category_place> const& places) {
    std::uint64_t highest = 0;
    finding_log reported_by_cursors(0);
    for (auto const& place : places) {
        auto const numbers = list_segments(system_, root_, place, reported_by_cursors);
        for (auto number = numbers.rbegin(); number != numbers.rend(); ++number) {
            auto const id = last_id_in(system_, root_, storage::segment_path(place.domain, place.name, *number));
            highest = std::max(highest, id);
            if (id != 0) break;
        }
    }
    return highest;
}

}  // namespace audit_trail::reading
