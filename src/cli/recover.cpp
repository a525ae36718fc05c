#include <pwd.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <audit_trail/recovery.hpp>
#include <audit_trail/writer.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "commands.hpp"
#include "output.hpp"
#include "text.hpp"
#include "trail.hpp"

namespace audit_trail::cli {
namespace {

constexpr char recover_description[] = "Repair the trail in ROOT after a crash; no writer may have it open";

constexpr char recover_notes[] =
    "Lines that only the commit log has are written to their segments.\n"
    "Bytes after the last newline of a segment are copied to ROOT/.broken/ and cut off; ids that the crash left unused\n"
    "are recorded in ROOT/.recovery.jsonl. Complete lines always stay. A writer does the same when it opens.\n"
    "Events that were acknowledged and are in no segment are lost: recover says so, records their ids and exits with\n"
    "1, now and later, until they are back, or until 'recover --accept-loss' records who accepted the loss, and when:\n"
    "it accepts all ids that verify reports as missing. A commit log that cannot be used is moved to ROOT/.broken/;\n"
    "its lines that no segment has are copied to a file beside it, to compare them with restored segments.\n"
    "Exit: 0 done, 1 a failure or a loss that is not accepted, 2 wrong usage. The loss of lines whose ids are not known\n"
    "(a commit log that cannot be used) counts once; later, verify reports it as a note.";

using kind_type = recovery_finding::kind_type;

struct recover_arguments {
    std::string root;
    bool dry_run = false;
    bool accept_loss = false;
};

std::string torn_tail_text(recovery_finding const& finding, bool is_done) {
    std::string what = finding.path + ": " + std::to_string(finding.bytes) + " bytes from offset " +
                       std::to_string(finding.offset) + " on: " + finding.reason;
    if (finding.saved_as.empty()) return what;
    return what + (is_done ? "; copied to " : "; would be copied to ") + finding.saved_as + " and cut off";
}

std::string log_text(recovery_finding const& finding, bool is_done) {
    std::string what = finding.path + ": ";
    if (finding.bytes != 0) {
        what += std::to_string(finding.bytes) + " bytes from offset " + std::to_string(finding.offset) + " on: ";
    }
    what += finding.reason;
    if (finding.kind == kind_type::restored_lines) what += is_done ? "; restored" : "; would be restored";
    if (!finding.saved_as.empty()) what += (is_done ? "; moved to " : "; would be moved to ") + finding.saved_as;
    return what;
}

std::string text_of(recovery_finding const& finding, bool is_done) {
    switch (finding.kind) {
        case kind_type::torn_tail:
            return torn_tail_text(finding, is_done);
        case kind_type::restored_lines:
        case kind_type::unrestored_lines:
        case kind_type::unusable_log:
            return log_text(finding, is_done);
        default:
            return id_range(finding.first_id, finding.last_id) + ": " + finding.reason;
    }
}

/// Returns lines for people. `is_done` is false for a dry run.
std::string to_text(recovery_report const& found, bool is_done) {
    std::string text = found.clean ? "The end of the trail is clean.\n" : "The last writer did not close the trail.\n";
    for (auto const& finding : found.findings) text += text_of(finding, is_done) + '\n';
    if (found.findings.empty()) {
        text += "No line is incomplete at the end of a segment. To check the whole trail, run verify.\n";
    }
    text += found.last_event_id == 0 ? "There is no event yet.\n"
                                     : "The last event is " + std::to_string(found.last_event_id) + ".\n";
    text += is_done ? "All of this is on stable storage and recorded, and the trail is closed.\n"
                    : "Nothing was changed: this is what recovering would find.\n";
    return text;
}

/// Opening a writer recovers the trail, closing it marks the end as clean.
recovery_report recover(std::string const& root, error_code& ec) {
    boost::asio::io_context context;
    writer_options options;
    options.must_exist = true;
    writer trail = writer::open(context.get_executor(), root, options, ec);
    if (ec) return {};
    trail.async_close([&ec](error_code result) { ec = result; });
    context.run();
    return trail.recovery();
}

/// Returns the user of the process, and the user who ran sudo, if any.
std::string user_name() {
    ::passwd const* const entry = ::getpwuid(::getuid());
    std::string const name = entry ? entry->pw_name : std::to_string(::getuid());
    char const* const before = std::getenv("SUDO_USER");
    return before ? std::string(before) + " (as " + name + ')' : name;
}

/// Returns lines for people; empty if `ec` is set.
std::string accept_losses(std::string const& root, error_code& ec) {
    auto const accepted = accept_loss(root, user_name(), ec);
    if (ec) return {};
    std::string text;
    for (auto const& finding : accepted)
        text += id_range(finding.first_id, finding.last_id) + ": accepted as lost by " + finding.user + '\n';
    return text.empty() ? "There is no loss to accept.\n" : text;
}

bool is_loss(recovery_finding const& finding) {
    return finding.kind == kind_type::lost_ids || finding.kind == kind_type::unrestored_lines ||
           finding.kind == kind_type::unusable_log;
}

/// Returns true if a finding names all of these ids as lost.
bool names_loss(recovery_report const& found, recovery_finding const& loss) {
    return std::ranges::any_of(found.findings, [&](recovery_finding const& each) {
        return each.kind == kind_type::lost_ids && each.first_id <= loss.first_id && loss.last_id <= each.last_id;
    });
}

/// Adds what was lost in earlier recoveries, and what to do about open losses. Returns true if there are any.
bool add_losses(recover_arguments const& given, recovery_report const& found, std::string& text, error_code& ec) {
    auto const open = find_open_losses(given.root, ec);
    for (auto const& loss : open) {
        if (!names_loss(found, loss)) text += text_of(loss, true) + '\n';
    }
    bool const is_new = !given.accept_loss && std::ranges::any_of(found.findings, is_loss);
    bool const has_ids =
        !open.empty() || std::ranges::count(found.findings, kind_type::lost_ids, &recovery_finding::kind);
    if (!is_new && open.empty()) return false;
    text += has_ids ? "Events are lost. verify reports this until 'audit-trail recover --accept-loss' is run.\n"
                    : "Events may be lost. Compare the trail with a copy.\n";
    return true;
}

int run(recover_arguments const& given) {
    if (!is_trail(given.root)) return exit_code::failed;
    error_code ec;
    recovery_report found = plan_recovery(given.root, ec);
    auto const obstacle = found.obstacle;
    bool const is_planned = !ec && (given.dry_run || !obstacle);
    if (!is_planned) return report_obstacle(given.root, *obstacle), exit_code::failed;
    if (!given.dry_run) found = recover(given.root, ec);
    if (ec) return report_opening_failure(given.root, ec), exit_code::failed;
    output out;
    out.add(to_text(found, !given.dry_run));
    if (given.accept_loss) out.add(accept_losses(given.root, ec));
    if (ec) report("audit-trail: " + given.root + ": no loss was accepted: " + ec.message());
    error_code reading;
    std::string losses;
    bool const is_lost = add_losses(given, found, losses, reading);
    out.add(losses);
    if (reading) report_failure(given.root, reading);
    bool const failed = is_failure(out.flush_fully());
    if (obstacle) report_obstacle(given.root, *obstacle);
    return failed || obstacle || ec || reading || is_lost ? exit_code::failed : exit_code::done;
}

}  // namespace

void add_recover_command(CLI::App& program, std::function<int()>& chosen) {
    auto const given = std::make_shared<recover_arguments>();
    CLI::App* const command = program.add_subcommand("recover", recover_description);
    command->footer(recover_notes);
    command->add_option("ROOT", given->root, "The trail's directory")->required();
    auto* const dry_run = command->add_flag("--dry-run", given->dry_run, "Only print what would be done");
    command->add_flag("--accept-loss", given->accept_loss, "Record that missing events are lost, with user and time")
        ->excludes(dry_run);
    command->callback([given, &chosen] { chosen = [given] { return run(*given); }; });
}

}  // namespace audit_trail::cli
