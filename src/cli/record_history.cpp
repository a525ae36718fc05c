#include "record_history.hpp"

#include <CLI/CLI.hpp>
#include <audit_trail/replay.hpp>
#include <set>

#include "options.hpp"
#include "output.hpp"
#include "trail.hpp"

namespace audit_trail::cli {
namespace {

std::string place_of(event const& found) {
    return found.domain + '/' + found.category;
}

void report_places(record_arguments const& given, std::optional<std::uint64_t> max_event_id, bool met_damage,
                   std::set<std::string> const& places) {
    std::string message = "audit-trail: " + given.root + ": ";
    if (places.empty()) {
        message += "no event of model '" + given.model_name + "'";
        if (max_event_id) message += " with an id up to " + std::to_string(*max_event_id);
        if (met_damage) message += " in the files that can be read";
        return report(message);
    }
    message += "several categories have the model '" + given.model_name + "'; choose one with --domain and --category:";
    for (auto const& place : places) message += ' ' + place;
    report(message);
}

}  // namespace

void add_record_arguments(CLI::App& command, record_arguments& given) {
    auto const take_into = [](std::vector<std::string>& names) {
        return [&names](std::string const& name) { names = {name}; };
    };
    command.add_option("ROOT", given.root, "The trail's directory")->required();
    command.add_option("--model-name", given.model_name, "The model whose record is shown")
        ->required()
        ->check(refuse_empty);
    command.add_option_function("--domain", std::function(take_into(given.filter.domains)), "The model's domain")
        ->check(refuse_empty);
    command
        .add_option_function("--category", std::function(take_into(given.filter.categories)), "The model's category")
        ->check(refuse_empty);
    command.add_option("--format", given.format, "For people, or for programs")
        ->check(CLI::IsMember({"text", "json"}))
        ->capture_default_str();
    add_display_options(command, given.shown);
}

std::optional<record_result> read_record(record_arguments const& given, std::optional<std::uint64_t> max_event_id,
                                         record_visitor const& visit) {
    event_filter filter = given.filter;
    filter.model_names = {given.model_name};
    filter.max_event_id = max_event_id;
    progress_line progress;
    auto source = open_reader(given.root, filter, options_with(progress));
    if (!source) return std::nullopt;

    record_result result;
    std::set<std::string> places;
    replayer records;
    for (entry& found : *source) {
        if (places.insert(place_of(found.event)).second) {
            result.domain = found.event.domain;
            result.category = found.event.category;
        }
        if (places.size() > 1) continue;
        records.apply(found);
        result.last_event_id = found.event.event_id;
        auto const* const record = records.result().state.if_contains(given.model_name);
        visit(found.event, record ? record->if_object() : nullptr);
    }
    progress.clear();
    bool const met_damage = report_findings(given.root, source->report());
    report_unknown_names(given.root, filter);
    if (places.size() != 1) {
        report_places(given, max_event_id, met_damage, places);
        return std::nullopt;
    }
    report_skipped(given.root, records.result());
    result.is_whole = !met_damage && records.result().skipped_events == 0;
    return result;
}

}  // namespace audit_trail::cli
