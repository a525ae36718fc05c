#include "cli/query_command.hpp"

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "cli/filter_options.hpp"
#include "cli/format_option.hpp"
#include "cli/query_session.hpp"

namespace audit_trail::cli {
namespace {

constexpr char query_description[] = "Print the events of the trail in ROOT that pass all filters";

constexpr char query_notes[] =
    "Damage in the files goes to standard error with file, offset and reason; the events around it are printed.\n"
    "Exit: 0 done (also when the output's reader goes away), 1 damage or a failure, 2 wrong usage, 128 + N ended by\n"
    "signal N.";

void add_arguments(CLI::App& command, query_options& options) {
    command.add_option("ROOT", options.root, "The trail's directory")->required();
    add_filter_options(command, options.filter);

    auto const take_order = [&options](std::string const& name) {
        options.order = name == "segment" ? read_order::segment : read_order::event_id;
    };
    command.add_option_function<std::string>("--order", take_order, "By id (the default), or as the segments lie")
        ->check(CLI::IsMember({"id", "segment"}));
    add_number_option(command, "--limit", options.limit, "No more events than this");
    CLI::Option* const format = add_format_option(command, options.format);
    command.add_flag("--count", options.count, "Print only how many events there are")->excludes(format);
}

}  // namespace

void add_query_command(CLI::App& program, std::function<int()>& chosen) {
    auto const given = std::make_shared<query_options>();
    CLI::App* const command = program.add_subcommand("query", query_description);
    command->footer(std::string(time_notes) + '\n' + format_notes + '\n' + query_notes);
    add_arguments(*command, *given);
    command->callback([given, &chosen] { chosen = [given] { return query_session(*given).run(); }; });
}

}  // namespace audit_trail::cli
