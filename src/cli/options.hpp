/// \file
/// Defines options that several commands have: filters, numbers, and the format of events.
#pragma once

#include <audit_trail/event_filter.hpp>
#include <cstdint>
#include <optional>
#include <string>

#include "printers.hpp"
#include "terminal.hpp"
#include "times.hpp"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace audit_trail::cli {

/// Adds --color, --utc and --local. Call it before options that read times are added.
void add_display_options(CLI::App& command, display_settings& settings);

/// Adds --glob, --ignore-case, --domain, --category, --model-name, --user, --request-id, --operation, --contains,
/// --field, --min-id, --max-id, --since and --until. Parsing fills `filter`, and reads times without an offset in
/// `zone`; both must exist until then. Options for lists may be repeated, with one value each time.
void add_filter_options(CLI::App& command, event_filter& filter, time_zone const& zone);

/// Add some of these options, for commands that do not have all.
void add_model_name_option(CLI::App& command, event_filter& filter);
void add_id_options(CLI::App& command, event_filter& filter);

/// A check of an option: no event has an empty name, so an empty value is a mistake: for example, a script's variable
/// that is not set.
std::string refuse_empty(std::string const& value);

/// Adds an option for a whole number, at least 0.
CLI::Option* add_number_option(CLI::App& command, std::string const& name, std::optional<std::uint64_t>& into,
                               std::string const& help);

/// Adds --format, which fills `format`. If the option is absent, `default_format` applies.
CLI::Option* add_format_option(CLI::App& command, std::optional<event_format>& format);

/// For the help text of commands that have --since and --until.
inline constexpr char time_notes[] =
    "Times T are Unix seconds or ISO 8601: 2026-11-24 or 20261124 (midnight), 2026-11-24T10:00:00Z,\n"
    "2026-11-24T12:00+02:00; or now, today, yesterday (midnight), or a time before now: -30m, -1h, -1d12h (units s,\n"
    "m, h, d, w). Without an offset they are UTC, or local times with --local. Eight digits are a date, and four or six\n"
    "are refused: write @20261124 for Unix seconds.";

/// For the help text of commands that have --glob.
inline constexpr char pattern_notes[] =
    "With --glob, * in a name matches any characters, ? one character, [a-z] one of these, and [!a-z] none of these;\n"
    "\\* matches the character *.";

/// For the help text of commands that have --format.
inline constexpr char format_notes[] =
    "Formats: jsonl prints the stored bytes; pretty prints when, who and what, and the old and new value of each field\n"
    "(with --field, of these fields); table prints one row for each event, cut to the terminal's width; csv is RFC 4180\n"
    "with all members; json is one array of the stored lines. The default is pretty on a terminal and jsonl elsewhere.\n"
    "Only terminals get colour, and only if NO_COLOR is not set, unless --color says otherwise.";

}  // namespace audit_trail::cli
