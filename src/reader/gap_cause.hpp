/// \file
/// Why a trail lacks ids: what is known of them beside the segments.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>

#include "reader/id_ranges.hpp"

namespace audit_trail::reading {

enum class gap_cause {
    damaged_line,  ///< a line that is damaged still gives the id
    recorded,      ///< `.recovery.jsonl` names it
    retention,     ///< it may have been in one of the first segments of a category, which are gone
    other_writer,  ///< it was given before this library had the root
    unfinished,    ///< it was never committed: a batch that a crash cut short
    unknown
};

/// The first cause that applies counts.
struct gap_causes {
    id_ranges damaged;
    id_ranges recorded;
    std::uint64_t retention_below = 0;
    std::uint64_t other_writer_below = 1;
    std::uint64_t unfinished_above = std::numeric_limits<std::uint64_t>::max();

    gap_cause of(std::uint64_t id) const;

    /// Calls `each(cause, ids)` for the stretches of `ids` that have one cause.
    void split(id_range ids, std::function<void(gap_cause, id_range)> const& each) const;

 private:
    std::uint64_t last_alike(std::uint64_t id) const;
};

}  // namespace audit_trail::reading
