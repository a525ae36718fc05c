/// \file
/// The option --format of the commands that print events.
#pragma once

#include <optional>

#include "cli/event_printer.hpp"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace audit_trail::cli {

/// Adds the option, which fills `format`; absent, the place where the output goes decides: `default_format`.
CLI::Option* add_format_option(CLI::App& command, std::optional<event_format>& format);

/// For people pretty, for programs jsonl.
inline event_format default_format(display const& to) noexcept {
    return to.is_terminal ? event_format::pretty : event_format::jsonl;
}

/// For the help text of such a command.
inline constexpr char format_notes[] =
    "Formats: jsonl prints the stored bytes; pretty says when, who and what, and each field's old and new value; "
    "table\n"
    "prints a row each, cut to the terminal's width; csv is RFC 4180 with all members. The default is pretty on a\n"
    "terminal and jsonl elsewhere. Colour is for terminals only, and not where NO_COLOR is set.";

}  // namespace audit_trail::cli
