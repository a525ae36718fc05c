#include "reader/id_merge.hpp"

#include <utility>

namespace audit_trail::reading {

id_merge::id_merge(read_scope& scope, std::vector<category_place> places) {
    for (auto& place : places) categories_.emplace_back(scope, std::move(place));
}

category_cursor* id_merge::next() {
    if (!begun_) begin();
    if (current_ != nullptr) heads_.add_next(*std::exchange(current_, nullptr));
    if (!heads_.empty()) current_ = &heads_.take_lowest();
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
    for (auto& category : categories_) heads_.add_next(category);
}

}  // namespace audit_trail::reading
