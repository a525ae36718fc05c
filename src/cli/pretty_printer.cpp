#include "cli/pretty_printer.hpp"

#include <utility>

#include "cli/operation_name.hpp"
#include "cli/readable_json.hpp"
#include "cli/time_text.hpp"

namespace audit_trail::cli {
namespace {

constexpr std::string_view field_gap = "  ";
constexpr std::string_view indent = "    ";

}  // namespace

void pretty_printer::print(entry& found, std::string& out) {
    event_changes const changes = changes_of(found);
    if (std::exchange(begun_, true)) out += '\n';
    append_event(found.event, out);
    append_changes(changes, found.event.operation, out);
}

void pretty_printer::append_event(event const& shown, std::string& out) const {
    out += in(text_style::cyan, utc_time(shown.timestamp));
    out.append(field_gap).append(in(text_style::bold, readable_name(shown.logical_user_id)));
    out.append(field_gap).append(in(style_of(shown.operation), name_of(shown.operation)));
    out.append(field_gap).append(in(text_style::bold, readable_name(shown.model_name)));

    std::string where = "event " + std::to_string(shown.event_id) + " in " + shown.domain + '/' + shown.category;
    if (shown.request_id) where += ", request " + readable_name(*shown.request_id);
    out.append("\n").append(indent).append(in(text_style::dim, where)).append("\n");
}

void pretty_printer::append_changes(event_changes const& changes, operation done, std::string& out) const {
    for (auto const& change : changes.fields) append_change(change, done, out);
    if (changes.is_unchanged) out.append(indent).append("no field changed\n");
    if (changes.as_stored.empty()) return;
    out.append(indent).append("payload as stored: ").append(changes.as_stored).append("\n");
}

void pretty_printer::append_change(field_change const& change, operation done, std::string& out) const {
    bool const is_change = (change.before && change.after) || done == operation::update;
    out.append(indent).append(change.field).append(": ");
    if (change.is_null_only) {
        out.append(null_only_text).append("\n");
        return;
    }
    if (change.before) out += in(text_style::red, *change.before);
    if (is_change) out += change.before ? " -> " : "-> ";
    if (change.after) out += in(text_style::green, *change.after);
    if (is_change && !change.after) out += "?";
    out += '\n';
}

}  // namespace audit_trail::cli
