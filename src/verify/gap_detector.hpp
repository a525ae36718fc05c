/// \file
/// Finds the missing ids of a trail, and their causes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace audit_trail::reading {

struct id_range {
    std::uint64_t first = 0;
    std::uint64_t last = 0;  ///< inclusive

    friend bool operator==(id_range const&, id_range const&) = default;
};

/// A set of ids, stored as ranges.
class id_ranges {
 public:
    /// Requires: added.first <= added.last.
    void add(id_range added);

    bool contains(std::uint64_t id) const;

    /// Returns the first range that ends at `id` or later.
    std::optional<id_range> range_from(std::uint64_t id) const;

    /// Returns the ids of this set that are not in the other, ascending.
    std::vector<id_range> without(id_ranges const& other) const;

    std::size_t size() const noexcept { return last_of_.size(); }

 private:
    std::map<std::uint64_t, std::uint64_t> last_of_;  // by first id; the ranges neither touch nor overlap
};

/// Missing ids, and the first line with a higher id.
struct id_gap {
    id_range ids;
    std::string path;
    std::uint64_t offset = 0;
};

enum class id_turn {
    next,  ///< higher than all earlier ids
    late,  ///< lower than an earlier id, and not known to be a duplicate
    again  ///< a duplicate
};

/// Receives the ids of a trail in nearly ascending order; detects gaps and duplicates. Keeps a bounded number of gaps.
/// If there are more, it reports the lowest gap early; an id that is added later and is not above that gap counts as
/// late.
class gap_detector {
 public:
    /// Calls `on_gap` once for each gap, in ascending order.
    gap_detector(std::size_t max_gaps, std::function<void(id_gap const&)> on_gap)
        : max_gaps_(max_gaps), on_gap_(std::move(on_gap)) {}

    id_turn add(std::uint64_t id, std::string const& path, std::uint64_t offset);

    /// Reports the remaining gaps.
    void end();

    /// Returns the highest id; 0 before the first id.
    std::uint64_t last() const noexcept { return last_; }

 private:
    bool fill(std::uint64_t id);
    void report_lowest();

    std::size_t max_gaps_;
    std::function<void(id_gap const&)> on_gap_;
    std::map<std::uint64_t, id_gap> gaps_;  // by first id
    std::uint64_t last_ = 0;
    std::uint64_t reported_through_ = 0;
};

enum class gap_cause {
    damaged_line,  ///< a damaged line still shows the id
    accepted,      ///< lost, and a user accepted the loss
    lost,          ///< recorded as lost
    unsynced,      ///< recorded: the event was written but not synced before a power failure
    unused,        ///< recorded: a crash left the id unused
    unfinished,    ///< never committed: part of a batch that a crash cut short
    vanished,      ///< the event may have been in a segment that vanished while a writer used it
    retention,     ///< the event may have been in a leading segment of a category that was deleted
    other_writer,  ///< the id was assigned before this library had the root
    unknown
};

/// Returns text for people: why ids with this cause are not lost. Empty for other causes.
char const* excuse_of(gap_cause cause);

/// Returns the file that proves the cause; empty if no file does.
char const* evidence_of(gap_cause cause);

/// The evidence for the causes of gaps.
///
/// - index.json is written after the lines of a batch: its ids were acknowledged. It is not synced with each batch.
/// After
///   a power failure it may name events that were only written; `.lock` tells whether the writer had such events.
/// - synced_through in `.lock`: the lines of these ids were on stable storage, so a crash cannot explain that they are
///   missing.
/// - `.recovery.jsonl`: what each opening found, and which losses a user accepted. Openings record an acknowledged id
///   without a line as lost, and an id above all marks as unused because of a crash.
/// - The first remaining id of a category whose leading segments were deleted: lower ids may have been in them. A
/// category
///   without events proves nothing.
/// - `vanished_segment` in `.recovery.jsonl`: a segment was deleted, replaced or cut short while a writer used it. Ids
///   below its end may have been in it, so neither deleted segments nor another program are a cause.
/// - began in `.lock`: lower ids were assigned by another program, which leaves gaps.
///
/// A missing id without a cause is lost. So is an id that was recorded as lost, or may have been in a segment that
/// vanished, unless the loss was accepted.
struct gap_causes {
    id_ranges damaged;
    id_ranges accepted;
    id_ranges lost;
    id_ranges unsynced;
    id_ranges unused;
    std::uint64_t vanished_below = 0;
    std::uint64_t retention_below = 0;
    std::uint64_t other_writer_below = 1;
    std::uint64_t unfinished_above = std::numeric_limits<std::uint64_t>::max();

    /// Returns the first cause that applies, in the order of `gap_cause`.
    gap_cause of(std::uint64_t id) const;

    /// Splits `ids` into ranges with a single cause, and calls `each(cause, ids)` for each of them.
    void split(id_range ids, std::function<void(gap_cause, id_range)> const& each) const;

 private:
    std::uint64_t last_with_same_cause(std::uint64_t id) const;
};

}  // namespace audit_trail::reading
