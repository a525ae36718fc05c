#include "storage/open_segments.hpp"

#include <algorithm>
#include <cerrno>
#include <limits>
#include <utility>

#include "storage/layout.hpp"
#include "storage/recovery_log.hpp"
#include "storage/trail_store.hpp"

namespace audit_trail::storage {
namespace {

constexpr std::size_t max_syncs_at_a_time = 32;

void pin(batch const& gathered, bool pinned) noexcept {
    for (auto const& write : gathered.writes()) {
        if (write->target != nullptr) write->target->pinned = pinned;
    }
}

}  // namespace

void segment_file::note_written(std::uint64_t id, std::uint64_t offset) noexcept {
    if (first_unsynced == 0) first_unsynced = id;
    if (first_unlogged == 0) {
        first_unlogged = id;
        unlogged_begin = offset;
    }
    if (clearing && first_later == 0) {
        first_later = id;
        later_begin = offset;
    }
}

/// A sync need not report that lines which were written before the file was opened again are lost.
void segment_file::note_synced() noexcept {
    first_unlogged = not_started = 0;
    if (!closed_unsynced) first_unsynced = first_later = 0;
}

/// If lines were unlogged when the task began and still are, no line was logged since then.
void segment_file::note_cleared() noexcept {
    first_unsynced = first_later;
    closed_unsynced = closed_later;
    if (first_unlogged != 0 && (first_later == 0 || first_unlogged < first_later)) {
        first_unlogged = first_later;
        unlogged_begin = later_begin;
    }
}

open_segments::~open_segments() {
    for (auto const& segment : segments_) {
        if (segment->owner->segment == segment.get()) segment->owner->segment = nullptr;
        system_.close(segment->file);
    }
}

segment_file* open_segments::find(category const& owner, std::uint64_t number) noexcept {
    for (auto const& segment : segments_) {
        if (segment->owner == &owner && segment->number == number) return segment.get();
    }
    return nullptr;
}

segment_file& open_segments::insert(category& owner, std::uint64_t number, owned_file file) {
    segments_.reserve(segments_.size() + 1);
    auto added = take_closed(owner, number);
    if (!added) {
        added = std::make_unique<segment_file>();
        added->owner = &owner;
        added->number = number;
        added->path = segment_path(owner.domain, owner.name, number);
    }
    added->file = file.release();
    segments_.push_back(std::move(added));
    return *segments_.back();
}

/// Returns null if the segment is not among the closed ones.
std::unique_ptr<segment_file> open_segments::take_closed(category& owner, std::uint64_t number) noexcept {
    if (owner.closed == nullptr || owner.closed->number != number) return nullptr;
    auto const found = closed_.find(owner.closed);
    auto taken = std::move(found->second);
    closed_.erase(found);
    owner.closed = nullptr;
    return taken;
}

void open_segments::close_logged(segment_file& segment) {
    auto& kept = closed_[&segment];
    auto const held = std::ranges::find(segments_, &segment, [](auto const& each) { return each.get(); });
    first_unsynced_closed_ = std::min(first_unsynced_closed_, segment.first_unsynced);
    kept = std::move(*held);
    segments_.erase(held);
    system_.close(std::exchange(segment.file, file_handle::none));
    segment.closed_unsynced = true;
    segment.closed_later = segment.clearing && segment.first_later != 0;
    if (segment.owner->segment == &segment) segment.owner->segment = nullptr;
    segment.owner->closed = &segment;
}

void open_segments::close_all_logged() {
    std::vector<segment_file*> logged;
    for (auto const& segment : segments_) {
        if (segment->is_fully_logged()) logged.push_back(segment.get());
    }
    for (auto* const segment : logged) close_logged(*segment);
}

bool open_segments::any_closed_unsynced() const noexcept {
    return !closed_.empty() || std::ranges::any_of(segments_, [](auto const& each) { return each->closed_unsynced; });
}

void open_segments::forget_cleared() noexcept {
    erase_if(closed_, [](auto const& each) {
        segment_file const& segment = *each.second;
        if (segment.first_unsynced != 0) return false;
        if (segment.owner->closed == &segment) segment.owner->closed = nullptr;
        return true;
    });
    first_unsynced_closed_ = std::numeric_limits<std::uint64_t>::max();
    for (auto const& [key, segment] : closed_) {
        first_unsynced_closed_ = std::min(first_unsynced_closed_, segment->first_unsynced);
    }
}

void open_segments::use(segment_file& segment) noexcept {
    segment.last_used = ++clock_;
    segment.owner->segment = &segment;
}

std::vector<segment_file*> open_segments::least_used(batch const& gathered, std::size_t most) {
    std::vector<segment_file*> idle;
    idle.reserve(segments_.size());
    pin(gathered, true);
    for (auto const& segment : segments_) {
        if (!segment->pinned) idle.push_back(segment.get());
    }
    pin(gathered, false);
    auto const count = std::min(most, idle.size());
    std::ranges::partial_sort(idle, idle.begin() + static_cast<std::ptrdiff_t>(count), {}, &segment_file::last_used);
    idle.resize(count);
    return idle;
}

void open_segments::close(segment_file& segment) noexcept {
    if (segment.owner->segment == &segment) segment.owner->segment = nullptr;
    system_.close(segment.file);
    std::erase_if(segments_, [&](auto const& held) { return held.get() == &segment; });
}

void open_segments::close_synced(category& owner) noexcept {
    std::erase_if(segments_, [&](auto const& held) {
        bool const synced = held->owner == &owner && held->first_unsynced == 0 && !held->clearing;
        if (synced) system_.close(held->file);
        return synced;
    });
    owner.segment = nullptr;
}

void open_segments::close_finished() noexcept {
    std::erase_if(segments_, [&](auto const& held) {
        bool const finished = held->owner->segment != held.get() && held->first_unsynced == 0 && !held->clearing;
        if (finished) system_.close(held->file);
        return finished;
    });
}

// Implements the opening of segments in trail_store. Creates a segment and its directories if necessary.

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
        // The name is taken by something that cannot take lines.
        owner.tail = {place.number, segment_tail::sealed};
    }
    owner.tail = before;
}

