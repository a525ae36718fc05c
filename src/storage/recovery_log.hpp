/// \file
/// Reads and appends to `.recovery.jsonl`, in which openings record their findings, one JSON object per line.
#pragma once

#include <audit_trail/recovery_report.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "system/file_system.hpp"

namespace audit_trail::storage {

/// Returns a finding with the current time.
recovery_finding new_finding(recovery_finding::kind_type kind);

/// Returns the JSON object of one line, without the newline. Members that do not apply are left out.
std::string format_finding(recovery_finding const& finding);

/// Parses a line that `format_finding` wrote. Returns nothing for any other line.
std::optional<recovery_finding> parse_finding(std::string_view text);

/// Returns what is wrong with a line that is not a record: `malformed_json`, `not_an_object` or `missing_member`.
/// Nothing is wrong with an incomplete or empty line: a crash leaves it, and the next record begins on a new line.
error_code check_record(std::string_view text);

/// Both ends are included.
struct id_range {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
};

/// Returns the ids that the log explains: unused, index ahead, or lost and accepted. Ascending; ranges may overlap.
std::vector<id_range> read_accounted_ids(file_system& system, file_handle root, error_code& ec);

/// Appends the findings that are not in the log yet (whatever their time), and syncs the log and its directory entry.
void record_findings(file_system& system, file_handle root, std::span<recovery_finding const> findings, error_code& ec);

/// Syncs the log and its directory entry.
void sync_recovery_log(file_system& system, file_handle root, error_code& ec);

}  // namespace audit_trail::storage
