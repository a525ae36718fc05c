#include "cli/recover_command.hpp"

#include <CLI/CLI.hpp>
#include <audit_trail/writer.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>

#include "cli/exit_code.hpp"
#include "cli/output.hpp"
#include "cli/recovery_text.hpp"
#include "cli/trail_opening.hpp"
#include "storage/recovery_plan.hpp"

namespace audit_trail::cli {
namespace {

constexpr char recover_description[] = "Mend what a crash left of the trail in ROOT, which no writer may have";

constexpr char recover_notes[] =
    "Whatever follows the last newline of a segment is copied to ROOT/.broken/ and cut off; ids that the crash left\n"
    "unused are recorded in ROOT/.recovery.jsonl. Complete lines always stay. A writer does the same when it opens.\n"
    "Exit: 0 done, 1 a failure, 2 wrong usage.";

struct recover_arguments {
    std::string root;
    bool dry_run = false;
};

/// Opening recovers, closing marks the end clean.
recovery_report recover(std::string const& root, error_code& ec) {
    asio::io_context context;
    writer trail = writer::open(context.get_executor(), root, {}, ec);
    if (ec) return {};
    trail.async_close([&ec](error_code result) { ec = result; });
    context.run();
    return trail.recovery();
}

int run(recover_arguments const& given) {
    if (!check_trail(given.root)) return exit_code::failed;
    error_code ec;
    recovery_report const found =
        given.dry_run ? storage::plan_recovery(storage::posix_file_system(), given.root, ec) : recover(given.root, ec);
    if (ec) {
        report_failure(given.root, ec);
        return exit_code::failed;
    }
    output out;
    out.add(to_text(found, !given.dry_run));
    return is_failure(out.flush_fully()) ? exit_code::failed : exit_code::done;
}

}  // namespace

void add_recover_command(CLI::App& program, std::function<int()>& chosen) {
    auto const given = std::make_shared<recover_arguments>();
    CLI::App* const command = program.add_subcommand("recover", recover_description);
    command->footer(recover_notes);
    command->add_option("ROOT", given->root, "The trail's directory")->required();
    command->add_flag("--dry-run", given->dry_run, "Only say what would be done");
    command->callback([given, &chosen] { chosen = [given] { return run(*given); }; });
}

}  // namespace audit_trail::cli
