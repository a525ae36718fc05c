/// \file
/// Selects the events that a reader or follower returns.
#pragma once

#include <audit_trail/event.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace audit_trail {

/// An event passes if it matches every member. An empty list and an absent limit match all events. A list with values
/// matches an event that has one of the values. Limits are inclusive.
///
/// Domains, categories and ids are the cheapest members: they decide which files are opened.
struct event_filter {
    std::vector<std::string> domains;
    std::vector<std::string> categories;
    std::vector<std::string> model_names;
    std::vector<std::string> logical_user_ids;
    std::vector<std::string> request_ids;  ///< an event without a request id matches no value
    std::vector<operation> operations;

    std::optional<std::uint64_t> min_event_id;
    std::optional<std::uint64_t> max_event_id;
    std::optional<std::int64_t> min_timestamp;  ///< Unix seconds
    std::optional<std::int64_t> max_timestamp;

    friend bool operator==(event_filter const&, event_filter const&) = default;
};

}  // namespace audit_trail
