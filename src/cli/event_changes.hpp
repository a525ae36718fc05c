/// \file
/// Describes what an event changed, as text for people. All text is safe to show on a terminal; values are JSON.
#pragma once

#include <audit_trail/entry.hpp>
#include <optional>
#include <string>
#include <vector>

namespace audit_trail::cli {

struct field_text {
    std::string field;
    std::optional<std::string> before;
    std::optional<std::string> after;

    /// Replaces both if a delta has null as the old and as the new value: then the field was added with the value null,
    /// or it was null and was removed.
    bool is_null_only = false;
};

struct event_changes {
    /// For a create: the fields of the new record, only with `after`. For a delete: the fields of the last record, only
    /// with `before`. For an update: the changed fields, with both.
    std::vector<field_text> fields;

    /// True if the old and the new state are known and equal.
    bool is_unchanged = false;

    /// The payload's text, if the library's types cannot store it. Then there are no fields.
    std::string as_stored;
};

/// Decodes the entry's payload. Returns the changes of these fields (see `find_change`), or all changes if no fields
/// are given.
event_changes changes_of(entry& found, std::vector<std::string> const& fields);

/// Unlike a delta, two whole records distinguish a missing field from null.
///
/// \throws boost::system::system_error if a field is too deep to be compared
event_changes changes_between(json::object const& before, json::object const& after);

/// Returns `field: old -> new`.
std::string on_one_line(field_text const& change);

/// Before each line below the line of an event.
inline constexpr char indent[] = "    ";

/// Appends an indented line for each field.
void append_changes(event_changes const& changes, operation done, bool has_colour, std::string& out);

}  // namespace audit_trail::cli
