#include "cli/follow_command.hpp"

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "cli/filter_options.hpp"
#include "cli/follow_session.hpp"
#include "cli/format_option.hpp"

namespace audit_trail::cli {
namespace {

constexpr char follow_description[] =
    "Print the events of the trail in ROOT that pass all filters as they are committed";

constexpr char follow_notes[] =
    "It begins with --from-id, or else --min-id, or else with what is committed from now on, and ends behind "
    "--max-id,\n"
    "or when the output's reader goes away, or by a signal. Begun again behind the last id that it printed, it misses\n"
    "nothing. Damage in the files goes to standard error with file, offset and reason.\n"
    "Exit: 0 done, 1 damage or a failure, 2 wrong usage, 128 + N ended by signal N.";

void add_arguments(CLI::App& command, follow_options& options) {
    command.add_option("ROOT", options.root, "The trail's directory")->required();
    add_filter_options(command, options.filter);
    add_number_option(command, "--from-id", options.from_id, "Begin with this id; 1: with the first");
    add_format_option(command, options.format);
}

}  // namespace

void add_follow_command(CLI::App& program, std::function<int()>& chosen) {
    auto const given = std::make_shared<follow_options>();
    CLI::App* const command = program.add_subcommand("follow", follow_description);
    command->footer(std::string(time_notes) + '\n' + format_notes + '\n' + follow_notes);
    add_arguments(*command, *given);
    command->callback([given, &chosen] { chosen = [given] { return follow_session(*given).run(); }; });
}

}  // namespace audit_trail::cli
