/// \file
/// Finds the place from which lines with ids from a given one on must be read, by bisection.
///
/// A bisection relies on ascending ids. A single id that was changed by hand must not mislead it. So each probe reads
/// several neighbouring lines, and moves the lower bound only if all of their ids are below the wanted one. If probed
/// ids contradict each other, nothing is returned: the caller then reads all lines, and reports the disorder.
///
/// Cost: one probe reads 64 KiB, or more until it has two lines. The bisection ends when the remaining range is no
/// larger than the last probe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "reader/trail_listing.hpp"
#include "system/file_system.hpp"

namespace audit_trail::reading {

/// The index in `numbers` of a segment; the segments before it hold no id from `event_id` on. Empty if ids are out of
/// order.
std::optional<std::size_t> find_segment(storage::file_system& system, storage::file_handle root,
                                        category_place const& place, std::vector<std::uint64_t> const& numbers,
                                        std::uint64_t event_id);

/// The offset of a line in a segment; the lines before it have no id from `event_id` on. Empty if ids are out of order.
std::optional<std::uint64_t> find_offset(storage::file_system& system, storage::file_handle root,
                                         std::string const& path, std::uint64_t event_id);

}  // namespace audit_trail::reading
