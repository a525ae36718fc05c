#include "printers.hpp"

#include <audit_trail/json.hpp>
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

struct field_change {
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
    std::vector<field_change> fields;

    /// True if the old and the new state are known and equal.
    bool is_unchanged = false;

    /// The payload's text, if the library's types cannot store it. Then there are no fields.
    std::string as_stored;
};

std::string text_of(json::value const& value) {
    error_code ignored;  // the value was decoded from a line, so it can be encoded
    return readable_json(to_json(value, ignored));
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

/// Unlike a delta, two whole records distinguish a missing field from null.
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
    changes.as_stored = printable(found.payload_text());
    return changes;
}

/// Decodes the entry's payload.
event_changes changes_of(entry& found) {
    if (found.decode_payload()) return stored_payload(found);
    if (!found.event.payload) return {};
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
    explicit table_printer(display const& to) : width_(to.width), table_(columns(), to.width, to.has_colour) {}

    void print(entry& found, std::string& out) override {
        std::string changes = on_one_line(changes_of(found));
        event const& e = found.event;
        table_.add({{std::to_string(e.event_id)},
                    {utc_time(e.timestamp), text_style::cyan},
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

    static std::string on_one_line(field_change const& change) {
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
    explicit pretty_printer(display const& to) noexcept : has_colour_(to.has_colour) {}

    void print(entry& found, std::string& out) override {
        event_changes const changes = changes_of(found);
        if (std::exchange(begun_, true)) out += '\n';
        append_event(found.event, out);
        for (auto const& change : changes.fields) append_change(change, found.event.operation, out);
        if (changes.is_unchanged) out.append(indent).append("no field changed\n");
        if (!changes.as_stored.empty()) {
            out.append(indent).append("payload as stored: ").append(changes.as_stored).append("\n");
        }
    }

 private:
    void append_event(event const& shown, std::string& out) const {
        constexpr char gap[] = "  ";
        out += in(text_style::cyan, utc_time(shown.timestamp));
        out.append(gap).append(in(text_style::bold, readable_name(shown.logical_user_id)));
        out.append(gap).append(in(style_of(shown.operation), to_string(shown.operation)));
        out.append(gap).append(in(text_style::bold, readable_name(shown.model_name)));

        std::string where = "event " + std::to_string(shown.event_id) + " in " + shown.domain + '/' + shown.category;
        if (shown.request_id) where += ", request " + readable_name(*shown.request_id);
        out.append("\n").append(indent).append(in(text_style::dim, where)).append("\n");
    }

    void append_change(field_change const& change, operation done, std::string& out) const {
        out.append(indent).append(change.field).append(": ");
        if (change.is_null_only) {
            out.append(null_only_text).append("\n");
            return;
        }
        bool const is_change = (change.before && change.after) || done == operation::update;
        if (change.before) out += in(text_style::red, *change.before);
        if (is_change) out += change.before ? " -> " : "-> ";
        if (change.after) out += in(text_style::green, *change.after);
        if (is_change && !change.after) out += "?";
        out += '\n';
    }

    std::string in(text_style style, std::string_view text) const { return styled(text, style, has_colour_); }

    static constexpr char indent[] = "    ";

    bool const has_colour_;
    bool begun_ = false;
};

}  // namespace

std::unique_ptr<event_printer> make_event_printer(event_format format, display const& to) {
    switch (format) {
        case event_format::jsonl:
            break;
        case event_format::pretty:
            return std::make_unique<pretty_printer>(to);
        case event_format::table:
            return std::make_unique<table_printer>(to);
        case event_format::csv:
            return std::make_unique<csv_printer>(to);
    }
    return std::make_unique<jsonl_printer>(to);
}

}  // namespace audit_trail::cli
