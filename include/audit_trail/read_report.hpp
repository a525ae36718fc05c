/// \file
/// What a reader met beside events.
#pragma once

#include <audit_trail/error.hpp>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace audit_trail {

/// One thing that a trail does not hold by itself: damage, or a note. The reader went on after it.
struct read_finding {
    std::string path;          ///< relative to the root; empty for the root itself
    std::uint64_t offset = 0;  ///< of the first byte concerned: the beginning of a damaged line; 0 for whole files
    error_code reason;         ///< of the library, or the operating system's for what could not be read
    std::string text;          ///< the same for people, with what is known beyond it

    /// The ids concerned, such as the one that a damaged line still gives; 0 where none is known.
    std::uint64_t first_id = 0;
    std::uint64_t last_id = 0;

    /// Whether `offset` is a place in a segment; otherwise the finding concerns a file or a directory as a whole.
    bool has_offset() const noexcept;
};

struct read_report {
    /// In the order in which they were met; of each reason only the first `reader_options::max_findings`.
    std::vector<read_finding> findings;

    /// How often each reason was met, whether or not it stands in `findings`.
    std::vector<std::pair<error_code, std::uint64_t>> counts;

    std::uint64_t total = 0;  ///< the sum of `counts`: 0 when nothing is damaged

    /// What is no damage: `error::foreign_file`, a file or directory whose name is none of a trail's, such as
    /// `lost+found`, a README, or a compressed copy of a segment; and ENOENT of the system category, a segment or
    /// directory that was deleted while the trail was read, with all before it. Kept and counted as findings are.
    std::vector<read_finding> notes;
    std::vector<std::pair<error_code, std::uint64_t>> note_counts;
    std::uint64_t total_notes = 0;

    std::uint64_t lines = 0;    ///< complete lines that were looked at, damaged ones included
    std::uint64_t bytes = 0;    ///< of those lines and of what was passed over as damaged
    std::uint64_t matched = 0;  ///< events that passed the filter

    /// Ids from 1 on that no segment holds, as far as the reader has come. Counted only where a gap can be seen: in the
    /// order of ids and without a filter. A line that is damaged holds none.
    std::uint64_t missing_ids = 0;

    /// How often `reason` was met as damage.
    std::uint64_t count_of(error_code const& reason) const noexcept;

    /// How often `reason` was noted.
    std::uint64_t note_count_of(error_code const& reason) const noexcept;
};

}  // namespace audit_trail
