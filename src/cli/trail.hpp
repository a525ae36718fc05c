/// \file
/// Opens trails for reading, and reports failures and findings on standard error.
#pragma once

#include <audit_trail/reader.hpp>
#include <audit_trail/recovery_report.hpp>
#include <audit_trail/replay.hpp>
#include <optional>
#include <string>

#include "terminal.hpp"

namespace audit_trail::cli {

/// Returns true if the directory is a trail that can be read. Otherwise reports why not.
bool is_trail(std::string const& root);

/// Reports why a trail, or a path in it, cannot be read, and how to get the permission.
void report_failure(std::string const& path, error_code const& ec);

/// Reports why a trail cannot be opened for writing: the file in it, if it is known, and what to do.
void report_opening_failure(std::string const& root, error_code const& ec);

/// The same for a file that `plan_recovery` found.
void report_obstacle(std::string const& root, recovery_report::obstacle_type const& obstacle);

/// Opens a trail. If it cannot be read, reports why and returns nothing.
std::optional<reader> open_reader(std::string const& root, event_filter filter, reader_options const& options);

/// The number of findings of each reason that are reported. More findings are only counted.
inline constexpr std::size_t shown_findings = 5;

/// Returns options that keep `shown_findings` of each reason, and show the progress.
reader_options options_with(progress_line& progress);

/// Returns the finding's file, its offset if it has one, and the reason.
std::string to_message(std::string const& root, read_finding const& finding);

/// Reports the findings of a reader that keeps `shown_findings` of each reason, and how many more there are. Returns
/// true if there was any finding.
bool report_findings(std::string const& root, read_report const& met);

/// Reports the events that a replay skipped.
void report_skipped(std::string const& root, replay_result const& result);

/// Reports each domain and category that the filter names and the trail does not have, with the existing names if they
/// are few. This is no failure: the first event of a category creates it. Reports nothing if the root cannot be opened,
/// or if the names are patterns.
void report_unknown_names(std::string const& root, event_filter const& filter);

}  // namespace audit_trail::cli
