/// \file
/// Cursors that stand on events, by the ids of these.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "reader/category_cursor.hpp"

namespace audit_trail::reading {

class id_heap {
 public:
    void reserve(std::size_t count) { heads_.reserve(count); }

    /// Moves the cursor to its next event; false where there is none, and it is not taken in.
    bool add_next(category_cursor& category);

    bool empty() const noexcept { return heads_.empty(); }
    std::size_t size() const noexcept { return heads_.size(); }
    void clear() noexcept { heads_.clear(); }

    /// The lowest id.
    std::uint64_t lowest() const noexcept { return heads_.front().event_id; }

    /// Takes out the cursor that stands on it.
    category_cursor& take_lowest();

 private:
    struct head {
        std::uint64_t event_id;
        category_cursor* category;
    };

    std::vector<head> heads_;  // a heap, the lowest id first
};

}  // namespace audit_trail::reading