/// May leave more segments open than the limit: a batch needs all of its segments, because it commits all or none.
void trail_store::make_room(batch const& gathered, error_code& ec) {
    ec = {};
    while (segments_.size() >= options_.max_open_segments && close_idle(gathered, ec)) continue;
    // A category without access keeps its segments open. That must not refuse the events of other categories.
    if (is_access_denied(ec) && !failure_) ec = {};
}

/// Closes the least recently used segment. It needs no sync if its lines are in the commit log, unless a task uses its
/// file. If it must be synced first, the next ones are synced too, because parallel syncs take little longer than a
/// single one. Returns false if all segments belong to the batch, or if a sync failed.
bool trail_store::close_idle(batch const& gathered, error_code& ec) {
    std::size_t const synced_at_a_time = std::clamp<std::size_t>(segments_.size() / 8, 1, max_syncs_at_a_time);
    auto const idle = segments_.least_used(gathered, synced_at_a_time);
    if (idle.empty()) return false;
    ec = {};
    segment_file& oldest = *idle.front();
    bool const is_used_by_task = oldest.clearing && !log_task_->rewrites();
    if (is_used_by_task) return finish_log_task(ec), !ec;
    if (oldest.first_unsynced != 0 && !oldest.is_fully_logged()) sync_segments(idle, ec);
    if (ec) return false;
    oldest.is_fully_logged() ? segments_.close_logged(oldest) : segments_.close(oldest);
    return true;
}

/// Returns nothing, without an error, when the name is taken by something that cannot take lines.
owned_file trail_store::open_at(category& owner, segment_tail place, error_code& ec) {
    if (!reserve_) take_reserve(ec);
    if (!reserve_) return {};
    bool const is_new = place.number != owner.tail.number;
    return is_new ? open_new(owner, place.number, ec) : open_known(owner, place, ec);
}

/// Returns nothing, without an error, when the segment was deleted or changed by another program.
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

/// Returns nothing, without an error, when the name is taken.
owned_file trail_store::open_new(category& owner, std::uint64_t number, error_code& ec) {
    // A finished segment is synced, so that it can be closed.
    for (auto const& segment : segments_.all()) {
        if (segment->owner != &owner || !segment->has_logged_lines()) continue;
        segment_file* const finished = segment.get();
        sync_segments({&finished, 1}, ec);
        if (ec) return {};
    }
    owned_file file = create(owner, number, ec);
    if (is_errno(ec, EEXIST)) file = open_empty(owner, number, ec);
    if (file) note_new_entries(owner);
    return file;
}

/// Opens an empty segment that an earlier batch created but could not use. Returns nothing, without an error, when the
/// name is taken by anything else.
owned_file trail_store::open_empty(category const& owner, std::uint64_t number, error_code& ec) {
    auto const path = segment_path(owner.domain, owner.name, number);
    owned_file found(system_, system_.open_file(root_.get(), path.c_str(), open_mode::append, ec));
    if (ec == error::not_a_trail) return ec = {}, owned_file();
    if (ec) return {};
    bool const empty = system_.status(found.get(), ec).size == 0;
    return ec || !empty ? owned_file() : std::move(found);
}

/// The entry of the new segment is not durable. For a category's first segment the same holds for its directories: the
/// batch that created them may have failed before it synced them.
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
    auto const path = category_path(owner.domain, owner.name);
    bool created = ensure_directory(system_, root_.get(), path.c_str(), ec);
    if (is_errno(ec, ENOENT)) {
        if (ensure_directory(system_, root_.get(), owner.domain.c_str(), ec)) directories_.add(".");
        if (!ec) created = ensure_directory(system_, root_.get(), path.c_str(), ec);
    }
    if (created) directories_.add(owner.domain);
}

}  // namespace audit_trail::storage
