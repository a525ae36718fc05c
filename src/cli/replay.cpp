#include <CLI/CLI.hpp>
#include <audit_trail/json.hpp>
#include <audit_trail/replay.hpp>
#include <memory>
#include <string>
#include <utility>

#include "commands.hpp"
#include "options.hpp"
#include "output.hpp"
#include "terminal.hpp"
#include "trail.hpp"

namespace audit_trail::cli {
namespace {

constexpr char replay_description[] = "Print the records of one category, rebuilt from its events";

constexpr char replay_notes[] =
    "Prints one line: {\"state\":{MODEL:RECORD,...},\"last_event_id\":N,\"applied_events\":K}; N is 0 without events.\n"
    "K counts every event that was read, skipped events included.\n"
    "A create sets a record, an update replaces it or changes fields of it, a delete removes it. A field whose new\n"
    "value is null stays, as null.\n"
    "An update of fields is skipped when no event before it gave the whole record. Skipped events and damage are\n"
    "reported on standard error.\n"
    "Exit: 0 done, 1 something was skipped or damaged, 2 wrong usage.";

struct replay_arguments {
    std::string root;
    std::string domain;
    std::string category;
    event_filter filter;
};

std::string check_name(std::string const& name) {
    return is_valid_name(name) ? std::string() : "no domain or category can be called '" + name + "'";
}

bool print(replay_result result) {
    json::object line;
    line["state"] = std::move(result.state);
    line["last_event_id"] = result.last_event_id;
    line["applied_events"] = result.applied_events;
    error_code ec;
    std::string const text = to_json(std::move(line), ec);
    if (ec) {
        report("audit-trail: the state can't be printed: " + ec.message());
        return false;
    }
    output out;
    out.add(text);
    out.add("\n");
    return !is_failure(out.flush_fully());
}

int run(replay_arguments const& given) {
    event_filter filter = given.filter;
    filter.domains = {given.domain};
    filter.categories = {given.category};
    end_on_signals(false);
    progress_line progress;
    auto source = open_reader(given.root, filter, options_with(progress));
    if (!source) return exit_code::failed;

    auto result = replay(*source);
    progress.clear();
    bool const met_damage = report_findings(given.root, source->report());
    report_skipped(given.root, result);
    report_unknown_names(given.root, filter);
    bool const is_whole = !met_damage && result.skipped_events == 0;
    return print(std::move(result)) && is_whole ? exit_code::done : exit_code::failed;
}

}  // namespace

void add_replay_command(CLI::App& program, std::function<int()>& chosen) {
    auto const given = std::make_shared<replay_arguments>();
    CLI::App* const command = program.add_subcommand("replay", replay_description);
    command->footer(replay_notes);
    command->add_option("ROOT", given->root, "The trail's directory")->required();
    command->add_option("--domain", given->domain, "The domain")->required()->check(check_name);
    command->add_option("--category", given->category, "The category")->required()->check(check_name);
    add_model_name_option(*command, given->filter);
    add_id_options(*command, given->filter);
    command->callback([given, &chosen] { chosen = [given] { return run(*given); }; });
}

}  // namespace audit_trail::cli
