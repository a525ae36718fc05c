#include "printers.hpp"

#include <audit_trail/field_change.hpp>
#include <boost/system/system_error.hpp>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "text.hpp"
#include "text_table.hpp"
#include "times.hpp"

namespace audit_trail::cli {
namespace {

// The changes of an event. All text is safe to show on a terminal; values are JSON.

struct field_text {
    std::string field;
    std::optional<std::string> before;
    std::optional<std::string> after;

    /// Replaces both if a delta has null as the old and as the new value: then the field was added with the value null,
    /// or it was null and was removed.
    bool is_null_only = false;
};

constexpr char null_only_text[] = "null (added or removed)";
constexpr char absent_text[] = "(absent)";

struct event_changes {
    /// For a create: the fields of the new record, only with `after`. For a delete: the fields of the last record, only
    /// with `before`. For an update: the changed fields, with both.
    std::vector<field_text> fields;

    /// True if the old and the new state are known and equal.
    bool is_unchanged = false;

    /// The payload's text, if the library's types cannot store it. Then there are no fields.
    std::string as_stored;
};

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

/// Unlike a delta, two whole records distinguish a missing field from null.
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

/// Decodes the entry's payload. Returns all changes if no fields are given.
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

text_style style_of(operation done) noexcept {
    constexpr text_style styles[] = {text_style::green, text_style::yellow, text_style::red};
    return styles[static_cast<std::size_t>(done)];
}

constexpr char indent[] = "    ";

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

/// Appends a line for each field.
void append_changes(event_changes const& changes, operation done, bool has_colour, std::string& out) {
    for (auto const& change : changes.fields) append_change(change, done, has_colour, out);
    if (changes.is_unchanged) out.append(indent).append("no field changed\n");
}

class jsonl_printer final : public event_printer {
 public:
    explicit jsonl_printer(display const& to) noexcept : is_terminal_(to.is_terminal) {}

    void print(entry& found, std::string& out) override {
        if (is_terminal_) {
            out += printable(found.line);  // lines of other programs may contain more than ASCII
        } else {
            out += found.line;
        }
        out += '\n';
    }

 private:
    bool const is_terminal_;
};

class json_printer final : public event_printer {
 public:
    explicit json_printer(display const& to) noexcept : is_terminal_(to.is_terminal) {}

    void print(entry& found, std::string& out) override {
        out += std::exchange(begun_, true) ? ",\n" : "[\n";
        out += is_terminal_ ? readable_json(found.line) : found.line;
    }

    void end(std::string& out) override { out += begun_ ? "\n]\n" : "[]\n"; }

 private:
    bool const is_terminal_;
    bool begun_ = false;
};

class csv_printer final : public event_printer {
 public:
    explicit csv_printer(display const& to) noexcept : is_terminal_(to.is_terminal) {}

    void print(entry& found, std::string& out) override {
        flush(out);
        event const& e = found.event;
        out += std::to_string(e.event_id) + ',' + std::to_string(e.timestamp);
        append_field(e.domain, out);
        append_field(e.category, out);
        append_field(e.model_name, out);
        append_field(to_string(e.operation), out);
        append_field(e.logical_user_id, out);
        append_field(e.request_id ? std::string_view(*e.request_id) : "", out);
        append_field(found.payload_text(), out);
        out += "\r\n";
    }

    void flush(std::string& out) override {
        if (std::exchange(begun_, true)) return;
        out += "event_id,timestamp,domain,category,model_name,operation,logical_user_id,request_id,payload\r\n";
    }

 private:
    void append_field(std::string_view value, std::string& out) const {
        std::string const text = is_terminal_ ? printable(value) : std::string(value);
        out += ',';
        if (text.find_first_of(",\"\r\n") == text.npos) {
            out += text;
            return;
        }
        out += '"';
        for (char const c : text) out.append(c == '"' ? 2 : 1, c);
        out += '"';
    }

    bool const is_terminal_;
    bool begun_ = false;
};

class table_printer final : public event_printer {
 public:
    table_printer(display const& to, std::vector<std::string> fields)
        : fields_(std::move(fields)), zone_(to.zone), width_(to.width), table_(columns(), to.width, to.has_colour) {}

