/// \file
/// Finds the first line that may have an id from `event_id` on, by bisection.
///
/// A bisection relies on ascending ids. A single id that was changed by hand must not mislead it. So each probe reads
/// several adjacent lines, and moves the lower bound only if all their ids are below `event_id`. If the ids of the
/// probes contradict each other, the functions return nothing: the caller then reads all lines, and reports the
/// disorder.
///
/// Cost: a probe reads 64 KiB, or more until it has two lines. The bisection ends when the remaining range is not
/// larger than the last probe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "reader/trail_listing.hpp"
#include "system/file_system.hpp"

namespace audit_trail::reading {

/// Returns an index in `numbers`: the segments before it contain no id from `event_id` on. Returns nothing if ids are
/// out of order.
std::optional<std::size_t> find_segment(storage::file_system& system, storage::file_handle root,
                                        category_place const& place, std::vector<std::uint64_t> const& numbers,
                                        std::uint64_t event_id);

/// Returns the offset of a line in a segment: the lines before it have no id from `event_id` on. Returns nothing if ids
/// are out of order.
std::optional<std::uint64_t> find_offset(storage::file_system& system, storage::file_handle root,
                                         std::string const& path, std::uint64_t event_id);

}  // namespace audit_trail::reading
