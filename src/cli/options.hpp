/// \file
/// Defines options that several commands have: filters, numbers, and the format of events.
#pragma once

#include <audit_trail/event_filter.hpp>
#include <cstdint>
#include <optional>
#include <string>

#include "printers.hpp"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace audit_trail::cli {

/// Adds --domain, --category, --model-name, --user, --request-id, --operation, --min-id, --max-id, --since and --until.
/// Parsing fills `filter`, which must exist until then. Options for lists may be repeated, with one value each time.
void add_filter_options(CLI::App& command, event_filter& filter);

/// Add some of these options, for commands that do not have all.
void add_model_name_option(CLI::App& command, event_filter& filter);
void add_id_options(CLI::App& command, event_filter& filter);

/// Adds an option for a whole number, at least 0.
CLI::Option* add_number_option(CLI::App& command, std::string const& name, std::optional<std::uint64_t>& into,
                               std::string const& help);

/// Adds --format, which fills `format`. If the option is absent, `default_format` applies.
CLI::Option* add_format_option(CLI::App& command, std::optional<event_format>& format);

/// For the help text of commands that have --since and --until.
inline constexpr char time_notes[] =
    "Times T are Unix seconds or ISO 8601: 2026-11-24 or 20261124 (midnight), 2026-11-24T10:00:00Z,\n"
    "2026-11-24T12:00+02:00; UTC unless an offset is given. Eight digits are a date, and four or six are refused:\n"
    "write @20261124 for Unix seconds.";

/// For the help text of commands that have --format.
inline constexpr char format_notes[] =
    "Formats: jsonl prints the stored bytes; pretty prints when, who and what, and the old and new value of each field;\n"
    "table prints one row for each event, cut to the terminal's width; csv is RFC 4180 with all members.\n"
    "The default is pretty on a terminal and jsonl elsewhere. Only terminals get colour, and only if NO_COLOR is not set.";

}  // namespace audit_trail::cli
