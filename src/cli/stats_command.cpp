#include "cli/stats_command.hpp"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "cli/exit_code.hpp"
#include "cli/finding_messages.hpp"
#include "cli/interruption.hpp"
#include "cli/output.hpp"
#include "cli/progress_line.hpp"
#include "cli/stats_text.hpp"
#include "cli/terminal.hpp"
#include "cli/trail_opening.hpp"

namespace audit_trail::cli {
namespace {

constexpr char stats_description[] = "Say in numbers what the trail in ROOT holds";

constexpr char stats_notes[] =
    "Payloads are not looked at, so damage in them goes unnoticed: verify finds all. Other damage goes to standard "
    "error.\n"
    "While a writer has the trail, events above the id in index.json are not counted.\n"
    "Exit: 0 done, 1 damage or a failure, 2 wrong usage, 128 + N ended by signal N.";

struct stats_arguments {
    std::string root;
    std::string format = "table";
};

reader_options without_payloads(progress_line& progress) {
    reader_options options;
    options.order = read_order::segment;
    options.with_payloads = false;
    options.max_findings = shown_findings;
    options.on_progress = [&progress](read_report const& so_far) { progress.show(so_far); };
    return options;
}

int run(stats_arguments const& given) {
    display const to = display_of(STDOUT_FILENO);
    end_on_signals(to.has_colour);
    progress_line progress;
    auto source = open_reader(given.root, {}, without_payloads(progress));
    if (!source) return exit_code::failed;
    trail_statistics const gathered = gather_statistics(given.root, *source);
    progress.clear();

    output out;
    out.add(given.format == "json" ? to_json(gathered) : to_tables(gathered, to));
    bool const failed = is_failure(out.flush_fully());
    bool const met_damage = report_findings(given.root, source->report());
    return failed || met_damage ? exit_code::failed : exit_code::done;
}

}  // namespace

void add_stats_command(CLI::App& program, std::function<int()>& chosen) {
    auto const given = std::make_shared<stats_arguments>();
    CLI::App* const command = program.add_subcommand("stats", stats_description);
    command->footer(stats_notes);
    command->add_option("ROOT", given->root, "The trail's directory")->required();
    command->add_option("--format", given->format, "For people, or for programs")
        ->check(CLI::IsMember({"table", "json"}))
        ->capture_default_str();
    command->callback([given, &chosen] { chosen = [given] { return run(*given); }; });
}

}  // namespace audit_trail::cli
