#include "reader/lock_probe.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "reader/segment_cursor.hpp"
#include "storage/index_file.hpp"
#include "storage/layout.hpp"

namespace audit_trail::reading {

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

bool lock_probe::finds_writer() {
    error_code ec;
    auto const lock = open_lock(ec);
    bool const locked = !ec && system_.is_locked(lock.get(), ec);
    return is_writer(locked, ec);
}

/// A writer changes the record before it writes a line. So a record that is read after the lock was found free tells of
/// every writer before.
lock_marks lock_probe::read_marks() {
    error_code ec;
    auto const lock = open_lock(ec);
    bool const locked = !ec && system_.is_locked(lock.get(), ec);
    lock_marks found;
    found.has_writer = is_writer(locked, ec);
    if (found.has_writer || ec) return found;
    found.record = storage::read_lock_record(system_, lock.get(), ec);
    note(storage::lock_name, ec, lock_failure_);
    return found;
}

storage::owned_file lock_probe::open_lock(error_code& ec) {
    storage::owned_file lock;
    do {
        lock = storage::owned_file(system_, system_.open_file(root_, storage::lock_name, storage::open_mode::read, ec));
    } while (budget_.make_way(ec));
    return lock;
}

/// If unknown, assume a writer.
bool lock_probe::is_writer(bool locked, error_code const& ec) {
    bool const is_absent = storage::is_errno(ec, ENOENT) || ec == error::not_a_trail;
    if (is_absent) return false;
    note(storage::lock_name, ec, lock_failure_);
    return locked || ec;
}

std::uint64_t lock_probe::committed_id() {
    error_code ec;
    std::optional<std::uint64_t> id;
    do {
        id = read_committed_id(system_, root_, ec);
    } while (budget_.make_way(ec));
    note(storage::index_name, ec, index_failure_);
    return id.value_or(0);
}

/// A failure that lasts is one finding, however often it is met.
void lock_probe::note(char const* name, error_code const& ec, error_code& before) {
    if (ec && ec != before) log_.add(name, 0, ec);
    before = ec;
}

}  // namespace audit_trail::reading
