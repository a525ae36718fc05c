#include "event_changes.hpp"

#include <audit_trail/field_change.hpp>
#include <boost/system/system_error.hpp>
#include <utility>

#include "terminal.hpp"
#include "text.hpp"

namespace audit_trail::cli {
namespace {

constexpr char null_only_text[] = "null (added or removed)";
constexpr char absent_text[] = "(absent)";

std::string text_of(json::value const& value) {
    return readable_json(to_json_text(value));
}

std::vector<field_text> fields_of(json::object const& record, std::optional<std::string> field_text::*side) {
    std::vector<field_text> fields;
    for (auto const& member : record) {
        field_text& added = fields.emplace_back();
        added.field = readable_name(member.key());
        added.*side = text_of(member.value());
    }
    return fields;
}

event_changes changes_in(json::object const& delta) {
    event_changes changes;
    for (auto const& member : delta) {
        json::object const& change = member.value().get_object();
        field_text& added = changes.fields.emplace_back();
        added.field = readable_name(member.key());
        added.is_null_only = change.at("old").is_null() && change.at("new").is_null();
        if (added.is_null_only) continue;
        added.before = text_of(change.at("old"));
        added.after = text_of(change.at("new"));
    }
    changes.is_unchanged = changes.fields.empty();
    return changes;
}

event_changes changes_in(payload const& value, operation done) {
    bool const is_update = done == operation::update;
    if (value.delta && (is_update || !(value.before || value.after))) return changes_in(*value.delta);
    if (value.before && value.after) return changes_between(*value.before, *value.after);
    event_changes changes;
    if (value.after) changes.fields = fields_of(*value.after, &field_text::after);
    if (value.before) changes.fields = fields_of(*value.before, &field_text::before);
    return changes;
}

event_changes stored_payload(entry const& found) {
    event_changes changes;
    changes.as_stored = printable(found.payload_text());
    return changes;
}

event_changes changes_of_fields(event const& shown, std::vector<std::string> const& fields) {
    payload const& value = *shown.payload;
    bool const has_both_sides = value.delta || (value.before && value.after);
    auto const to_text = [=](std::optional<json::value> const& side) {
        if (side) return std::optional(text_of(*side));
        return has_both_sides ? std::optional<std::string>(absent_text) : std::nullopt;
    };
    event_changes changes;
    for (auto const& field : fields) {
        auto const change = find_change(shown, field);
        if (!change) continue;
        field_text& added = changes.fields.emplace_back();
        added.field = readable_name(field);
        added.is_null_only = change->before && change->before->is_null() && change->after && change->after->is_null();
        added.before = to_text(change->before);
        added.after = to_text(change->after);
    }
    return changes;
}

void append_change(field_text const& change, operation done, bool has_colour, std::string& out) {
    out.append(indent).append(change.field).append(": ");
    if (change.is_null_only) {
        out.append(null_only_text).append("\n");
        return;
    }
    bool const is_change = (change.before && change.after) || done == operation::update;
    if (change.before) out += styled(*change.before, text_style::red, has_colour);
    if (is_change) out += change.before ? " -> " : "-> ";
    if (change.after) out += styled(*change.after, text_style::green, has_colour);
    if (is_change && !change.after) out += "?";
    out += '\n';
}

}  // namespace

event_changes changes_between(json::object const& before, json::object const& after) {
    event_changes changes;
    json::object const delta = std::move(*payload::from_update(before, after).delta);
    for (auto const& member : delta) {
        auto const* const old_value = before.if_contains(member.key());
        auto const* const new_value = after.if_contains(member.key());
        field_text& added = changes.fields.emplace_back();
        added.field = readable_name(member.key());
        added.before = old_value ? text_of(*old_value) : absent_text;
        added.after = new_value ? text_of(*new_value) : absent_text;
    }
    changes.is_unchanged = changes.fields.empty();
    return changes;
}

event_changes changes_of(entry& found, std::vector<std::string> const& fields) {
    if (found.decode_payload()) return stored_payload(found);
    if (!found.event.payload) return {};
    if (!fields.empty()) return changes_of_fields(found.event, fields);
    try {
        return changes_in(*found.event.payload, found.event.operation);
    } catch (boost::system::system_error const&) {
        // Records of the maximum depth cannot be compared, because their delta would be too deep.
        return stored_payload(found);
    }
}

std::string on_one_line(field_text const& change) {
    std::string text = change.field + ": ";
    if (change.is_null_only) return text + null_only_text;
    if (change.before) text += *change.before;
    if (change.before && change.after) text += " -> ";
    if (change.after) text += *change.after;
    return text;
}

void append_changes(event_changes const& changes, operation done, bool has_colour, std::string& out) {
    for (auto const& change : changes.fields) append_change(change, done, has_colour, out);
    if (changes.is_unchanged) out.append(indent).append("no field changed\n");
}

}  // namespace audit_trail::cli
