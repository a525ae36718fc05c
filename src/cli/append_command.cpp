#include "cli/append_command.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>

#include "cli/append_session.hpp"
#include "format/canonical_text.hpp"

namespace audit_trail::cli {
namespace {

constexpr std::size_t max_window = 65536;

constexpr char append_description[] = "Append drafts to the trail in ROOT, which is created when it does not exist";

constexpr char append_notes[] =
    "A draft is an event without event_id, one JSON object a line; blank lines are passed over. timestamp (Unix\n"
    "seconds), request_id and payload may be left out; operation is create, update or delete. An example:\n"
    "\n"
    "  {\"domain\":\"users\",\"category\":\"profile\",\"model_name\":\"user-17\",\"operation\":\"update\",\n"
    "   \"logical_user_id\":\"admin-3\",\"payload\":{\"delta\":{\"name\":{\"old\":\"Ada\",\"new\":\"Ada L.\"}}}}\n"
    "\n"
    "(on one line). A create has payload {\"after\":{...}}, a delete {\"before\":{...}}.\n"
    "An id (or event) is printed when, and only when, its event is acknowledged, in the order of the drafts.\n"
    "What is wrong with a line goes to standard error, as FILE:LINE: message.\n"
    "Exit: 0 all appended, 1 something was not, 2 wrong usage, 128 + N ended by signal N after what was in flight.";

/// The arguments as text; CLI11 has checked them against the lists below.
struct append_arguments {
    append_options options;
    std::string durability = "synced";
    std::string print = "ids";
    std::string on_error = "stop";
};

/// CLI11 would read 010 as eight and 0x10 as sixteen.
std::string refuse_other_than_digits(std::string const& text) {
    bool const is_decimal = text == "0" || (!text.starts_with('0') && std::ranges::all_of(text, format::is_digit));
    return is_decimal ? "" : text + " is not a decimal number without leading zeros";
}

append_options to_options(append_arguments const& given) {
    append_options options = given.options;
    options.writer.durability = given.durability == "written" ? durability::written : durability::synced;
    if (given.print == "events") options.print = printed::events;
    if (given.print == "none") options.print = printed::none;
    options.stop_on_error = given.on_error == "stop";
    return options;
}

void add_arguments(CLI::App& command, append_arguments& given) {
    constexpr std::uint64_t max_segment = std::numeric_limits<std::int64_t>::max();
    append_options& options = given.options;
    command.add_option("ROOT", options.root, "The trail's directory")->required();
    command.add_option("FILE", options.files, "Files with drafts; - or none: standard input");
    command.add_option("--max-segment-bytes", options.writer.max_segment_bytes, "Begin a new segment at this size")
        ->check(refuse_other_than_digits)
        ->check(CLI::Range(std::uint64_t{1}, max_segment))
        ->capture_default_str();
    command.add_flag("--no-create", options.writer.must_exist, "Fail unless ROOT holds a trail already");
    command.add_flag("--allow-empty-names", options.writer.allow_empty_names,
                     "Accept drafts with an empty model_name or logical_user_id");
    command.add_option("--durability", given.durability, "What an acknowledgement promises")
        ->check(CLI::IsMember({"written", "synced"}))
        ->capture_default_str();
    command.add_option("--window", options.window, "How many drafts may be in flight")
        ->check(refuse_other_than_digits)
        ->check(CLI::Range(std::size_t{1}, max_window))
        ->capture_default_str();
    command.add_option("--print", given.print, "What to print of an event that is acknowledged")
        ->check(CLI::IsMember({"ids", "events", "none"}))
        ->capture_default_str();
    command.add_option("--on-error", given.on_error, "Whether to go on after a line that can't be appended")
        ->check(CLI::IsMember({"stop", "skip"}))
        ->capture_default_str();
}

}  // namespace

void add_append_command(CLI::App& program, std::function<int()>& chosen) {
    auto const given = std::make_shared<append_arguments>();
    CLI::App* const command = program.add_subcommand("append", append_description);
    command->footer(append_notes);
    add_arguments(*command, *given);
    command->callback([given, &chosen] { chosen = [given] { return append_session(to_options(*given)).run(); }; });
}

}  // namespace audit_trail::cli
