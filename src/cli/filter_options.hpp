/// \file
/// The options that say which events are meant; the commands that read have them in common.
#pragma once

#include <audit_trail/event_filter.hpp>
#include <cstdint>
#include <optional>
#include <string>

namespace CLI {
class App;
}

namespace audit_trail::cli {

/// Adds --domain, --category, --model-name, --user, --request-id, --operation, --min-id, --max-id, --since and --until.
/// Parsing fills `filter`, which must be there by then. Options for lists may be repeated, and take one value each
/// time.
void add_filter_options(CLI::App& command, event_filter& filter);

/// The single groups, for commands that have some of them.
void add_model_name_option(CLI::App& command, event_filter& filter);
void add_id_options(CLI::App& command, event_filter& filter);

/// An option for a whole number from 0 on.
void add_number_option(CLI::App& command, std::string const& name, std::optional<std::uint64_t>& into,
                       std::string const& help);

/// For the help text of commands that have --since and --until.
inline constexpr char time_notes[] =
    "Times T are Unix seconds or ISO 8601: 2026-11-24 or 20261124 (midnight), 2026-11-24T10:00:00Z,\n"
    "2026-11-24T12:00+02:00; UTC where no offset is given. Eight digits are a date, and four or six are refused: "
    "write\n"
    "@20261124 for Unix seconds.";

}  // namespace audit_trail::cli
