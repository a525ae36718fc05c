#include <algorithm>
#include <audit_trail/event.hpp>
#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <boost/system/system_error.hpp>
#include <iterator>
#include <utility>

#include "format/encode.hpp"
#include "format/payload.hpp"

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

/// Also keeps the recursive copies of the values from overflowing the stack.
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

json::value* last_child(json::value& container) noexcept {
    if (auto* const array = container.if_array()) return array->empty() ? nullptr : &array->back();
    auto& object = container.get_object();
    return object.empty() ? nullptr : &std::prev(object.end())->value();
}

void drop_last_child(json::value& container) noexcept {
    if (auto* const array = container.if_array()) return array->pop_back();
    auto& object = container.get_object();
    object.erase(std::prev(object.end()));
}

bool is_container(json::value const& value) noexcept {
    return value.is_array() || value.is_object();
}

/// Descends into the last child of each container, and frees children from the leaves up. While a child is visited, its
/// element in the parent holds the parent's own parent, so returning needs no memory. All values of a tree have the
/// same storage, so a move only swaps pointers.
void take_apart(json::value tree) noexcept {
    json::value parent(nullptr, tree.storage());
    json::value current(std::move(tree));
    for (;;) {
        json::value* const child = last_child(current);
        if (child && !is_container(*child)) {
            drop_last_child(current);
        } else if (child) {
            json::value next(std::move(*child));
            *child = std::move(parent);
            parent = std::move(current);
            current = std::move(next);
        } else if (!parent.is_null()) {
            current = std::move(parent);
            parent = std::move(*last_child(current));
            drop_last_child(current);
        } else {
            return;
        }
    }
}

void dismantle(std::optional<json::object>& part) noexcept {
    if (part) take_apart(json::value(std::move(*part)));
    part.reset();
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

void format::dismantle(payload& value) noexcept {
    for (auto* part : {&value.before, &value.after, &value.delta}) audit_trail::dismantle(*part);
}

void format::dismantle(json::value&& value) noexcept {
    if (is_container(value)) take_apart(std::move(value));
}

void format::dismantle(event_draft& draft) noexcept {
    audit_trail::dismantle(draft.context);
    if (draft.payload) dismantle(*draft.payload);
}

}  // namespace audit_trail
