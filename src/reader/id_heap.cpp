#include "reader/id_heap.hpp"

#include <algorithm>
#include <functional>

namespace audit_trail::reading {

bool id_heap::add_next(category_cursor& category) {
    if (!category.next()) return false;
    heads_.push_back({category.event_id(), &category});
    std::ranges::push_heap(heads_, std::greater(), &head::event_id);
    return true;
}

category_cursor& id_heap::take_lowest() {
    std::ranges::pop_heap(heads_, std::greater(), &head::event_id);
    category_cursor& category = *heads_.back().category;
    heads_.pop_back();
    return category;
}

}  // namespace audit_trail::reading
