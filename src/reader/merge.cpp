#include "reader/merge.hpp"

#include <algorithm>
#include <functional>

namespace audit_trail::reading {

bool cursor_heap::push_next(category_cursor& category) {
    if (!category.next()) return false;
    auto const id = category.event_id();
    heap_.push_back({descends_ ? ~id : id, &category});
    std::ranges::push_heap(heap_, std::greater(), &element::key);
    return true;
}

category_cursor& cursor_heap::pop_first() {
    std::ranges::pop_heap(heap_, std::greater(), &element::key);
    category_cursor& category = *heap_.back().category;
    heap_.pop_back();
    return category;
}

id_merge::id_merge(read_scope& scope, std::vector<category_place> places) : heap_(scope.backwards) {
    for (auto& place : places) categories_.emplace_back(scope, std::move(place));
}

category_cursor* id_merge::next() {
    if (!begun_) begin();
    if (current_ != nullptr) heap_.push_next(*std::exchange(current_, nullptr));
    if (!heap_.empty()) current_ = &heap_.pop_first();
    return current_;
}

std::uint64_t id_merge::count() {
    std::uint64_t counted = heap_.size();
    for (auto& category : categories_) counted += category.count();
    begun_ = true;
    heap_.clear();
    current_ = nullptr;
    return counted;
}

void id_merge::begin() {
    begun_ = true;
    heap_.reserve(categories_.size());
    for (auto& category : categories_) category.begin();
    for (auto& category : categories_) heap_.push_next(category);
}

category_cursor* segment_walk::next() {
    while (current_ || begin_category()) {
        if (current_->next()) return &*current_;
        current_.reset();
    }
    return nullptr;
}

std::uint64_t segment_walk::count() {
    std::uint64_t counted = 0;
    while (current_ || begin_category()) {
        counted += current_->count();
        current_.reset();
    }
    return counted;
}

bool segment_walk::begin_category() {
    if (next_place_ == places_.size()) return false;
    current_.emplace(scope_, places_[next_place_++]);
    return true;
}

}  // namespace audit_trail::reading
