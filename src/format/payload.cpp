#include <algorithm>
#include <audit_trail/event.hpp>
#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <boost/system/system_error.hpp>

#include "format/encode.hpp"

namespace audit_trail {
namespace {

constexpr std::size_t change_depth = 5;  // of a container in line, payload, delta and {old, new}

bool nests_too_deep(json::value const& value, std::size_t depth) noexcept {
    auto const child_does = [depth](json::value const& child) { return nests_too_deep(child, depth + 1); };
    auto const* const array = value.if_array();
    auto const* const object = value.if_object();
    if (!array && !object) return false;
    if (depth > format::max_depth) return true;
    if (array) return std::any_of(array->begin(), array->end(), child_does);
    return std::any_of(object->begin(), object->end(), [&](auto const& member) { return child_does(member.value()); });
}

/// Also keeps what is copied below from overflowing the stack.
void check_depth(json::object const& record) {
    for (auto const& member : record) {
        if (nests_too_deep(member.value(), change_depth)) {
            throw boost::system::system_error(error::nested_too_deep, "payload::from_update");
        }
    }
}

bool differ(json::value const& before, json::value const& after) {
    detail::text_buffer before_text;
    detail::text_buffer after_text;
    if (format::encode_value(before, before_text, change_depth)) return true;
    if (format::encode_value(after, after_text, change_depth)) return true;
    return before_text.view() != after_text.view();
}

}  // namespace

payload payload::from_create(json::object record) {
    payload result;
    result.after.emplace(std::move(record));
    return result;
}

payload payload::from_delete(json::object record) {
    payload result;
    result.before.emplace(std::move(record));
    return result;
}

payload payload::from_update(json::object const& before, json::object const& after) {
    check_depth(before);
    check_depth(after);
    payload result;
    json::object& delta = result.delta.emplace();
    auto const add = [&delta](json::string_view field, json::value const& old_value, json::value const& new_value) {
        json::object& change = delta[field].emplace_object();
        change.reserve(2);
        change.emplace("old", old_value);
        change.emplace("new", new_value);
    };
    for (auto const& member : before) {
        json::value const* const now = after.if_contains(member.key());
        if (!now) {
            add(member.key(), member.value(), nullptr);
        } else if (differ(member.value(), *now)) {
            add(member.key(), member.value(), *now);
        }
    }
    for (auto const& member : after) {
        if (!before.contains(member.key())) add(member.key(), nullptr, member.value());
    }
    return result;
}

}  // namespace audit_trail
