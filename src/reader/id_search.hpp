/// \file
/// Where an id would be, by bisection: ids increase from line to line and from segment to segment.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "reader/trail_listing.hpp"
#include "storage/file_system.hpp"

namespace audit_trail::reading {

/// The index in `numbers` of the first segment that can hold `event_id` or a higher one. Never too high: where it can't
/// be told what ids a segment holds, it may be too low.
std::size_t find_segment(storage::file_system& system, storage::file_handle root, category_place const& place,
                         std::vector<std::uint64_t> const& numbers, std::uint64_t event_id);

/// The offset of a line, not far before the first whose id is `event_id` or higher; likewise never too high.
std::uint64_t find_offset(storage::file_system& system, storage::file_handle root, std::string const& path,
                          std::uint64_t event_id);

}  // namespace audit_trail::reading
