#include "cli/finding_messages.hpp"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string_view>

#include "cli/message.hpp"
#include "storage/layout.hpp"

namespace audit_trail::cli {
namespace {

/// Some concern a file as a whole.
bool has_offset(read_finding const& finding) {
    error const of_files[] = {error::segment_missing, error::not_a_trail, error::loose_mode};
    bool const is_of_file = std::ranges::any_of(of_files, [&](error e) { return finding.reason == e; });
    auto const name = std::string_view(finding.path).substr(finding.path.rfind('/') + 1);
    bool const is_in_segment = storage::parse_segment_name(name).has_value();
    return is_in_segment && !is_of_file && finding.reason.category() == error_category();
}

std::uint64_t shown_of(read_report const& met, error_code const& reason) {
    auto const is_it = [&](read_finding const& finding) { return finding.reason == reason; };
    return static_cast<std::uint64_t>(std::ranges::count_if(met.findings, is_it));
}

}  // namespace

std::string to_message(std::string const& root, read_finding const& finding) {
    std::string text = root;
    if (!finding.path.empty()) text += '/' + finding.path;
    if (has_offset(finding)) text += ": offset " + std::to_string(finding.offset);
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
