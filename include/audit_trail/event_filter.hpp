/// \file
/// Selects the events that a reader or follower returns.
#pragma once

#include <audit_trail/detail/api.hpp>
#include <audit_trail/event.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace audit_trail {

/// How a value of a filter matches the text of an event.
enum class text_match {
    exact,

    /// A pattern for the whole text: `*` matches any characters, `?` one character, `[abc]` and `[a-z]` one of these,
    /// `[!a-z]` one character that is none of these. A backslash makes the next character match itself. Characters are
    /// Unicode characters.
    glob
};

/// Returns false if a `[` has no `]`, or nothing follows a backslash. In a filter, such a part matches itself.
AUDIT_TRAIL_API bool is_valid_glob(std::string_view pattern) noexcept;

/// A value in the context of an event (`event::context`).
struct context_value {
    std::string key;    ///< the name of a member, or a path of members with dots, as in `find_change`
    std::string value;  ///< the text of a string; of any other value the JSON text, as writers write it: `true`, `17`

    friend bool operator==(context_value const&, context_value const&) = default;
};

/// An event passes if it matches every member. An empty list and an absent limit match all events. A list with values
/// matches an event that has one of the values. Limits are inclusive.
///
/// Domains, categories and ids are the cheapest members: they decide which files are opened. `fields` and `texts` are
/// the most expensive: they need the payload of each event that passes the other members.
struct event_filter {
    std::vector<std::string> domains;
    std::vector<std::string> categories;
    std::vector<std::string> model_names;
    std::vector<std::string> logical_user_ids;
    std::vector<std::string> request_ids;  ///< an event without a request id matches no value
    std::vector<operation> operations;

    /// Values in the context. For each key, an event must have one of the values that are given for it. An event without
    /// the member matches no value. If a context cannot be decoded, the event passes.
    std::vector<context_value> contexts;

    /// Fields or paths that the event changed (see `find_change`). If a payload that has the name of the
    /// field cannot be decoded, what the event changed is unknown, and the event passes.
    std::vector<std::string> fields;

    /// Parts of a text: of the domain, category, model name, user id or request id, or of the JSON text of the context or
    /// payload as writers write it, with the names of fields.
    std::vector<std::string> texts;

    text_match match = text_match::exact;  ///< of all names and ids, and the values of contexts
    bool ignore_case = false;              ///< whether these and `texts` match ASCII letters of either case

    std::optional<std::uint64_t> min_event_id;
    std::optional<std::uint64_t> max_event_id;
    std::optional<std::int64_t> min_timestamp;  ///< Unix seconds
    std::optional<std::int64_t> max_timestamp;

    friend bool operator==(event_filter const&, event_filter const&) = default;
};

}  // namespace audit_trail
