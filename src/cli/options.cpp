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

void refuse_empty_ranges(event_filter const& filter) {
    if (filter.min_event_id && filter.max_event_id && *filter.min_event_id > *filter.max_event_id) {
        throw CLI::ValidationError("--min-id", std::to_string(*filter.min_event_id) + " is above --max-id " +
                                                   std::to_string(*filter.max_event_id));
    }
    if (filter.min_timestamp && filter.max_timestamp && *filter.min_timestamp > *filter.max_timestamp) {
        throw CLI::ValidationError("--since", "its time is after the time of --until");
    }
}

std::string refuse_bad_pattern(event_filter const& filter, std::string const& value) {
    if (filter.match == text_match::exact || is_valid_glob(value)) return {};
    return value +
           " is not a pattern: a [ has no ], or nothing follows a backslash; patterns are u-1*, u-?, u-[0-9], and "
           "\\[ for the character [";
}

/// Requires: the options that set `filter.match` were added before.
void add_names(CLI::App& command, std::string const& name, event_filter const& filter, std::vector<std::string>& into,
               std::string const& help) {
    auto const check = [&filter](std::string const& value) { return refuse_bad_pattern(filter, value); };
    command.add_option(name, into, help)->allow_extra_args(false)->check(refuse_empty)->check(check);
}

/// Requires: the options that set `filter.match` were added before.
void add_contexts(CLI::App& command, event_filter& filter) {
    auto const take = [&filter](std::vector<std::string> const& values) {
        for (auto const& each : values) {
            auto const equals = each.find('=');
            filter.contexts.push_back({each.substr(0, equals), each.substr(equals + 1)});
        }
    };
    auto const check = [&filter](std::string const& given) {
        auto const equals = given.find('=');
        if (equals == given.npos || equals == 0) return given + " is not KEY=VALUE, such as ip=10.0.0.7";
        return refuse_bad_pattern(filter, given.substr(equals + 1));
    };
    command
        .add_option_function<std::vector<std::string>>(
            "--context", take, "Only events with this value in their context, KEY=VALUE; may be repeated")
        ->type_name("KEY=VALUE")
        ->allow_extra_args(false)
        ->check(check);
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

void add_time(CLI::App& command, std::string const& name, std::optional<std::int64_t>& into, time_zone const& zone,
              repeated_time which, std::string const& help) {
    auto const take = [&into, &zone, which, name](std::string const& text) {
        into = parse_time(text, zone, std::time(nullptr), which);
        if (into) return;
        throw CLI::ValidationError(
            name, text +
                      " is not a time; give Unix seconds or ISO 8601, such as 2026-11-24T10:00:00Z, or now, today, "
                      "yesterday, or a time before now, such as -1h; put @ before Unix seconds of 4, 6 or 8 digits, or "
                      "after the year 9999 (milliseconds?)");
    };
    command.add_option_function<std::string>(name, take, help)->type_name("T");
}

std::vector<std::pair<std::string, event_format>> const format_names = {{"jsonl", event_format::jsonl},
                                                                        {"pretty", event_format::pretty},
                                                                        {"table", event_format::table},
                                                                        {"csv", event_format::csv},
                                                                        {"json", event_format::json}};

}  // namespace

std::string refuse_empty(std::string const& value) {
    return value.empty() ? "the value is empty; leave the option out to select all" : "";
}

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
    add_names(command, "--model-name", filter, filter.model_names, "Only of this model; may be repeated");
}

void add_id_options(CLI::App& command, event_filter& filter) {
    command.parse_complete_callback([&filter] { refuse_empty_ranges(filter); });
    add_number_option(command, "--min-id", filter.min_event_id, "Only events with this id or a higher one");
    add_number_option(command, "--max-id", filter.max_event_id, "Only events with this id or a lower one");
}

void add_display_options(CLI::App& command, display_settings& settings) {
    auto const take_colour = [&settings](std::string const& name) {
        settings.colour = name == "auto"     ? colour_mode::automatic
                          : name == "always" ? colour_mode::always
                                             : colour_mode::never;
    };
    command.add_option_function<std::string>("--color", take_colour, "When to print in colour")
        ->check(CLI::IsMember({"auto", "always", "never"}));
    auto const take_utc = [&settings] { settings.zone = time_zone::utc; };
    auto const take_local = [&settings] {
        if (auto const unknown = unknown_zone(); !unknown.empty()) {
            throw CLI::ValidationError("--local", "the system knows no time zone '" + unknown +
                                                      "', which the environment variable TZ names; correct TZ");
        }
        settings.zone = time_zone::local;
    };
    CLI::Option* const utc = command.add_flag_callback("--utc", take_utc, "Read and print times in UTC (the default)");
    command.add_flag_callback("--local", take_local, "Read and print local times")->excludes(utc);
}

void add_filter_options(CLI::App& command, event_filter& filter, time_zone const& zone) {
    auto const set_glob = [&filter] { filter.match = text_match::glob; };
    command.add_flag_callback("--glob", set_glob, "Names, ids and values of the context are patterns");
    command.add_flag("-i,--ignore-case", filter.ignore_case, "These and --contains match ASCII letters of either case");
    add_names(command, "--domain", filter, filter.domains, "Only of this domain; may be repeated");
    add_names(command, "--category", filter, filter.categories, "Only of this category; may be repeated");
    add_model_name_option(command, filter);
    add_names(command, "--user", filter, filter.logical_user_ids, "Only by this user; may be repeated");
    add_names(command, "--request-id", filter, filter.request_ids, "Only of this request; may be repeated");
    add_contexts(command, filter);
    add_operations(command, filter.operations);
    add_list(command, "--contains", filter.texts,
             "Only events with this text in a name, the context or the payload; may be repeated");
    add_list(command, "--field", filter.fields,
             "Only events that changed this field, or this path of fields: address.city; may be repeated");
    add_id_options(command, filter);
    add_time(command, "--since", filter.min_timestamp, zone, repeated_time::first, "Only events of this time or later");
    add_time(command, "--until", filter.max_timestamp, zone, repeated_time::last,
             "Only events of this time or earlier");
}

CLI::Option* add_format_option(CLI::App& command, std::optional<event_format>& format) {
    auto const take = [&format](std::string const& name) {
        format = std::ranges::find(format_names, name, &std::pair<std::string, event_format>::first)->second;
    };
    return command.add_option_function<std::string>("--format", take, "How an event is printed")
        ->check(CLI::IsMember(format_names));
}

}  // namespace audit_trail::cli
