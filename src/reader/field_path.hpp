/// \file
/// Finds a member of an object by its path: `address.city` is the member `city` of the object `address`.
#pragma once

#include <boost/json/object.hpp>
#include <string_view>

namespace audit_trail::reading {

namespace json = boost::json;

/// Calls `visit` with each part of the path that ends before a dot and names a member, and the rest after the dot,
/// until `visit` returns a value.
template <typename Visit>
auto visit_prefixes(json::object const& record, std::string_view path, Visit visit)
    -> decltype(visit(json::value(), path)) {
    for (auto dot = path.find('.'); dot != path.npos; dot = path.find('.', dot + 1)) {
        json::value const* const member = record.if_contains(path.substr(0, dot));
        if (!member) continue;
        if (auto found = visit(*member, path.substr(dot + 1))) return found;
    }
    return {};
}

/// Returns the member with this path, or null. A member whose name has the dots itself is found first.
inline json::value const* find_field(json::object const& record, std::string_view path) {
    if (auto const* const member = record.if_contains(path)) return member;
    return visit_prefixes(record, path, [](json::value const& member, std::string_view rest) {
        auto const* const inner = member.if_object();
        return inner ? find_field(*inner, rest) : nullptr;
    });
}

}  // namespace audit_trail::reading
