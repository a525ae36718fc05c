// The segment that takes a category's next line: opened, or created with the directories that lead to it.

#include <algorithm>
#include <cerrno>

#include "storage/layout.hpp"
#include "storage/recovery_log.hpp"
#include "storage/trail_store.hpp"

namespace audit_trail::storage {
namespace {

constexpr std::size_t max_syncs_at_a_time = 32;

std::int64_t unix_seconds() {
    using namespace std::chrono;
    return duration_cast<seconds>(system_clock::now().time_since_epoch()).count();
}

}  // namespace

void trail_store::open_other_segment(batch const& gathered, category& owner, error_code& ec) {
    if (refuses(ec)) return;
    if (auto* const known = segments_.find(owner, gathered.where(owner).number)) return segments_.use(*known);
    make_room(gathered, ec);
    if (ec) return;

    segment_tail const before = owner.tail;
    for (;;) {
        segment_tail const place = gathered.where(owner);
        owned_file file = open_at(owner, place, ec);
        if (file) return segments_.use(segments_.insert(owner, place.number, std::move(file)));
        if (is_out_of_descriptors(ec) && close_idle(gathered, ec)) continue;
        if (ec) break;
        // The place is taken by something that takes no lines.
        owner.tail = {place.number, segment_tail::sealed};
    }
    owner.tail = before;
}

/// A batch with more pieces than files are allowed keeps all of them open: all or none goes before the limit.
void trail_store::make_room(batch const& gathered, error_code& ec) {
    ec = {};
    while (segments_.size() >= options_.max_open_segments && close_idle(gathered, ec)) continue;
    // A category without access keeps its segments open; the events of others are not refused for that.
    if (is_access_denied(ec) && !failure_) ec = {};
}

/// Closes the least recently used segment. Where it has to be synced first, the next ones are synced with it: several
/// syncs at a time take little longer than one. False: all segments belong to the batch, or a sync failed.
bool trail_store::close_idle(batch const& gathered, error_code& ec) {
    std::size_t const synced_at_a_time = std::clamp<std::size_t>(segments_.size() / 8, 1, max_syncs_at_a_time);
    auto const idle = segments_.least_used(gathered, synced_at_a_time);
    if (idle.empty()) return false;
    ec = {};
    if (idle.front()->first_unsynced != 0) sync_segments(idle, ec);
    if (!ec) segments_.close(*idle.front());
    return !ec;
}

/// Nothing, and no error, when the place is taken by something that takes no lines.
owned_file trail_store::open_at(category& owner, segment_tail place, error_code& ec) {
    if (!reserve_) take_reserve(ec);
    if (!reserve_) return {};
    bool const is_new = place.number != owner.tail.number;
    return is_new ? open_new(owner, place.number, ec) : open_known(owner, place, ec);
}

/// Nothing, and no error, when the segment is no longer what it was.
owned_file trail_store::open_known(category& owner, segment_tail place, error_code& ec) {
    auto const path = segment_path(owner.domain, owner.name, place.number);
    owned_file file(system_, system_.open_file(root_.get(), path.c_str(), open_mode::append, ec));
    if (!ec) {
        auto const size = system_.status(file.get(), ec).size;
        if (ec) return {};
        if (size == place.size) return file;
        note_vanished(owner, place.number, nullptr, ec);
        return {};
    }
    if (ec == error::not_a_trail) return ec = {}, owned_file();
    if (is_errno(ec, ENOENT)) note_vanished(owner, place.number, nullptr, ec);
    return {};
}

/// Nothing, and no error, when the name is taken.
owned_file trail_store::open_new(category& owner, std::uint64_t number, error_code& ec) {
    owned_file file = create(owner, number, ec);
    if (is_errno(ec, EEXIST)) file = open_empty(owner, number, ec);
    if (file) note_new_entries(owner);
    return file;
}

/// An empty segment that an earlier batch created and could not use serves as well. Nothing, and no error, when the
/// name is taken.
owned_file trail_store::open_empty(category const& owner, std::uint64_t number, error_code& ec) {
    auto const path = segment_path(owner.domain, owner.name, number);
    owned_file found(system_, system_.open_file(root_.get(), path.c_str(), open_mode::append, ec));
    if (ec == error::not_a_trail) return ec = {}, owned_file();
    if (ec) return {};
    bool const empty = system_.status(found.get(), ec).size == 0;
    return ec || !empty ? owned_file() : std::move(found);
}

/// Neither the entry of a new segment nor, for a category's first segment, those of the directories that lead to it
/// need be synced: the batch that created them may have been interrupted.
void trail_store::note_new_entries(category const& owner) {
    directories_.add(category_path(owner.domain, owner.name));
    if (owner.tail.number != 0) return;
    directories_.add(".");
    directories_.add(owner.domain);
}

owned_file trail_store::create(category const& owner, std::uint64_t number, error_code& ec) {
    auto const path = segment_path(owner.domain, owner.name, number);
    auto const make = [&] {
        return owned_file(system_, system_.open_file(root_.get(), path.c_str(), open_mode::create_append, ec));
    };
    owned_file file = make();
    if (is_errno(ec, ENOENT)) {
        make_directories(owner, ec);
        if (ec) return {};
        file = make();
    }
    return file;
}

void trail_store::make_directories(category const& owner, error_code& ec) {
    if (ensure_directory(system_, root_.get(), owner.domain.c_str(), ec)) directories_.add(".");
    if (ec) return;
    auto const path = category_path(owner.domain, owner.name);
    if (ensure_directory(system_, root_.get(), path.c_str(), ec)) directories_.add(owner.domain);
}

void trail_store::note_vanished(category const& owner, std::uint64_t number, piece const* part, error_code& ec) {
    recovery_finding finding;
    finding.kind = recovery_finding::kind_type::vanished_segment;
    finding.time = unix_seconds();
    finding.path = segment_path(owner.domain, owner.name, number);
    finding.first_id = part ? part->first_id : 0;
    finding.last_id = part ? part->last_id : 0;
    finding.reason = part ? "deleted, replaced or cut short while it was written; these ids went to the next segment"
                          : "deleted, replaced or changed by another; the next segment was begun";
    record_findings(system_, root_.get(), {&finding, 1}, ec);
    if (!ec) ++vanished_segments_;
}

}  // namespace audit_trail::storage
