#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <iterator>
#include <utility>

#include "format/encode.hpp"

namespace audit_trail::format {
namespace {

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

/// Walks down the last children and frees them on the way back. While a child is visited its place holds the parent's
/// own parent, so the way back needs no memory. All of one tree has one storage, so that a move is a swap of pointers.
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

}  // namespace

void dismantle(payload& value) noexcept {
    for (auto* part : {&value.before, &value.after, &value.delta}) {
        if (*part) take_apart(json::value(std::move(**part)));
        part->reset();
    }
}

}  // namespace audit_trail::format
