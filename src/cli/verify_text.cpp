#include "cli/verify_text.hpp"

#include <span>

#include "cli/byte_count.hpp"
#include "cli/finding_messages.hpp"
#include "cli/printable.hpp"

namespace audit_trail::cli {
namespace {

using counts = std::vector<std::pair<error_code, std::uint64_t>>;

std::string count_of(std::uint64_t count, std::string const& one, std::string const& several) {
    return std::to_string(count) + ' ' + (count == 1 ? one : several);
}

std::string result_of(verify_report const& report) {
    std::string text = report.is_whole() ? "whole" : count_of(report.total_findings, "finding", "findings");
    if (report.total_notes != 0) text += ", " + count_of(report.total_notes, "note", "notes");
    return text;
}

std::string summary(std::string const& root, verify_report const& report) {
    std::string text = root + ": " + result_of(report) + ": " + count_of(report.events, "event", "events");
    if (report.events != 0) {
        text += " (" + std::to_string(report.first_event_id) + " to " + std::to_string(report.last_event_id) + ")";
    }
    text += ", " + count_of(report.segments, "segment", "segments") + ", " +
            count_of(report.categories, "category", "categories") + ", " + byte_count(report.bytes);
    if (report.missing_ids != 0) text += ", " + count_of(report.missing_ids, "id", "ids") + " missing";
    if (report.limit) text += "; a writer has the trail, checked up to id " + std::to_string(*report.limit);
    return text;
}

std::uint64_t total_of(error_code const& reason, counts const& all) {
    for (auto const& [counted, count] : all) {
        if (counted == reason) return count;
    }
    return 0;
}

/// Those of one reason stand together.
void add_list(std::string const& kind, std::string const& root, std::span<read_finding const> findings,
              counts const& all, std::string& out) {
    std::uint64_t shown = 0;
    for (std::size_t i = 0; i != findings.size(); ++i) {
        auto const& reason = findings[i].reason;
        out += kind + ": " + printable(to_message(root, findings[i])) + '\n';
        ++shown;
        bool const is_last = i + 1 == findings.size() || findings[i + 1].reason != reason;
        if (!is_last) continue;
        auto const more = total_of(reason, all) - std::exchange(shown, 0);
        if (more != 0) out += kind + ": " + std::to_string(more) + " more: " + reason.message() + '\n';
        out.append("    ").append(advice(reason)).append("\n");
    }
}

}  // namespace

std::string to_text(std::string const& root, verify_report const& report) {
    std::string out = printable(summary(root, report)) + '\n';
    add_list("finding", root, report.findings, report.finding_counts, out);
    add_list("note", root, report.notes, report.note_counts, out);
    return out;
}

}  // namespace audit_trail::cli
