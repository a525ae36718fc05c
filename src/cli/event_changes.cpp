#include "cli/event_changes.hpp"

#include <audit_trail/detail/text_buffer.hpp>
#include <boost/system/system_error.hpp>
#include <utility>

#include "cli/printable.hpp"
#include "cli/readable_json.hpp"
#include "format/encode.hpp"
#include "format/line_header.hpp"

namespace audit_trail::cli {
namespace {

std::string text_of(json::value const& value) {
    detail::text_buffer text;
    // It was decoded from a line, so it can be encoded.
    static_cast<void>(format::encode_value(value, text));
    return readable_json(text.view());
}

std::vector<field_change> fields_of(json::object const& record, std::optional<std::string> field_change::*side) {
    std::vector<field_change> fields;
    for (auto const& member : record) {
        field_change& added = fields.emplace_back();
        added.field = readable_name(member.key());
        added.*side = text_of(member.value());
    }
    return fields;
}

event_changes changes_in(json::object const& delta) {
    event_changes changes;
    for (auto const& member : delta) {
        json::object const& change = member.value().get_object();
        field_change& added = changes.fields.emplace_back();
        added.field = readable_name(member.key());
        added.is_null_only = change.at("old").is_null() && change.at("new").is_null();
        if (added.is_null_only) continue;
        added.before = text_of(change.at("old"));
        added.after = text_of(change.at("new"));
    }
    changes.is_unchanged = changes.fields.empty();
    return changes;
}

/// Here a missing field can be told from null.
event_changes changes_between(json::object const& before, json::object const& after) {
    event_changes changes;
    json::object const delta = std::move(*payload::from_update(before, after).delta);
    for (auto const& member : delta) {
        auto const* const old_value = before.if_contains(member.key());
        auto const* const new_value = after.if_contains(member.key());
        field_change& added = changes.fields.emplace_back();
        added.field = readable_name(member.key());
        added.before = old_value ? text_of(*old_value) : absent_text;
        added.after = new_value ? text_of(*new_value) : absent_text;
    }
    changes.is_unchanged = changes.fields.empty();
    return changes;
}

event_changes changes_in(payload const& value, operation done) {
    bool const is_update = done == operation::update;
    if (value.delta && (is_update || !(value.before || value.after))) return changes_in(*value.delta);
    if (value.before && value.after) return changes_between(*value.before, *value.after);
    event_changes changes;
    if (value.after) changes.fields = fields_of(*value.after, &field_change::after);
    if (value.before) changes.fields = fields_of(*value.before, &field_change::before);
    return changes;
}

event_changes stored_payload(entry const& found) {
    event_changes changes;
    changes.as_stored = printable(format::payload_text(found.line));
    return changes;
}

}  // namespace

event_changes changes_of(entry& found) {
    if (found.decode_payload()) return stored_payload(found);
    if (!found.event.payload) return {};
    try {
        return changes_in(*found.event.payload, found.event.operation);
    } catch (boost::system::system_error const&) {
        // Records that are as deep as a line may be can't be compared: a delta would be deeper still.
        return stored_payload(found);
    }
}

}  // namespace audit_trail::cli
