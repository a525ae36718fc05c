/// \file
/// Enumerates the segments of a category and reports missing ones.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "reader/trail_listing.hpp"

namespace audit_trail::reading {

struct read_scope;

class segment_list {
 public:
    segment_list(read_scope const& scope, category_place place) : scope_(scope), place_(std::move(place)) {}

    /// Lists the directory.
    void load();

    /// Skips segments whose ids are all below `event_id`. Returns false, and skips nothing, if ids are out of order.
    bool skip_below(std::uint64_t event_id);

    /// Returns the number that `next` will return.
    std::uint64_t peek() const noexcept { return next_ < numbers_.size() ? numbers_[next_] : 0; }

    /// Returns the number of the next segment; 0 at the end. Reports the segments that are missing before it.
    std::uint64_t next();

    /// Makes `previous` begin with the last segment.
    void seek_end() noexcept { next_ = numbers_.size(); }

    /// Forgets the segments after `number`.
    void cut_after(std::uint64_t number);

    /// Returns the number of the segment before; 0 at the beginning. Reports the segments that are missing after it.
    std::uint64_t previous();

    /// Makes `next` return `number` again, or the first number after it. Forgets lower numbers.
    void rewind(std::uint64_t number);

    /// Adds a new segment. Returns true if the list was empty before.
    bool add(std::uint64_t number);

    void clear() noexcept { numbers_ = {}; }

    /// Returns true if the segment and all earlier segments were deleted, as by retention.
    bool was_deleted_through(std::uint64_t number) const;

    category_place const& place() const noexcept { return place_; }

 private:
    void check_for_hole(std::size_t index);
    void report_hole_before(std::size_t index);
    void report_missing(std::uint64_t before, std::uint64_t number);

    read_scope const& scope_;
    category_place place_;
    std::vector<std::uint64_t> numbers_;
    std::size_t next_ = 0;
    std::uint64_t hole_checked_ = 0;  // holes before this number were checked
};

}  // namespace audit_trail::reading
