/// \file
/// Which events a reader gives.
#pragma once

#include <audit_trail/event.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace audit_trail {

/// An event passes when each member below lets it pass. An empty list lets all pass; one with values, the events that
/// have one of them. Limits are inclusive.
///
/// Domains, categories and ids cost the least: they decide which files are opened at all.
struct event_filter {
    std::vector<std::string> domains;
    std::vector<std::string> categories;
    std::vector<std::string> model_names;
    std::vector<std::string> logical_user_ids;
    std::vector<std::string> request_ids;  ///< an event without a request id has none of them
    std::vector<operation> operations;

    std::optional<std::uint64_t> min_event_id;
    std::optional<std::uint64_t> max_event_id;
    std::optional<std::int64_t> min_timestamp;  ///< Unix seconds
    std::optional<std::int64_t> max_timestamp;

    friend bool operator==(event_filter const&, event_filter const&) = default;
};

}  // namespace audit_trail
