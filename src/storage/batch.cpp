#include "storage/batch.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <ranges>

#include "format/encode.hpp"

namespace audit_trail::storage {

batch::batch(limits given) : limits_(given) {
    mark();
}

void batch::clear(std::uint64_t first_id) {
    for (auto const& used : writes()) {
        used->owner->open_write = nullptr;
        used->bytes.clear();
    }
    release_surplus_memory();
    used_ = 0;
    bytes_ = 0;
    first_id_ = next_id_ = first_id;
    mark();
}

std::uint64_t batch::add(category& owner, std::string_view line_tail, durability wanted) {
    segment_tail const place = where(owner);
    segment_write& target = write_for(owner, place);

    char* const begin = target.bytes.prepare(format::id_prefix.size() + format::max_id_digits + line_tail.size());
    char* end = begin;
    std::memcpy(end, format::id_prefix.data(), format::id_prefix.size());
    end += format::id_prefix.size();
    end = std::to_chars(end, end + format::max_id_digits, next_id_).ptr;
    std::memcpy(end, line_tail.data(), line_tail.size());
    end += line_tail.size();

    auto const length = static_cast<std::size_t>(end - begin);
    target.bytes.commit(length);
    target.last_id = next_id_;
    target.synced |= wanted == durability::synced;
    owner.tail = {place.number, place.size + length};
    bytes_ += length;
    return next_id_++;
}

segment_write& batch::write_for(category& owner, segment_tail place) {
    segment_write* const current = owner.open_write;
    if (current == nullptr || current->segment != place.number) return begin_write(owner, place);
    if (current->remembered_at != mark_count_) remember(*current);
    return *current;
}

segment_write& batch::begin_write(category& owner, segment_tail place) {
    if (used_ == writes_.size()) writes_.push_back(std::make_unique<segment_write>());
    segment_write& begun = *writes_[used_];
    begun.owner = &owner;
    begun.target = owner.segment;
    begun.segment = place.number;
    begun.offset = place.size;
    begun.first_id = next_id_;
    begun.last_id = next_id_;
    begun.synced = false;
    begun.shared = false;
    begun.written = 0;
    begun.tail_before = owner.tail;
    begun.previous = owner.open_write;
    begun.remembered_at = mark_count_;
    owner.open_write = &begun;
    ++used_;
    return begun;
}

void batch::remember(segment_write& changed) {
    undo_.push_back({&changed, changed.bytes.size(), changed.last_id, changed.synced, changed.owner->tail});
    changed.remembered_at = mark_count_;
}

void batch::mark() {
    undo_.clear();
    marked_used_ = used_;
    marked_bytes_ = bytes_;
    marked_next_id_ = next_id_;
    ++mark_count_;
}

void batch::roll_back() {
    for (; used_ > marked_used_; --used_) {
        segment_write& begun = *writes_[used_ - 1];
        begun.owner->tail = begun.tail_before;
        begun.owner->open_write = begun.previous;
        begun.bytes.clear();
    }
    for (undo const& kept : undo_) {
        kept.changed->bytes.resize_down(kept.size);
        kept.changed->last_id = kept.last_id;
        kept.changed->synced = kept.synced;
        kept.changed->owner->tail = kept.tail;
    }
    bytes_ = marked_bytes_;
    next_id_ = marked_next_id_;
    mark();
}

void batch::restore_tails() noexcept {
    for (auto const& used : std::views::reverse(writes())) used->owner->tail = used->tail_before;
}

void batch::release_surplus_memory() noexcept {
    std::size_t held = 0;
    for (auto const& used : writes_) held += used->bytes.heap_bytes();
    if (held <= 4 * limits_.max_bytes) return;
    for (auto const& used : writes_) used->bytes.reset();
}

}  // namespace audit_trail::storage
