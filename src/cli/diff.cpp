#include <unistd.h>

#include <CLI/CLI.hpp>
#include <boost/system/system_error.hpp>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "commands.hpp"
#include "event_changes.hpp"
#include "options.hpp"
#include "output.hpp"
#include "record_history.hpp"
#include "text.hpp"

namespace audit_trail::cli {
namespace {

constexpr char diff_description[] = "Print how a record differs between two events";

constexpr char diff_notes[] =
    "Compares the record after the last event with an id up to --from with the record after the last event with an id\n"
    "up to --to. Like replay, it rebuilds the record from its events.\n"
    "--format json prints one line: {\"model_name\":M,\"domain\":D,\"category\":C,\"from\":{\"last_event_id\":N,\n"
    "\"record\":RECORD},\"to\":{...},\"delta\":{FIELD:{\"old\":VALUE,\"new\":VALUE},...}}; RECORD is null if there is\n"
    "none.\n"
    "Exit: 0 done, 1 something was skipped or damaged, or no event has the model, 2 wrong usage.";

struct diff_arguments {
    record_arguments of;
    std::optional<std::uint64_t> from;
    std::optional<std::uint64_t> to;
};

struct record_state {
    std::uint64_t last_event_id = 0;
    std::optional<json::object> record;

    json::object as_json() const {
        return {{"last_event_id", last_event_id}, {"record", record ? json::value(*record) : json::value()}};
    }
    std::string as_text() const {
        std::string const when =
            last_event_id == 0 ? "before its first event" : "event " + std::to_string(last_event_id);
        return record ? when : when + " (no record)";
    }
};

/// Throws if a field is too deep to be compared.
std::string to_output(diff_arguments const& given, record_result const& found, record_state const& before,
                      record_state const& after, display const& to) {
    json::object const old_record = before.record.value_or(json::object());
    json::object const new_record = after.record.value_or(json::object());
    if (given.of.format == "json") {
        json::object line{{"model_name", given.of.model_name}, {"domain", found.domain}, {"category", found.category}};
        line["from"] = before.as_json();
        line["to"] = after.as_json();
        line["delta"] = *payload::from_update(old_record, new_record).delta;
        return to_json_text(line) + '\n';
    }
    std::string out = styled(readable_name(given.of.model_name), text_style::bold, to.has_colour) + " in " +
                      found.domain + '/' + found.category + ": " + before.as_text() + " -> " + after.as_text() + '\n';
    append_changes(changes_between(old_record, new_record), operation::update, to.has_colour, out);
    return out;
}

int run(diff_arguments const& given) {
    display const to = display_of(STDOUT_FILENO, given.of.shown);
    end_on_signals(to.has_colour);
    record_state before;
    record_state after;
    auto const found = read_record(given.of, given.to, [&](event const& changed, json::object const* record) {
        auto const copied = record ? std::optional(*record) : std::nullopt;
        if (changed.event_id <= given.from.value_or(0)) before = {changed.event_id, copied};
        after = {changed.event_id, copied};
    });
    if (!found) return exit_code::failed;
    output out;
    try {
        out.add(to_output(given, *found, before, after, to));
    } catch (boost::system::system_error const& failure) {
        report("audit-trail: " + given.of.root + ": the records cannot be compared: " + failure.code().message());
        return exit_code::failed;
    }
    return !is_failure(out.flush_fully()) && found->is_whole ? exit_code::done : exit_code::failed;
}

void check_order(diff_arguments const& given) {
    constexpr auto last = std::numeric_limits<std::uint64_t>::max();
    if (given.from.value_or(0) <= given.to.value_or(last)) return;
    throw CLI::ValidationError("--from", std::to_string(*given.from) + " is above --to " + std::to_string(*given.to));
}

}  // namespace

void add_diff_command(CLI::App& program, std::function<int()>& chosen) {
    auto const given = std::make_shared<diff_arguments>();
    CLI::App* const command = program.add_subcommand("diff", diff_description);
    command->footer(diff_notes);
    add_record_arguments(*command, given->of);
    add_number_option(*command, "--from", given->from, "The earlier id; by default, before the first event");
    add_number_option(*command, "--to", given->to, "The later id; by default, the last event");
    command->callback([given, &chosen] {
        check_order(*given);
        chosen = [given] { return run(*given); };
    });
}

}  // namespace audit_trail::cli
