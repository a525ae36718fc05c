#include <audit_trail/field_change.hpp>
#include <audit_trail/json.hpp>
#include <boost/json/object.hpp>
#include <string>

#include "reader/field_path.hpp"

namespace audit_trail {
namespace {

using reading::find_field;
using reading::visit_prefixes;

std::string text_of(json::value const& value) {
    error_code ignored;  // the value was decoded from a line, so it can be encoded
    return to_json(value, ignored);
}

std::optional<field_change> compare(json::object const* old_record, json::object const* new_record,
                                    std::string_view path) {
    auto const* const before = old_record ? find_field(*old_record, path) : nullptr;
    auto const* const after = new_record ? find_field(*new_record, path) : nullptr;
    if (!before && !after) return std::nullopt;
    if (before && after && text_of(*before) == text_of(*after)) return std::nullopt;
    field_change change;
    if (before) change.before = *before;
    if (after) change.after = *after;
    return change;
}

std::optional<field_change> find_in_delta(json::object const& delta, std::string_view path) {
    if (auto const* const change = delta.if_contains(path)) return field_change{change->at("old"), change->at("new")};
    return visit_prefixes(delta, path, [](json::value const& change, std::string_view rest) {
        return compare(change.at("old").if_object(), change.at("new").if_object(), rest);
    });
}

}  // namespace

std::optional<field_change> find_change(event const& changed, std::string_view field) {
    if (!changed.payload) return std::nullopt;
    auto const& [before, after, delta] = *changed.payload;
    bool const has_record = before || after;
    if (delta && (changed.operation == operation::update || !has_record)) return find_in_delta(*delta, field);
    return compare(before ? &*before : nullptr, after ? &*after : nullptr, field);
}

}  // namespace audit_trail
