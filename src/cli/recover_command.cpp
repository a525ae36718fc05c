#include "cli/recover_command.hpp"

#include <pwd.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <audit_trail/verify.hpp>
#include <audit_trail/writer.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "cli/exit_code.hpp"
#include "cli/message.hpp"
#include "cli/output.hpp"
#include "cli/recovery_text.hpp"
#include "cli/trail_opening.hpp"
#include "storage/recovery.hpp"

namespace audit_trail::cli {
namespace {

constexpr char recover_description[] = "Mend what a crash left of the trail in ROOT, which no writer may have";

constexpr char recover_notes[] =
    "Whatever follows the last newline of a segment is copied to ROOT/.broken/ and cut off; ids that the crash left\n"
    "unused are recorded in ROOT/.recovery.jsonl. Complete lines always stay. A writer does the same when it opens.\n"
    "Events that were acknowledged and are in no segment are lost: recover says so, records their ids and exits with "
    "1.\n"
    "verify reports them until they are back, or until 'recover --accept-loss' records who accepted the loss, and "
    "when:\n"
    "it accepts all ids that verify reports as missing.\n"
    "Exit: 0 done, 1 a failure or a loss that is not accepted, 2 wrong usage.";

struct recover_arguments {
    std::string root;
    bool dry_run = false;
    bool accept_loss = false;
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

bool has_loss(recovery_report const& report) {
    return std::ranges::count(report.findings, recovery_finding::kind_type::lost_ids, &recovery_finding::kind) != 0;
}

/// The user of the process, and who became that user by sudo.
std::string user_name() {
    ::passwd const* const entry = ::getpwuid(::getuid());
    std::string const name = entry ? entry->pw_name : std::to_string(::getuid());
    char const* const before = std::getenv("SUDO_USER");
    return before ? std::string(before) + " (as " + name + ')' : name;
}

/// The ids that verify reports as missing. An error when a file can't be read: it may hold them.
std::vector<storage::id_range> find_lost(std::string const& root, error_code& ec) {
    verify_options options;
    options.max_findings = 1'000'000;
    std::vector<storage::id_range> lost;
    for (auto const& finding : verify(root, options, ec).findings) {
        if (finding.reason.category() == boost::system::system_category()) return ec = finding.reason, lost;
        bool const is_loss = finding.reason == error::ids_missing || finding.reason == error::index_ahead;
        if (is_loss) lost.push_back({finding.first_id, finding.last_id});
    }
    return lost;
}

std::string accept_loss(std::string const& root, error_code& ec) {
    auto const lost = find_lost(root, ec);
    if (ec) return {};
    if (lost.empty()) return "There is no loss to accept.\n";
    std::string const user = user_name();
    storage::accept_loss(storage::posix_file_system(), root, lost, user, ec);
    return ec ? std::string() : to_text(lost, user);
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
    if (given.accept_loss) out.add(accept_loss(given.root, ec));
    if (ec) report("audit-trail: " + given.root + ": no loss was accepted: " + ec.message());
    bool const is_lost = has_loss(found) && !given.accept_loss;
    if (is_lost) out.add("Events are lost. verify reports this until 'audit-trail recover --accept-loss' is run.\n");
    bool const failed = is_failure(out.flush_fully());
    return failed || ec || is_lost ? exit_code::failed : exit_code::done;
}

}  // namespace

void add_recover_command(CLI::App& program, std::function<int()>& chosen) {
    auto const given = std::make_shared<recover_arguments>();
    CLI::App* const command = program.add_subcommand("recover", recover_description);
    command->footer(recover_notes);
    command->add_option("ROOT", given->root, "The trail's directory")->required();
    auto* const dry_run = command->add_flag("--dry-run", given->dry_run, "Only say what would be done");
    command->add_flag("--accept-loss", given->accept_loss, "Record that missing events are lost, with user and time")
        ->excludes(dry_run);
    command->callback([given, &chosen] { chosen = [given] { return run(*given); }; });
}

}  // namespace audit_trail::cli
