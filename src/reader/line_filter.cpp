#include "reader/line_filter.hpp"

#include <algorithm>
#include <audit_trail/entry.hpp>
#include <audit_trail/field_change.hpp>
#include <audit_trail/json.hpp>
#include <utility>

#include "format/canonical_text.hpp"
#include "format/decode.hpp"
#include "format/glob.hpp"
#include "format/strings.hpp"
#include "reader/field_path.hpp"

namespace audit_trail::reading {
namespace {

/// Lists up to this size are searched linearly: most comparisons end at the sizes of the strings.
constexpr std::size_t few = 8;

bool is_same(std::string_view wanted, std::string_view value) {
    return format::is_equal(wanted, value);
}

bool is_same(operation wanted, operation value) {
    return wanted == value;
}

template <typename Element, typename Value>
bool takes(std::vector<Element> const& wanted, Value const& value) {
    if (wanted.empty()) return true;
    auto const is_equal = [&](Element const& each) { return is_same(each, value); };
    if (wanted.size() <= few) return std::ranges::any_of(wanted, is_equal);
    return std::ranges::binary_search(wanted, value, std::less<>());
}

/// Returns the text as a part of a JSON string.
std::string in_json(std::string const& text) {
    detail::text_buffer quoted;
    if (!format::append_quoted(text, quoted)) return text;
    return std::string(quoted.view().substr(1, quoted.view().size() - 2));
}

std::string text_of(json::value const& value) {
    if (auto const* const text = value.if_string()) return {text->begin(), text->end()};
    error_code ignored;  // the value was decoded from a line, so it can be encoded
    return to_json(value, ignored);
}

/// Returns the end of each name that can end the path in JSON, with its quote.
std::string end_of(std::string const& path) {
    std::string const name = path.substr(path.rfind('.') + 1);
    bool const is_plain = std::ranges::all_of(name, [](char c) { return format::is_plain(c) && c != '/'; });
    return is_plain ? name + '"' : std::string();
}

template <typename Value>
bool takes(std::optional<Value> const& min, std::optional<Value> const& max, Value value) {
    return (!min || value >= *min) && (!max || value <= *max);
}

}  // namespace

line_filter::line_filter(event_filter wanted)
    : wanted_(std::move(wanted)), is_exact_(wanted_.match == text_match::exact && !wanted_.ignore_case) {
    for (auto const& text : wanted_.texts) texts_in_json_.push_back(in_json(text));
    for (auto const& field : wanted_.fields) field_ends_.push_back(end_of(field));
    std::ranges::sort(wanted_.domains);
    std::ranges::sort(wanted_.categories);
    std::ranges::sort(wanted_.model_names);
    std::ranges::sort(wanted_.logical_user_ids);
    std::ranges::sort(wanted_.request_ids);
    std::ranges::sort(wanted_.operations);
}

bool line_filter::takes_domain(std::string_view name) const {
    return takes_value(wanted_.domains, name);
}

bool line_filter::takes_category(std::string_view name) const {
    return takes_value(wanted_.categories, name);
}

bool line_filter::takes_value(std::vector<std::string> const& wanted, std::string_view value) const {
    if (is_exact_) return reading::takes(wanted, value);
    return wanted.empty() ||
           std::ranges::any_of(wanted, [&](std::string const& each) { return takes_value(each, value); });
}

bool line_filter::takes_value(std::string const& wanted, std::string_view value) const {
    if (wanted_.match == text_match::glob) return format::matches_glob(wanted, value, wanted_.ignore_case);
    return wanted_.ignore_case ? format::equals_ignoring_case(wanted, value) : wanted == value;
}

bool line_filter::takes(format::line_header const& line) const {
    bool const takes_names =
        is_exact_ ? takes_header(line, [](auto const& wanted, auto value) { return reading::takes(wanted, value); })
                  : takes_header(line, [this](auto const& wanted, auto value) { return takes_value(wanted, value); });
    return takes_names && (wanted_.contexts.empty() || takes_context(line.find_context()));
}

bool line_filter::takes_context(std::string_view text) const {
    json::object context;
    if (!text.empty() && format::decode_context(text, context)) return true;
    return std::ranges::all_of(wanted_.contexts, [&](context_value const& wanted) {
        json::value const* const found = find_field(context, wanted.key);
        return found && std::ranges::any_of(wanted_.contexts, [&, value = text_of(*found)](context_value const& each) {
                   return each.key == wanted.key && takes_value(each.value, value);
               });
    });
}

bool line_filter::takes_header(format::line_header const& line, auto takes_text) const {
    auto const& w = wanted_;
    bool const has_request = w.request_ids.empty() || (line.request_id && takes_text(w.request_ids, *line.request_id));
    return has_request && reading::takes(w.min_event_id, w.max_event_id, line.event_id) &&
           reading::takes(w.min_timestamp, w.max_timestamp, line.timestamp) &&
           reading::takes(w.operations, line.operation) && takes_text(w.logical_user_ids, line.logical_user_id) &&
           takes_text(w.model_names, line.model_name);
}

bool line_filter::has_text(format::line_header const& header, std::string_view line) const {
    auto const has = [this](std::string_view text, std::string_view part) {
        return wanted_.ignore_case ? format::contains_ignoring_case(text, part) : text.find(part) != text.npos;
    };
    auto const is_in_header = [&](std::string_view part) {
        return has(header.model_name, part) || has(header.logical_user_id, part) ||
               (header.request_id && has(*header.request_id, part)) || has(header.domain, part) ||
               has(header.category, part);
    };
    auto const is_in_json = [&](std::string_view part) { return has(header.context, part); };
    if (std::ranges::any_of(wanted_.texts, is_in_header) || std::ranges::any_of(texts_in_json_, is_in_json))
        return true;
    auto const offset = header.payload_offset();
    auto const payload = offset != 0 ? line.substr(offset, line.size() - 1 - offset) : format::payload_text(line);
    return std::ranges::any_of(texts_in_json_, [&](std::string_view part) { return has(payload, part); });
}

/// Most payloads do not have the field: then they need not be decoded. A name may have escapes that it does not need.
bool line_filter::may_name_field(std::string_view payload) const {
    if (payload.find("\\u00") != payload.npos) return true;
    return std::ranges::any_of(field_ends_, [&](std::string const& end) { return payload.find(end) != payload.npos; });
}

bool line_filter::changes_field(format::line_header const& header, std::string_view line) const {
    auto const offset = header.payload_offset();
    if (offset != 0 && !may_name_field(line.substr(offset))) return false;
    entry found;
    header.copy_to(found.event);
    found.line.assign(line);
    found.payload_offset = header.payload_offset();
    if (found.decode_payload()) return true;
    return std::ranges::any_of(wanted_.fields,
                               [&](auto const& field) { return find_change(found.event, field).has_value(); });
}

}  // namespace audit_trail::reading
