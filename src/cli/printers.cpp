#include "printers.hpp"

#include <string_view>
#include <utility>
#include <vector>

#include "event_changes.hpp"
#include "text.hpp"
#include "text_table.hpp"
#include "times.hpp"

namespace audit_trail::cli {
namespace {

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
        append_field(found.context_text(), out);
        out += "\r\n";
    }

    void flush(std::string& out) override {
        if (std::exchange(begun_, true)) return;
        out += "event_id,timestamp,domain,category,model_name,operation,logical_user_id,request_id,payload,context\r\n";
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
        if (auto const context = found.context_text(); !context.empty()) {
            changes += (changes.empty() ? "context " : ", context ") + readable_json(context);
        }
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

    /// Stops when the display is full, because the table cuts the rest.
    std::string on_one_line(event_changes const& changes) const {
        if (!changes.as_stored.empty()) return changes.as_stored;
        std::string text;
        std::size_t used = 0;
        for (auto const& change : changes.fields) {
            if (!text.empty()) text += ", ";
            std::string const added = cli::on_one_line(change);
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
        if (auto const context = found.context_text(); !context.empty()) {
            out.append(indent).append("context: ").append(readable_json(context)).append("\n");
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
