#include <string.h>

#include <CLI/CLI.hpp>
#include <audit_trail/verify.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "commands.hpp"
#include "output.hpp"
#include "terminal.hpp"
#include "text.hpp"
#include "trail.hpp"

namespace audit_trail::cli {
namespace {

constexpr char verify_description[] =
    "Check that the trail is whole: every line, every id, every segment, and index.json";

constexpr char verify_notes[] =
    "Prints a summary, then findings, which mean damage or loss, and notes, which do not: segments deleted from a\n"
    "category's beginning, ids that .recovery.jsonl accounts for, valid lines in another spelling, foreign files, loose\n"
    "modes. A loss stays a finding until 'recover --accept-loss' records that it is accepted.\n"
    "While a writer has the trail, it is checked up to the id that index.json named at the beginning.\n"
    "Exit: 0 whole, 1 findings or a failure, 2 wrong usage.";

struct verify_arguments {
    std::string root;
    std::string format = "text";
};

// Text for people

using counts = std::vector<std::pair<error_code, std::uint64_t>>;

std::string count_of(std::uint64_t count, std::string const& singular, std::string const& plural) {
    return std::to_string(count) + ' ' + (count == 1 ? singular : plural);
}

std::string result_of(verify_report const& found) {
    std::string text = found.is_whole() ? "whole" : count_of(found.total_findings, "finding", "findings");
    if (found.total_notes != 0) text += ", " + count_of(found.total_notes, "note", "notes");
    return text;
}

std::string summary(std::string const& root, verify_report const& found) {
    std::string text = root + ": " + result_of(found) + ": " + count_of(found.events, "event", "events");
    if (found.events != 0) {
        text += " (" + std::to_string(found.first_event_id) + " to " + std::to_string(found.last_event_id) + ")";
    }
    text += ", " + count_of(found.segments, "segment", "segments") + ", " +
            count_of(found.categories, "category", "categories") + ", " + byte_count(found.bytes);
    if (found.missing_ids != 0) text += ", " + count_of(found.missing_ids, "id", "ids") + " missing";
    if (found.limit) text += "; a writer has the trail, checked up to id " + std::to_string(*found.limit);
    return text;
}

std::uint64_t total_of(error_code const& reason, counts const& all) {
    for (auto const& [counted, count] : all) {
        if (counted == reason) return count;
    }
    return 0;
}

using advice_filter = bool(error_code const&);

bool always(error_code const&) {
    return true;
}

/// A note about ids says why they are missing, and a note with the system's error is about a directory that was deleted
/// during the check: there is nothing to do.
bool note_needs_advice(error_code const& reason) {
    return reason.category() == error_category() && reason != error::ids_missing;
}

/// Adds advice below the findings of each reason that `advises` accepts. Requires: findings of one reason are adjacent.
void add_list(std::string const& kind, std::string const& root, std::span<read_finding const> findings,
              counts const& all, advice_filter* advises, std::string& out) {
    std::uint64_t shown = 0;
    for (std::size_t i = 0; i != findings.size(); ++i) {
        auto const& reason = findings[i].reason;
        out += kind + ": " + printable(to_message(root, findings[i])) + '\n';
        ++shown;
        bool const is_last = i + 1 == findings.size() || findings[i + 1].reason != reason;
        if (!is_last) continue;
        auto const more = total_of(reason, all) - std::exchange(shown, 0);
        if (more != 0) out += kind + ": " + std::to_string(more) + " more: " + reason.message() + '\n';
        if (advises(reason)) out.append("    ").append(advice(reason)).append("\n");
    }
}

/// Prints a summary, then findings and notes.
std::string to_text(std::string const& root, verify_report const& found) {
    std::string out = printable(summary(root, found)) + '\n';
    add_list("finding", root, found.findings, found.finding_counts, always, out);
    add_list("note", root, found.notes, found.note_counts, note_needs_advice, out);
    return out;
}

// JSON for programs

std::string reason_name(error_code const& reason) {
    if (reason.category() == error_category()) return name_of(static_cast<error>(reason.value()));
    char const* const name = ::strerrorname_np(reason.value());
    return name ? name : std::to_string(reason.value());
}

/// Paths may have any bytes, so characters of paths and texts that are not printable are escaped.
json::object to_object(read_finding const& finding, advice_filter* advises) {
    json::object object;
    object["path"] = printable(finding.path);
    object["offset"] = finding.offset;
    object["reason"] = reason_name(finding.reason);
    object["text"] = printable(finding.text);
    if (finding.first_id != 0) object["first_id"] = finding.first_id;
    if (finding.last_id != 0) object["last_id"] = finding.last_id;
    if (advises(finding.reason)) object["advice"] = advice(finding.reason);
    return object;
}

json::array to_array(std::vector<read_finding> const& findings, advice_filter* advises) {
    json::array array;
    for (auto const& finding : findings) array.push_back(to_object(finding, advises));
    return array;
}

/// Prints one line with all members of the report. A reason is its `name_of`, or the operating system's name, for
/// example EACCES.
std::string to_json_line(std::string const& root, verify_report const& found) {
    json::object object;
    object["root"] = printable(root);
    object["whole"] = found.is_whole();
    object["categories"] = found.categories;
    object["segments"] = found.segments;
    object["lines"] = found.lines;
    object["bytes"] = found.bytes;
    object["events"] = found.events;
    object["first_event_id"] = found.first_event_id;
    object["last_event_id"] = found.last_event_id;
    object["missing_ids"] = found.missing_ids;
    object["limit"] = found.limit ? json::value(*found.limit) : json::value();
    object["total_findings"] = found.total_findings;
    object["findings"] = to_array(found.findings, always);
    object["total_notes"] = found.total_notes;
    object["notes"] = to_array(found.notes, note_needs_advice);
    return json::serialize(object) + '\n';
}

int run(verify_arguments const& given) {
    bool const is_for_people = given.format == "text";
    if (!is_trail(given.root)) return exit_code::failed;
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
    out.add(is_for_people ? to_text(given.root, found) : to_json_line(given.root, found));
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
