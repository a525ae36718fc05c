#include "reader/segment_walk.hpp"

namespace audit_trail::reading {

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
