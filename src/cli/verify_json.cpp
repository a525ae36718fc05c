#include "cli/verify_json.hpp"

#include <string.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "cli/printable.hpp"

namespace audit_trail::cli {
namespace {

namespace json = boost::json;

std::string reason_name(error_code const& reason) {
    if (reason.category() == error_category()) return name_of(static_cast<error>(reason.value()));
    char const* const name = ::strerrorname_np(reason.value());
    return name ? name : std::to_string(reason.value());
}

json::object to_object(read_finding const& finding) {
    json::object object;
    // Names of files are any bytes.
    object["path"] = printable(finding.path);
    object["offset"] = finding.offset;
    object["reason"] = reason_name(finding.reason);
    object["text"] = printable(finding.text);
    if (finding.first_id != 0) object["first_id"] = finding.first_id;
    if (finding.last_id != 0) object["last_id"] = finding.last_id;
    object["advice"] = advice(finding.reason);
    return object;
}

json::array to_array(std::vector<read_finding> const& findings) {
    json::array array;
    for (auto const& finding : findings) array.push_back(to_object(finding));
    return array;
}

}  // namespace

std::string to_json(std::string const& root, verify_report const& report) {
    json::object object;
    object["root"] = printable(root);
    object["whole"] = report.is_whole();
    object["categories"] = report.categories;
    object["segments"] = report.segments;
    object["lines"] = report.lines;
    object["bytes"] = report.bytes;
    object["events"] = report.events;
    object["first_event_id"] = report.first_event_id;
    object["last_event_id"] = report.last_event_id;
    object["missing_ids"] = report.missing_ids;
    object["limit"] = report.limit ? json::value(*report.limit) : json::value();
    object["total_findings"] = report.total_findings;
    object["findings"] = to_array(report.findings);
    object["total_notes"] = report.total_notes;
    object["notes"] = to_array(report.notes);
    return json::serialize(object) + '\n';
}

}  // namespace audit_trail::cli
