/// \file
/// Checks a whole trail: is every event that ever got an id still there, and undamaged?
///
/// \code
/// audit_trail::verify_report const report = audit_trail::verify("/var/lib/server/audit");
/// for (auto const& finding : report.findings) {
///     std::cerr << finding.path << ':' << finding.offset << ": " << finding.text << '\n'
///               << audit_trail::advice(finding.reason) << '\n';
/// }
/// \endcode
///
/// # What is checked
///
/// - Every line is a valid event to its last byte, including its payload, in the directory of its domain and category.
///   Every segment ends with a newline.
/// - Ids increase within each category, and no id occurs twice in the root.
/// - No id is missing from 1 to the highest id that the segments, index.json or `.lock` (`synced_through`) name. Ids
///   that `.recovery.jsonl` explains (`unused_ids`, `index_ahead`, `accepted_loss`) and ids of damaged lines do not
///   count as missing. Lost ids (`lost_ids`) are findings until the loss is accepted (`recover --accept-loss`).
/// - The numbers of a category's segments have no gap, unless `.recovery.jsonl` records that these segments vanished.
/// - index.json names the highest id.
/// - Every line of `.recovery.jsonl` is a record, or the beginning of a record that a crash cut short.
/// - The directory is a trail: it has an index.json, a `.lock` or a segment (`error::no_trail`).
///
/// # Findings and notes
///
/// A violation of these rules is a finding. Notes are observations that do not make a trail faulty:
/// - segments that are missing at the beginning of a category (retention), and ids that may have been in them. But ids
///   that may have been in a segment that vanished while a writer used it are findings (see below);
/// - ids that another program left out before this library first opened the root (`began` in `.lock`);
/// - ids above index.json that a crash left unused and that the next opening will record;
/// - commit logs that a recovery could not use (`unusable_log` in `.recovery.jsonl`): acknowledged events may be lost
///   whose ids are not known;
/// - ids that `.recovery.jsonl` explains; valid lines that writers would spell differently; files that do not belong to
///   a trail; modes that are wider than writers give (a single note, with their number and the first path).
///
/// A missing id is reported at the line with the next higher id, in any category.
///
/// If a segment was deleted, replaced or cut short while a writer used it (`vanished_segment` in `.recovery.jsonl`),
/// missing ids below the record's `first_id` are findings: neither retention nor another program excuses them. If the
/// record has no `first_id`, the limit is the first id in the category's later segments; without later events, there is
/// no limit. This ends when a loss is accepted: a record of an accepted loss accounts for all segments that vanished
/// before it. Ids of segments that were deleted on purpose are included, because they cannot be told apart.
///
/// # While a writer is active
///
/// While a writer has the root, the trail is checked up to the id that index.json had at the beginning. The check
/// starts again if a writer opens the root, or old segments are deleted, during the check.
///
/// # Files that cannot be read
///
/// A file or directory that cannot be read is a finding, with the system's error. If the reason is that a permission is
/// missing (EACCES), or that the process ran out of descriptors or memory (EMFILE, ENFILE, ENOMEM), missing ids are not
/// reported, because that file may contain them.
///
/// # Cost
///
/// One pass over all files. Each event is decoded, and encoded again to compare its spelling. Memory is bounded for any
/// content of the files; in addition, each category needs a few hundred bytes, and each segment 8 bytes. Nothing is
/// written.
///
/// The check does not detect that an event was changed into another valid event.
#pragma once

#include <audit_trail/detail/api.hpp>
#include <audit_trail/error.hpp>
#include <audit_trail/read_report.hpp>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace audit_trail {

struct verify_options {
    /// How many findings, and notes, of each reason are kept. More are only counted.
    std::size_t max_findings = 100;

    /// Longer lines are findings (`error::line_too_long`).
    std::size_t max_line_bytes = 16 * 1024 * 1024;

    /// See `reader_options::on_progress`.
    std::function<void(read_report const&)> on_progress;
};

struct verify_report {
    /// Sorted by reason, then by place; at most `verify_options::max_findings` of each reason. Reasons: the findings of
    /// `reader` and of `entry::decode_payload`, and `error::ids_missing`, `duplicate_id`, `id_too_high`,
    /// `index_invalid`, `index_behind`, `index_ahead`, `no_trail`.
    std::vector<read_finding> findings;
    std::uint64_t total_findings = 0;

    /// Sorted and limited in the same way. Reasons: `error::segment_missing`, `ids_missing`, `other_spelling`,
    /// `foreign_file`, `loose_mode`, `unusable_log`.
    std::vector<read_finding> notes;
    std::uint64_t total_notes = 0;

    /// How many findings, and notes, each reason had, including findings and notes that are not in the lists.
    std::vector<std::pair<error_code, std::uint64_t>> finding_counts;
    std::vector<std::pair<error_code, std::uint64_t>> note_counts;

    std::uint64_t categories = 0;
    std::uint64_t segments = 0;
    std::uint64_t lines = 0;  ///< complete lines, including damaged lines
    std::uint64_t bytes = 0;  ///< all bytes of the segments that were checked
    std::uint64_t events = 0;
    std::uint64_t first_event_id = 0;  ///< the lowest id; 0 without events
    std::uint64_t last_event_id = 0;   ///< the highest id; 0 without events
    std::uint64_t missing_ids = 0;     ///< unexplained missing ids; 0 if files could not be read

    /// The highest id that was checked, if a writer has the root.
    std::optional<std::uint64_t> limit;

    bool is_whole() const noexcept { return total_findings == 0; }
};

/// Checks the trail in `root` and returns the findings. Blocks on the disk. Thread safe: uses no shared state.
///
/// \throws boost::system::system_error if the root cannot be opened: `error::not_a_trail`, `error::openat2_unavailable`
/// or a system error; everything else is a finding
AUDIT_TRAIL_API verify_report verify(std::filesystem::path const& root, verify_options const& options = {});

/// The same without exceptions.
AUDIT_TRAIL_API verify_report verify(std::filesystem::path const& root, verify_options const& options, error_code& ec);

/// Returns text for people: what to do about a finding of this reason, or about a note. For a note of
/// `error::ids_missing` there is nothing to do: its text says why the ids are missing.
AUDIT_TRAIL_API std::string_view advice(error_code const& reason) noexcept;

}  // namespace audit_trail
