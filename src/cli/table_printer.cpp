#include "cli/table_printer.hpp"

#include <string>
#include <vector>

#include "cli/event_changes.hpp"
#include "cli/operation_name.hpp"
#include "cli/readable_json.hpp"
#include "cli/text_width.hpp"
#include "cli/time_text.hpp"

namespace audit_trail::cli {
namespace {

std::vector<table_column> columns() {
    return {{.title = "ID", .is_number = true},      {.title = "TIME"},
            {.title = "USER", .can_shrink = true},   {.title = "OPERATION"},
            {.title = "MODEL", .can_shrink = true},  {.title = "CATEGORY", .can_shrink = true},
            {.title = "CHANGES", .can_shrink = true}};
}

std::string on_one_line(field_change const& change) {
    std::string text = change.field + ": ";
    if (change.is_null_only) return text + null_only_text;
    if (change.before) text += *change.before;
    if (change.before && change.after) text += " -> ";
    if (change.after) text += *change.after;
    return text;
}

/// Stops after `width` columns, since the table cuts the rest.
std::string on_one_line(event_changes const& changes, std::size_t width) {
    if (!changes.as_stored.empty()) return changes.as_stored;
    std::string text;
    std::size_t used = 0;
    for (auto const& change : changes.fields) {
        if (!text.empty()) text += ", ";
        std::string const added = on_one_line(change);
        text += added;
        used += text_width(added);
        if (used > width) break;
    }
    return text;
}

}  // namespace

table_printer::table_printer(display const& to) : width_(to.width), table_(columns(), to.width, to.has_colour) {}

void table_printer::print(entry& found, std::string& out) {
    std::string changes = on_one_line(changes_of(found), width_);
    event const& e = found.event;
    table_.add({{std::to_string(e.event_id)},
                {utc_time(e.timestamp), text_style::cyan},
                {readable_name(e.logical_user_id), text_style::bold},
                {std::string(name_of(e.operation)), style_of(e.operation)},
                {readable_name(e.model_name), text_style::bold},
                {e.domain + '/' + e.category},
                {std::move(changes)}},
               out);
}

}  // namespace audit_trail::cli
