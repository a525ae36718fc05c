#include "cli/recovery_text.hpp"

namespace audit_trail::cli {
namespace {

using kind_type = recovery_finding::kind_type;

std::string text_of(storage::id_range ids) {
    std::string const first = std::to_string(ids.first);
    return ids.first == ids.last ? "id " + first : "ids " + first + " to " + std::to_string(ids.last);
}

std::string torn_tail_text(recovery_finding const& finding, bool is_done) {
    std::string const what = finding.path + ": " + std::to_string(finding.bytes) + " bytes from offset " +
                             std::to_string(finding.offset) + " on: " + finding.reason;
    if (finding.saved_as.empty()) return what;
    return what + (is_done ? "; copied to " : "; would be copied to ") + finding.saved_as + " and cut off";
}

std::string text_of(recovery_finding const& finding, bool is_done) {
    if (finding.kind == kind_type::torn_tail) return torn_tail_text(finding, is_done);
    return text_of({finding.first_id, finding.last_id}) + ": " + finding.reason;
}

std::string last_end_text(recovery_report const& report) {
    if (report.clean) return "The last writer closed the trail.";
    return "The last writer did not close the trail.";
}

std::string last_event_text(recovery_report const& report) {
    if (report.last_event_id == 0) return "There is no event yet.";
    return "The last event is " + std::to_string(report.last_event_id) + ".";
}

}  // namespace

std::string to_text(recovery_report const& report, bool is_done) {
    std::string text = last_end_text(report) + '\n';
    for (auto const& finding : report.findings) text += text_of(finding, is_done) + '\n';
    if (report.findings.empty()) text += "Nothing is torn, and no id is missing that was not missing before.\n";
    text += last_event_text(report) + '\n';
    text += is_done ? "All of this is on stable storage and recorded, and the trail is closed.\n"
                    : "Nothing was changed: this is what recovering would find.\n";
    return text;
}

std::string to_text(std::span<storage::id_range const> accepted, std::string const& user) {
    std::string text;
    for (auto const ids : accepted) text += text_of(ids) + ": accepted as lost by " + user + '\n';
    return text;
}

}  // namespace audit_trail::cli
