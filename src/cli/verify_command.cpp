#include "cli/verify_command.hpp"

#include <CLI/CLI.hpp>
#include <audit_trail/verify.hpp>
#include <memory>
#include <string>

#include "cli/exit_code.hpp"
#include "cli/interruption.hpp"
#include "cli/message.hpp"
#include "cli/output.hpp"
#include "cli/progress_line.hpp"
#include "cli/trail_opening.hpp"
#include "cli/verify_json.hpp"
#include "cli/verify_text.hpp"

namespace audit_trail::cli {
namespace {

constexpr char verify_description[] =
    "Check that the trail is whole: every line, every id, every segment, and index.json";

constexpr char verify_notes[] =
    "Prints a line that sums it up, then findings, which mean damage or loss, and notes, which do not: segments\n"
    "deleted from a category's beginning, ids that .recovery.jsonl accounts for, valid lines in another spelling,\n"
    "foreign files, loose modes. A loss stays a finding until 'recover --accept-loss' records that it is accepted.\n"
    "A trail may be verified while a writer has it: up to the id that index.json named at the beginning.\n"
    "Exit: 0 whole, 1 findings or a failure, 2 wrong usage.";

struct verify_arguments {
    std::string root;
    std::string format = "text";
};

int run(verify_arguments const& given) {
    bool const is_for_people = given.format == "text";
    if (!check_trail(given.root)) return exit_code::failed;
    end_on_signals(false);
    progress_line progress;
    verify_options options;
    options.max_findings = is_for_people ? 20 : 1000;
    options.on_progress = [&](read_report const& so_far) { progress.show(so_far); };
    error_code ec;
    auto const found = verify(given.root, options, ec);
    progress.clear();
    if (ec) return report("audit-trail: " + given.root + ": " + ec.message()), exit_code::failed;
    output out;
    out.add(is_for_people ? to_text(given.root, found) : to_json(given.root, found));
    bool const failed = is_failure(out.flush_fully());
    return failed || !found.is_whole() ? exit_code::failed : exit_code::done;
}

}  // namespace

void add_verify_command(CLI::App& program, std::function<int()>& chosen) {
    auto const given = std::make_shared<verify_arguments>();
    CLI::App* const command = program.add_subcommand("verify", verify_description);
    command->footer(verify_notes);
    command->add_option("ROOT", given->root, "The trail's directory")->required();
    command->add_option("--format", given->format, "For people, or for programs: one JSON object")
        ->check(CLI::IsMember({"text", "json"}))
        ->capture_default_str();
    command->callback([given, &chosen] { chosen = [given] { return run(*given); }; });
}

}  // namespace audit_trail::cli
