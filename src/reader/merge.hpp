/// \file
/// Combines the categories of a trail: in the order of ids, or one category after the other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "reader/category_cursor.hpp"

namespace audit_trail::reading {

/// A heap of cursors, ordered by the ids of their current events: ascending, or descending.
class cursor_heap {
 public:
    explicit cursor_heap(bool descends = false) noexcept : descends_(descends) {}

    void reserve(std::size_t count) { heap_.reserve(count); }

    /// Moves the cursor to its next event and inserts it. Returns false, and does not insert it, if there is no next
    /// event.
    bool push_next(category_cursor& category);

    bool empty() const noexcept { return heap_.empty(); }
    std::size_t size() const noexcept { return heap_.size(); }
    void clear() noexcept { heap_.clear(); }

    /// Requires: the order is ascending.
    std::uint64_t lowest_id() const noexcept { return heap_.front().key; }

    /// Removes the cursor that is first in this order.
    category_cursor& pop_first();

 private:
    struct element {
        std::uint64_t key;  // the lowest is the first: the id, or its complement
        category_cursor* category;
    };

    bool descends_;
    std::vector<element> heap_;
};

/// Visits the events of all categories in the order of their ids; descending if the scope is read backwards.
class id_merge {
 public:
    id_merge(read_scope& scope, std::vector<category_place> places);

    /// Returns the cursor of the category with the next event; null at the end.
    category_cursor* next();

    /// Counts the remaining events.
    std::uint64_t count();

 private:
    void begin();

    std::deque<category_cursor> categories_;
    cursor_heap heap_;
    category_cursor* current_ = nullptr;  // returned last; not in the heap
    bool begun_ = false;
};

/// Visits the events of one category after the other, in the order of their files.
class segment_walk {
 public:
    segment_walk(read_scope& scope, std::vector<category_place> places) : scope_(scope), places_(std::move(places)) {}

    /// Returns the cursor of the category with the next event; null at the end.
    category_cursor* next();

    /// Counts the remaining events.
    std::uint64_t count();

 private:
    bool begin_category();

    read_scope& scope_;
    std::vector<category_place> places_;
    std::size_t next_place_ = 0;
    std::optional<category_cursor> current_;
};

}  // namespace audit_trail::reading
