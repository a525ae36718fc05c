#include "storage/segment_cache.hpp"

#include <algorithm>

namespace audit_trail::storage {
namespace {

void pin(batch const& gathered, bool pinned) noexcept {
    for (auto const& part : gathered.pieces()) {
        if (part->target != nullptr) part->target->pinned = pinned;
    }
}

}  // namespace

segment_cache::~segment_cache() {
    for (auto const& segment : segments_) {
        if (segment->owner->segment == segment.get()) segment->owner->segment = nullptr;
        system_.close(segment->file);
    }
}

segment_file* segment_cache::find(category const& owner, std::uint64_t number) noexcept {
    for (auto const& segment : segments_) {
        if (segment->owner == &owner && segment->number == number) return segment.get();
    }
    return nullptr;
}

segment_file& segment_cache::insert(category& owner, std::uint64_t number, owned_file file) {
    segments_.push_back(std::make_unique<segment_file>());
    segment_file& added = *segments_.back();
    added.owner = &owner;
    added.number = number;
    added.file = file.release();
    return added;
}

void segment_cache::use(segment_file& segment) noexcept {
    segment.last_used = ++clock_;
    segment.owner->segment = &segment;
}

std::vector<segment_file*> segment_cache::least_used(batch const& gathered, std::size_t most) {
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

void segment_cache::close(segment_file& segment) noexcept {
    if (segment.owner->segment == &segment) segment.owner->segment = nullptr;
    system_.close(segment.file);
    std::erase_if(segments_, [&](auto const& held) { return held.get() == &segment; });
}

void segment_cache::close_synced(category& owner) noexcept {
    std::erase_if(segments_, [&](auto const& held) {
        bool const synced = held->owner == &owner && held->first_unsynced == 0;
        if (synced) system_.close(held->file);
        return synced;
    });
    owner.segment = nullptr;
}

void segment_cache::close_finished() noexcept {
    std::erase_if(segments_, [&](auto const& held) {
        bool const finished = held->owner->segment != held.get() && held->first_unsynced == 0;
        if (finished) system_.close(held->file);
        return finished;
    });
}

}  // namespace audit_trail::storage
