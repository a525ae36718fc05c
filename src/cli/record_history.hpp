/// \file
/// Rebuilds one record event by event, for commands about a record.
#pragma once

#include <audit_trail/event.hpp>
#include <audit_trail/event_filter.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "terminal.hpp"

namespace CLI {
class App;
}

namespace audit_trail::cli {

struct record_arguments {
    std::string root;
    std::string model_name;
    event_filter filter;  ///< domain and category, if given
    std::string format = "text";
    display_settings shown;
};

/// Adds ROOT, --model-name, --domain, --category, --format, --color, --utc and --local.
void add_record_arguments(CLI::App& command, record_arguments& given);

/// Called with each event of the record, and with the record after it; null if there is no record.
using record_visitor = std::function<void(event const&, json::object const*)>;

struct record_result {
    std::string domain;
    std::string category;
    std::uint64_t last_event_id = 0;
    bool is_whole = false;  ///< no event was skipped, and nothing was damaged
};

/// Reads the events of the record with ids up to `max_event_id`. Reports damage, skipped events, and a record without
/// events or in several categories; returns nothing in the last two cases.
std::optional<record_result> read_record(record_arguments const& given, std::optional<std::uint64_t> max_event_id,
                                         record_visitor const& visit);

}  // namespace audit_trail::cli
