#include "reader/id_merge.hpp"

#include <algorithm>
#include <utility>

namespace audit_trail::reading {

id_merge::id_merge(read_scope& scope, std::vector<category_place> places) {
    for (auto& place : places) categories_.emplace_back(scope, std::move(place));
}

category_cursor* id_merge::next() {
    if (!begun_) begin();
    if (current_ != nullptr) put_back(*std::exchange(current_, nullptr));
    if (heads_.empty()) return nullptr;
    std::ranges::pop_heap(heads_, std::greater(), &head::event_id);
    current_ = heads_.back().category;
    heads_.pop_back();
    return current_;
}

std::uint64_t id_merge::count() {
    std::uint64_t counted = heads_.size();
    for (auto& category : categories_) counted += category.count();
    begun_ = true;
    heads_.clear();
    current_ = nullptr;
    return counted;
}

void id_merge::begin() {
    begun_ = true;
    heads_.reserve(categories_.size());
    for (auto& category : categories_) category.begin();
    for (auto& category : categories_) put_back(category);
}

void id_merge::put_back(category_cursor& category) {
    if (!category.next()) return;
    heads_.push_back({category.event_id(), &category});
    std::ranges::push_heap(heads_, std::greater(), &head::event_id);
}

}  // namespace audit_trail::reading
