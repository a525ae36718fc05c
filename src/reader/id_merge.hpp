/// \file
/// Events of all categories in the order of their ids.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "reader/category_cursor.hpp"
#include "reader/id_heap.hpp"

namespace audit_trail::reading {

class id_merge {
 public:
    id_merge(read_scope& scope, std::vector<category_place> places);

    /// The category that stands on the next event; null at the end.
    category_cursor* next();

    /// How many are left.
    std::uint64_t count();

 private:
    void begin();

    std::deque<category_cursor> categories_;
    id_heap heads_;
    category_cursor* current_ = nullptr;  // stands on the event that was given last
    bool begun_ = false;
};

}  // namespace audit_trail::reading
