#include "cli/format_option.hpp"

#include <CLI/CLI.hpp>
#include <string>

namespace audit_trail::cli {
namespace {

event_format format_called(std::string const& name) {
    if (name == "pretty") return event_format::pretty;
    if (name == "table") return event_format::table;
    if (name == "csv") return event_format::csv;
    return event_format::jsonl;
}

}  // namespace

CLI::Option* add_format_option(CLI::App& command, std::optional<event_format>& format) {
    auto const take = [&format](std::string const& name) { format = format_called(name); };
    return command.add_option_function<std::string>("--format", take, "How an event is printed")
        ->check(CLI::IsMember({"jsonl", "pretty", "table", "csv"}));
}

}  // namespace audit_trail::cli
