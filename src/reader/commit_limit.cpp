#include "reader/commit_limit.hpp"

#include <algorithm>
#include <cerrno>

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

void commit_limit::look(damage_log& log) {
    if (id_ || !writer_is_there(log)) return;
    error_code ec;
    do {
        id_ = read_committed_id(system_, root_, ec).value_or(0);
    } while (budget_.make_way(ec));
    if (ec) log.add(storage::index_name, 0, ec);
}

bool commit_limit::writer_is_there(damage_log& log) {
    error_code ec;
    if (!lock_) open_lock(ec);
    bool const is_absent = storage::is_errno(ec, ENOENT) || ec == error::not_a_trail;
    if (is_absent) return false;
    bool const held = !ec && system_.is_locked(lock_.get(), ec);
    // Where it can't be told, only what is surely committed is read.
    if (ec) log.add(storage::lock_name, 0, ec);
    return held || ec;
}

void commit_limit::open_lock(error_code& ec) {
    do {
        lock_ =
            storage::owned_file(system_, system_.open_file(root_, storage::lock_name, storage::open_mode::read, ec));
    } while (budget_.make_way(ec));
}

}  // namespace audit_trail::reading
