/// \file
/// `.recovery.jsonl`: what openings found, one object a line.
#pragma once

#include <audit_trail/recovery_report.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "system/file_system.hpp"

namespace audit_trail::storage {

/// The object of one line, without the newline. Members that do not apply are left out.
std::string format_finding(recovery_finding const& finding);

/// What `format_finding` wrote; nothing when the line is no such object.
std::optional<recovery_finding> parse_finding(std::string_view line);

/// Both ends are included.
struct id_range {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
};

/// The ids for which the log accounts: all but the lost ones that nobody accepted. Ascending, may overlap.
std::vector<id_range> read_accounted_ids(file_system& system, file_handle root, error_code& ec);

/// Appends the findings that the log does not hold yet (their time apart), and syncs it with its directory entry.
void record_findings(file_system& system, file_handle root, std::span<recovery_finding const> findings, error_code& ec);

/// Syncs the log with its directory entry.
void sync_recovery_log(file_system& system, file_handle root, error_code& ec);

}  // namespace audit_trail::storage
