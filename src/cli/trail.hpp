/// \file
/// Opens trails to read them, and reports on standard error what is wrong with them.
#pragma once

#include <audit_trail/reader.hpp>
#include <optional>
#include <string>

namespace audit_trail::cli {

/// Whether the directory is a trail that can be read. If not, reports why.
bool is_trail(std::string const& root);

/// Reports why a trail, or a path in it, can't be read, and how to get the permission.
void report_failure(std::string const& path, error_code const& ec);

/// Opens a trail. Nothing when it can't be read; then reports why.
std::optional<reader> open_reader(std::string const& root, event_filter filter, reader_options const& options);

/// So many findings of each reason are reported; the others are counted.
inline constexpr std::size_t shown_findings = 5;

/// The finding's file, its offset if it has one, and the reason.
std::string to_message(std::string const& root, read_finding const& finding);

/// Reports the findings of a reader that keeps `shown_findings` of each reason, and how many more there are. Returns
/// whether there was any.
bool report_findings(std::string const& root, read_report const& met);

/// Reports each domain and category that the filter names and the trail does not have, with the existing names if they
/// are few. This is no failure: the first event of a category creates it. Reports nothing if the root can't be opened.
void report_unknown_names(std::string const& root, event_filter const& filter);

}  // namespace audit_trail::cli
