/// \file
/// Reports what a reader found besides events.
#pragma once

#include <audit_trail/detail/api.hpp>
#include <audit_trail/error.hpp>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace audit_trail {

/// One finding: damage, or a note. The reader continued after it.
struct read_finding {
    std::string path;          ///< relative to the root; empty for the root itself
    std::uint64_t offset = 0;  ///< the first byte concerned: the beginning of a damaged line; 0 for a whole file
    error_code reason;         ///< an `error`, or the operating system's error if something could not be read
    std::string text;          ///< the reason as text for people, with details

    /// The ids concerned, for example the id that a damaged line still shows. 0 if unknown.
    std::uint64_t first_id = 0;
    std::uint64_t last_id = 0;

    /// Returns whether `offset` is a position in a segment or in `.recovery.jsonl`. If false, the finding is about a
    /// whole file or directory.
    AUDIT_TRAIL_API bool has_offset() const noexcept;
};

struct read_report {
    /// Damage, in the order of reading. Of each reason, only the first `reader_options::max_findings` are kept.
    std::vector<read_finding> findings;

    /// How many findings each reason had, including findings that are not in `findings`.
    std::vector<std::pair<error_code, std::uint64_t>> counts;

    std::uint64_t total = 0;  ///< the sum of `counts`; 0 if nothing is damaged

    /// Findings that are not damage. `error::foreign_file`: a file or directory whose name does not belong to a trail,
    /// for example `lost+found`, a README, or a compressed copy of a segment. ENOENT of the system category: a segment
    /// or directory that was deleted during the reading, together with all older ones. Kept and counted like damage.
    std::vector<read_finding> notes;
    std::vector<std::pair<error_code, std::uint64_t>> note_counts;
    std::uint64_t total_notes = 0;

    std::uint64_t lines = 0;    ///< complete lines that were examined, including damaged lines
    std::uint64_t bytes = 0;    ///< the bytes of these lines and of skipped damage
    std::uint64_t matched = 0;  ///< events that passed the filter

    /// How many ids from 1 to the current position no segment contains; in `read_order::newest_first`, from the highest
    /// id to the current position. Counted only if gaps are visible: in the order of ids and without a filter. A
    /// damaged line contains no id.
    std::uint64_t missing_ids = 0;

    /// Returns how many findings of `reason` were damage.
    AUDIT_TRAIL_API std::uint64_t count_of(error_code const& reason) const noexcept;

    /// Returns how many findings of `reason` were notes.
    AUDIT_TRAIL_API std::uint64_t note_count_of(error_code const& reason) const noexcept;
};

}  // namespace audit_trail
