#include "options.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <string>
#include <utility>
#include <vector>

#include "times.hpp"

namespace audit_trail::cli {
namespace {

/// No event has an empty name, so an empty value is a mistake: for example, a script's variable that is not set.
std::string refuse_empty(std::string const& value) {
    return value.empty() ? "the value is empty; leave the option out to select all" : "";
}

void add_list(CLI::App& command, std::string const& name, std::vector<std::string>& into, std::string const& help) {
    command.add_option(name, into, help)->allow_extra_args(false)->check(refuse_empty);
}

operation operation_called(std::string const& name) {
    if (name == "create") return operation::create;
    return name == "update" ? operation::update : operation::remove;
}

void add_operations(CLI::App& command, std::vector<operation>& into) {
    auto const take = [&into](std::vector<std::string> const& names) {
        for (auto const& name : names) {
            into.push_back(operation_called(name));
        }
    };
    command.add_option_function<std::vector<std::string>>("--operation", take, "Only of this kind; may be repeated")
        ->allow_extra_args(false)
        ->check(CLI::IsMember({"create", "update", "delete"}));
}

void add_time(CLI::App& command, std::string const& name, std::optional<std::int64_t>& into, std::string const& help) {
    auto const take = [&into, name](std::string const& text) {
        into = parse_time(text);
        if (into) return;
        throw CLI::ValidationError(
            name, text +
                      " is not a time; give Unix seconds or ISO 8601, such as 2026-11-24T10:00:00Z; put @ before Unix "
                      "seconds of 4, 6 or 8 digits, or after the year 9999 (milliseconds?)");
    };
    command.add_option_function<std::string>(name, take, help)->type_name("T");
}

std::vector<std::pair<std::string, event_format>> const format_names = {{"jsonl", event_format::jsonl},
                                                                        {"pretty", event_format::pretty},
                                                                        {"table", event_format::table},
                                                                        {"csv", event_format::csv}};

}  // namespace

CLI::Option* add_number_option(CLI::App& command, std::string const& name, std::optional<std::uint64_t>& into,
                               std::string const& help) {
    auto const take = [&into, name = name.substr(name.find("--"))](std::string const& text) {
        std::uint64_t number = 0;
        auto const [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (failure != std::errc() || end != text.data() + text.size()) {
            throw CLI::ValidationError(name, text + " is not a whole number from 0 to 18446744073709551615");
        }
        into = number;
    };
    return command.add_option_function<std::string>(name, take, help)->type_name("N");
}

void add_model_name_option(CLI::App& command, event_filter& filter) {
    add_list(command, "--model-name", filter.model_names, "Only of this model; may be repeated");
}

void add_id_options(CLI::App& command, event_filter& filter) {
    add_number_option(command, "--min-id", filter.min_event_id, "Only events with this id or a higher one");
    add_number_option(command, "--max-id", filter.max_event_id, "Only events with this id or a lower one");
}

void add_filter_options(CLI::App& command, event_filter& filter) {
    add_list(command, "--domain", filter.domains, "Only of this domain; may be repeated");
    add_list(command, "--category", filter.categories, "Only of this category; may be repeated");
    add_model_name_option(command, filter);
    add_list(command, "--user", filter.logical_user_ids, "Only by this user; may be repeated");
    add_list(command, "--request-id", filter.request_ids, "Only of this request; may be repeated");
    add_operations(command, filter.operations);
    add_id_options(command, filter);
    add_time(command, "--since", filter.min_timestamp, "Only events of this time or later");
    add_time(command, "--until", filter.max_timestamp, "Only events of this time or earlier");
}

CLI::Option* add_format_option(CLI::App& command, std::optional<event_format>& format) {
    auto const take = [&format](std::string const& name) {
        format = std::ranges::find(format_names, name, &std::pair<std::string, event_format>::first)->second;
    };
    return command.add_option_function<std::string>("--format", take, "How an event is printed")
        ->check(CLI::IsMember(format_names));
}

}  // namespace audit_trail::cli
