/// \file
/// Why a trail lacks an id.
///
/// The evidence, and what it proves:
/// - index.json, written after the lines of a batch: its ids were acknowledged. It is not synced with each batch, and
///   after a power cut it may name events that were only written; `.lock` says whether the writer had such events.
/// - synced_through in `.lock`: the lines of its ids were on stable storage. Holds after any end.
/// - `.recovery.jsonl`: what each opening found and a user accepted. Openings record an id that was acknowledged as
///   lost, and an id above all marks as unused by a crash.
/// - The first id that is left in a category whose leading segments are gone: lower ids may have been in them. A
///   category without an event proves nothing.
/// - began in `.lock`: lower ids were given by another program, which leaves gaps.
///
/// A missing id that no evidence excuses is a loss, and so is an id that was recorded as lost and not accepted.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>

#include "verify/id_ranges.hpp"

namespace audit_trail::reading {

enum class gap_cause {
    damaged_line,  ///< a line that is damaged still gives the id
    accepted,      ///< lost, and a user accepted it
    lost,          ///< recorded as lost
    unsynced,      ///< recorded: its event was only written when the power went
    unused,        ///< recorded: a crash left it unused
    retention,     ///< its event may have been in one of the first segments of a category, which are gone
    other_writer,  ///< it was given before this library had the root
    unfinished,    ///< it was never committed: a batch that a crash cut short
    unknown
};

/// The first cause that applies counts.
struct gap_causes {
    id_ranges damaged;
    id_ranges accepted;
    id_ranges lost;
    id_ranges unsynced;
    id_ranges unused;
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
