/// \file
/// What a reader met beside events, told to people.
#pragma once

#include <audit_trail/read_report.hpp>
#include <string>

namespace audit_trail::cli {

/// So many findings of each reason are shown; the others are counted.
inline constexpr std::size_t shown_findings = 5;

/// One finding: file, offset where it has one, reason.
std::string to_message(std::string const& root, read_finding const& finding);

/// Tells all on standard error: the first of each reason, then how many more there are. For a reader that keeps
/// `shown_findings` of each. Returns whether there was any.
bool report_findings(std::string const& root, read_report const& met);

}  // namespace audit_trail::cli