    void print(entry& found, std::string& out) override {
        std::string changes = on_one_line(changes_of(found, fields_));
        event const& e = found.event;
        table_.add({{std::to_string(e.event_id)},
                    {to_text(e.timestamp, zone_), text_style::cyan},
                    {readable_name(e.logical_user_id), text_style::bold},
                    {std::string(to_string(e.operation)), style_of(e.operation)},
                    {readable_name(e.model_name), text_style::bold},
                    {e.domain + '/' + e.category},
                    {std::move(changes)}},
                   out);
    }

    void flush(std::string& out) override { table_.flush(out); }

 private:
    static std::vector<table_column> columns() {
        return {{.title = "ID", .is_number = true},      {.title = "TIME"},
                {.title = "USER", .can_shrink = true},   {.title = "OPERATION"},
                {.title = "MODEL", .can_shrink = true},  {.title = "CATEGORY", .can_shrink = true},
                {.title = "CHANGES", .can_shrink = true}};
    }

    static std::string on_one_line(field_text const& change) {
        std::string text = change.field + ": ";
        if (change.is_null_only) return text + null_only_text;
        if (change.before) text += *change.before;
        if (change.before && change.after) text += " -> ";
        if (change.after) text += *change.after;
        return text;
    }

    /// Stops when the display is full, because the table cuts the rest.
    std::string on_one_line(event_changes const& changes) const {
        if (!changes.as_stored.empty()) return changes.as_stored;
        std::string text;
        std::size_t used = 0;
        for (auto const& change : changes.fields) {
            if (!text.empty()) text += ", ";
            std::string const added = on_one_line(change);
            text += added;
            used += text_width(added);
            if (used > width_) break;
        }
        return text;
    }

    std::vector<std::string> const fields_;
    time_zone const zone_;
    std::size_t const width_;
    text_table table_;
};

/// \code
/// 2023-11-14T22:13:34Z  u-102  update  Pakruojis
///     event 6 in v2/iso_3166_2, request 7c8e3fb67da627a1
///     revision: 1 -> 2
///     note: null -> "on the list"
/// \endcode
class pretty_printer final : public event_printer {
 public:
    pretty_printer(display const& to, std::vector<std::string> fields) noexcept
        : fields_(std::move(fields)), zone_(to.zone), has_colour_(to.has_colour) {}

    void print(entry& found, std::string& out) override {
        event_changes const changes = changes_of(found, fields_);
        if (std::exchange(begun_, true)) out += '\n';
        append_event(found.event, out);
        append_changes(changes, found.event.operation, has_colour_, out);
        if (!changes.as_stored.empty()) {
            out.append(indent).append("payload as stored: ").append(changes.as_stored).append("\n");
        }
    }

 private:
    void append_event(event const& shown, std::string& out) const {
        constexpr char gap[] = "  ";
        out += in(text_style::cyan, to_text(shown.timestamp, zone_));
        out.append(gap).append(in(text_style::bold, readable_name(shown.logical_user_id)));
        out.append(gap).append(in(style_of(shown.operation), to_string(shown.operation)));
        out.append(gap).append(in(text_style::bold, readable_name(shown.model_name)));

        std::string where = "event " + std::to_string(shown.event_id) + " in " + shown.domain + '/' + shown.category;
        if (shown.request_id) where += ", request " + readable_name(*shown.request_id);
        out.append("\n").append(indent).append(in(text_style::dim, where)).append("\n");
    }

    std::string in(text_style style, std::string_view text) const { return styled(text, style, has_colour_); }

    std::vector<std::string> const fields_;
    time_zone const zone_;
    bool const has_colour_;
    bool begun_ = false;
};

}  // namespace

std::string text_of_changes(json::object const& before, json::object const& after, display const& to) {
    std::string out;
    append_changes(changes_between(before, after), operation::update, to.has_colour, out);
    return out;
}

std::unique_ptr<event_printer> make_event_printer(event_format format, display const& to,
                                                  std::vector<std::string> const& fields) {
    switch (format) {
        case event_format::jsonl:
            break;
        case event_format::pretty:
            return std::make_unique<pretty_printer>(to, fields);
        case event_format::table:
            return std::make_unique<table_printer>(to, fields);
        case event_format::csv:
            return std::make_unique<csv_printer>(to);
        case event_format::json:
            return std::make_unique<json_printer>(to);
    }
    return std::make_unique<jsonl_printer>(to);
}

}  // namespace audit_trail::cli
