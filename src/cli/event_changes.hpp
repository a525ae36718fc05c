/// \file
/// What an event did to its record, for people.
#pragma once

#include <audit_trail/entry.hpp>
#include <optional>
#include <string>
#include <vector>

namespace audit_trail::cli {

/// All text is safe to show on a terminal; values are JSON.
struct field_change {
    std::string field;
    std::optional<std::string> before;
    std::optional<std::string> after;

    /// Instead of both, where a delta has null as old and as new value: a field that was added as null, or a field
    /// that was null and was removed.
    bool is_null_only = false;
};

inline constexpr char null_only_text[] = "null (added or removed)";
inline constexpr char absent_text[] = "(absent)";

struct event_changes {
    /// For a create the new record's fields, each with `after` alone; for a delete the last record's, with `before`
    /// alone; for an update the fields that changed, with both.
    std::vector<field_change> fields;

    /// Old and new state are known and are the same.
    bool is_unchanged = false;

    /// The payload's text, when it is none that the library's types can hold; then there are no fields.
    std::string as_stored;
};

/// Decodes the entry's payload.
event_changes changes_of(entry& found);

}  // namespace audit_trail::cli
