/// \file
/// Where to begin reading when ids are limited from below, found by bisection instead of by reading all lines.
///
/// A bisection relies on ascending ids. So a single id that was changed by hand must not mislead it: each probe looks
/// at several neighbouring lines and takes a place for one below the limit only if all of these lines are. Where probed
/// lines contradict each other, the result is nothing: the caller reads all lines instead, and so meets the disorder.
///
/// Cost: of a segment or a place in it, one probe reads 64 KiB. Where lines are longer than that, it reads on until it
/// has two lines, and the bisection ends as soon as what is left is no more than one probe read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "reader/trail_listing.hpp"
#include "system/file_system.hpp"

namespace audit_trail::reading {

/// The index in `numbers` of a segment, with no id from `event_id` on in those before it. Nothing where ids are out of
/// order.
std::optional<std::size_t> find_segment(storage::file_system& system, storage::file_handle root,
                                        category_place const& place, std::vector<std::uint64_t> const& numbers,
                                        std::uint64_t event_id);

/// The offset of a line in a segment, likewise.
std::optional<std::uint64_t> find_offset(storage::file_system& system, storage::file_handle root,
                                         std::string const& path, std::uint64_t event_id);

}  // namespace audit_trail::reading
