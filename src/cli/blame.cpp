#include <unistd.h>

#include <CLI/CLI.hpp>
#include <boost/json/array.hpp>
#include <boost/system/system_error.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "commands.hpp"
#include "options.hpp"
#include "output.hpp"
#include "record_history.hpp"
#include "text.hpp"
#include "text_table.hpp"

namespace audit_trail::cli {
namespace {

constexpr char blame_description[] = "Print each field of a record with the event that set it";

constexpr char blame_notes[] =
    "Like replay, it rebuilds the record from its events. An event that gives a field its old value again does not\n"
    "count.\n"
    "--format json prints one line: {\"model_name\":M,\"domain\":D,\"category\":C,\"last_event_id\":N,\"fields\":[\n"
    "{\"field\":F,\"value\":V,\"event_id\":N,\"timestamp\":T,\"logical_user_id\":U},...]}. If the record was deleted,\n"
    "it says by which event; \"fields\" is null then.\n"
    "Exit: 0 done, 1 something was skipped or damaged, or no event has the model, 2 wrong usage.";

struct blame_arguments {
    record_arguments of;
    std::optional<std::uint64_t> max_id;
};

/// The event that set a field.
struct field_origin {
    std::uint64_t event_id = 0;
    std::int64_t timestamp = 0;
    std::string user;
};

/// The current record, and the origin of each of its fields.
class field_origins {
 public:
    /// Throws if a field is too deep to be compared.
    void apply(event const& changed, json::object const* record) {
        field_origin const origin{changed.event_id, changed.timestamp, changed.logical_user_id};
        deletion_.reset();
        if (record == nullptr && changed.operation == operation::remove) deletion_ = origin;
        exists_ = record != nullptr;
        json::object after = record ? *record : json::object();
        auto const delta = payload::from_update(record_, after).delta.value();
        for (auto const& member : delta) {
            origins_[std::string(member.key())] = origin;
        }
        record_ = std::move(after);
    }

    std::string to_json_line(record_arguments const& given, record_result const& found) const {
        json::array fields;
        for (auto const& member : record_) {
            auto const& [event_id, timestamp, user] = origins_.at(std::string(member.key()));
            fields.push_back({{"field", member.key()},
                              {"value", member.value()},
                              {"event_id", event_id},
                              {"timestamp", timestamp},
                              {"logical_user_id", user}});
        }
        json::object line{{"model_name", given.model_name}, {"domain", found.domain}, {"category", found.category}};
        line["last_event_id"] = found.last_event_id;
        line["fields"] = exists_ ? json::value(std::move(fields)) : json::value();
        return to_json_text(line) + '\n';
    }

    std::string to_text_for(display const& to) const {
        if (exists_) return to_table(to);
        if (!deletion_) return "There is no record: no event gave all of its fields.\n";
        return "There is no record: event " + std::to_string(deletion_->event_id) + " of user " +
               readable_name(deletion_->user) + " deleted it at " + to_text(deletion_->timestamp, to.zone) + ".\n";
    }

 private:
    std::string to_table(display const& to) const {
        text_table table({{.title = "FIELD", .can_shrink = true},
                          {.title = "VALUE", .can_shrink = true},
                          {.title = "ID", .is_number = true},
                          {.title = "TIME"},
                          {.title = "USER", .can_shrink = true}},
                         to.width, to.has_colour);
        std::string out;
        for (auto const& member : record_) {
            auto const& [event_id, timestamp, user] = origins_.at(std::string(member.key()));
            table.add({{readable_name(member.key()), text_style::bold},
                       {readable_json(to_json_text(member.value()))},
                       {std::to_string(event_id)},
                       {to_text(timestamp, to.zone), text_style::cyan},
                       {readable_name(user), text_style::bold}},
                      out);
        }
        table.flush(out);
        return out;
    }

    json::object record_;
    bool exists_ = false;
    std::optional<field_origin> deletion_;
    std::map<std::string, field_origin> origins_;
};

int run(blame_arguments const& given) {
    display const to = display_of(STDOUT_FILENO, given.of.shown);
    end_on_signals(to.has_colour);
    field_origins origins;
    output out;
    bool is_whole = false;
    try {
        auto const found = read_record(given.of, given.max_id, [&](event const& changed, json::object const* record) {
            origins.apply(changed, record);
        });
        if (!found) return exit_code::failed;
        is_whole = found->is_whole;
        out.add(given.of.format == "json" ? origins.to_json_line(given.of, *found) : origins.to_text_for(to));
    } catch (boost::system::system_error const& failure) {
        report("audit-trail: " + given.of.root + ": the records cannot be compared: " + failure.code().message());
        return exit_code::failed;
    }
    return !is_failure(out.flush_fully()) && is_whole ? exit_code::done : exit_code::failed;
}

}  // namespace

void add_blame_command(CLI::App& program, std::function<int()>& chosen) {
    auto const given = std::make_shared<blame_arguments>();
    CLI::App* const command = program.add_subcommand("blame", blame_description);
    command->footer(blame_notes);
    add_record_arguments(*command, given->of);
    add_number_option(*command, "--max-id", given->max_id, "The record after this id");
    command->callback([given, &chosen] { chosen = [given] { return run(*given); }; });
}

}  // namespace audit_trail::cli
