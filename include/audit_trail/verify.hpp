/// \file
/// Checks a whole trail: is every event that was ever given an id still there, and whole?
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
/// - Every line is an event to its last byte, its payload included, and stands in the directory of its domain and
///   category. Every segment ends with a newline.
/// - Ids increase within each category, none stands twice in the root, and none is missing from 1 to the highest that
///   the segments, index.json and `.lock` (`synced_through`) name, but for those that `.recovery.jsonl` accounts for
///   (`unused_ids`, `index_ahead`, `accepted_loss`), and those of damaged lines, which are findings already. Ids that
///   it records as lost (`lost_ids`) stay findings until the loss is accepted (`audit-trail recover --accept-loss`).
/// - The numbers of a category's segments have no hole, unless `.recovery.jsonl` says that those segments vanished.
/// - index.json names the highest id.
/// - The directory is a trail: it has an index.json, a `.lock` or a segment (`error::no_trail`).
///
/// # Findings and notes
///
/// What contradicts that is a finding. Notes are what a whole trail may have, too: segments missing at the beginning of
/// a category, where old ones are deleted after a time, and ids that may have been in them; ids that another program
/// left out before this library had the root (`began` in `.lock`); ids above index.json that a crash left out, which
/// the next opening records; ids that are accounted for; lines that are valid events in another spelling than writers
/// give them; files that are no part of a trail; and modes that give more than writers do (one note, with their number
/// and the first path).
///
/// An id is missing at the line that has the next higher one, whichever category that is in.
///
/// # Beside a writer
///
/// While a writer has the root, the trail is checked up to the id that index.json named at the beginning. Where a
/// writer comes in the middle, or old segments go, the check begins again.
///
/// # Without permission
///
/// Where a file or directory can't be read for want of permission, that is a finding (EACCES), and missing ids are not
/// looked for: the file may hold them.
///
/// # Cost
///
/// One pass over all files; each event is decoded, and encoded again to compare its spelling. Memory is bounded
/// whatever they hold; beside that, each category takes some hundred bytes and each segment eight. Nothing is written,
/// ever.
///
/// This does not show whether somebody changed an event into another valid one.
#pragma once

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
    /// How many findings, and notes, of each reason are kept. The others are counted.
    std::size_t max_findings = 100;

    /// A longer line is a finding (`error::line_too_long`).
    std::size_t max_line_bytes = 16 * 1024 * 1024;

    /// As `reader_options::on_progress`.
    std::function<void(read_report const&)> on_progress;
};

struct verify_report {
    /// By reason, and then by place; of each reason only the first `verify_options::max_findings`. The reasons are
    /// those of `reader` and of decoding, and `error::ids_missing`, `duplicate_id`, `id_too_high`, `index_invalid`,
    /// `index_behind`, `index_ahead`, `no_trail`.
    std::vector<read_finding> findings;
    std::uint64_t total_findings = 0;

    /// Likewise: `error::segment_missing`, `ids_missing`, `other_spelling`, `foreign_file`, `loose_mode`.
    std::vector<read_finding> notes;
    std::uint64_t total_notes = 0;

    /// How often each reason was met, whether or not it stands in the list.
    std::vector<std::pair<error_code, std::uint64_t>> finding_counts;
    std::vector<std::pair<error_code, std::uint64_t>> note_counts;

    std::uint64_t categories = 0;
    std::uint64_t segments = 0;
    std::uint64_t lines = 0;  ///< complete ones, damaged ones included
    std::uint64_t bytes = 0;  ///< of those lines and of what else stands in segments
    std::uint64_t events = 0;
    std::uint64_t first_event_id = 0;  ///< the lowest; 0 without events
    std::uint64_t last_event_id = 0;   ///< the highest
    std::uint64_t missing_ids = 0;     ///< that nothing accounts for; 0 where a permission is missing

    /// Up to where the trail was checked, when a writer has it.
    std::optional<std::uint64_t> limit;

    bool is_whole() const noexcept { return total_findings == 0; }
};

/// Blocks on the disk.
///
/// \throws boost::system::system_error when the root can't be opened; nothing else is an error
verify_report verify(std::filesystem::path const& root, verify_options const& options = {});

/// The same without an exception.
verify_report verify(std::filesystem::path const& root, verify_options const& options, error_code& ec);

/// What to do about a finding or a note of that reason, for people.
std::string_view advice(error_code const& reason) noexcept;

}  // namespace audit_trail
