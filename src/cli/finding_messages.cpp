#include "cli/finding_messages.hpp"

#include <algorithm>
#include <cstdint>
#include <iterator>

#include "cli/message.hpp"

namespace audit_trail::cli {
namespace {

/// Some concern a file as a whole.
bool has_offset(error_code const& reason) {
    error const of_files[] = {error::segment_missing, error::foreign_file, error::not_a_trail};
    bool const is_of_file = std::ranges::any_of(of_files, [&](error e) { return reason == e; });
    return !is_of_file && reason.category() == error_category();
}

std::uint64_t shown_of(read_report const& met, error_code const& reason) {
    auto const is_it = [&](read_finding const& finding) { return finding.reason == reason; };
    return static_cast<std::uint64_t>(std::ranges::count_if(met.findings, is_it));
}

}  // namespace

std::string to_message(std::string const& root, read_finding const& finding) {
    std::string text = root;
    if (!finding.path.empty()) text += '/' + finding.path;
    if (has_offset(finding.reason)) text += ": offset " + std::to_string(finding.offset);
    return text + ": " + finding.text;
}

bool report_findings(std::string const& root, read_report const& met) {
    for (auto const& finding : met.findings) report("audit-trail: " + to_message(root, finding));
    for (auto const& [reason, count] : met.counts) {
        std::uint64_t const shown = shown_of(met, reason);
        if (count == shown) continue;
        report("audit-trail: " + root + ": " + std::to_string(count - shown) + " more: " + reason.message());
    }
    return met.total != 0;
}

}  // namespace audit_trail::cli
