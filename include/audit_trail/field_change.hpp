/// \file
/// Finds out what an event did to one field of its record.
///
/// \code
/// for (audit_trail::entry& found : reader) {
///     if (found.decode_payload()) continue;
///     auto const change = audit_trail::find_change(found.event, "address.city");
///     if (change && change->after) std::cout << found.event.logical_user_id << ": " << *change->after << '\n';
/// }
/// \endcode
#pragma once

#include <audit_trail/detail/api.hpp>
#include <audit_trail/event.hpp>
#include <boost/json/value.hpp>
#include <optional>
#include <string_view>

namespace audit_trail {

/// The value of a field before and after an event. A side is absent if the record did not have the field, or if the
/// payload does not contain that side.
struct field_change {
    std::optional<json::value> before;
    std::optional<json::value> after;
};

/// Returns what the event did to a field. Returns nothing if the event did not change it, or has no decoded payload.
///
/// The field is a member of the record, or a path of members with dots: `address.city` is the member `city` of the
/// object `address`. If the name of a member has dots itself, the member is found, too.
///
/// - A create changed every field of the new record; only `after` is present. A delete: only `before`.
/// - An update with a delta changed the fields of the delta. Inside a field, it changed the values that differ. A null
///   can also mean that the field did not exist.
/// - An update with whole records changed the fields that differ. An update with one record only may have changed every
///   field of it; so each of them counts as changed.
///
/// Two values differ when their texts in a line differ: 1 and 1.0 differ.
///
/// Thread safe. Does not block.
AUDIT_TRAIL_API std::optional<field_change> find_change(event const& changed, std::string_view field);

}  // namespace audit_trail
