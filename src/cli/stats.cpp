#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <audit_trail/trail_stats.hpp>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "commands.hpp"
#include "options.hpp"
#include "output.hpp"
#include "terminal.hpp"
#include "text.hpp"
#include "text_table.hpp"
#include "times.hpp"
#include "trail.hpp"

namespace audit_trail::cli {
namespace {

constexpr char stats_description[] =
    "Print how many events each category of the trail in ROOT has, and their ids and times";

constexpr char stats_notes[] =
    "--by counts the events of each user, operation or day instead; days begin at midnight UTC, or with --local at\n"
    "local midnight.\n"
    "Payloads are not checked, so damage in them goes unnoticed: verify finds it. Other damage is reported on standard\n"
    "error. While a writer has the trail, events above the id in index.json are not counted.\n"
    "Exit: 0 done, 1 damage or a failure, 2 wrong usage, 128 + N ended by signal N.";

/// Statistics with the names of what they count.
using stats_groups = std::map<std::string, event_stats>;

struct stats_arguments {
    std::string root;
    std::string by;  // empty: categories
    display_settings shown;
    std::string format = "table";
};

constexpr operation operations[] = {operation::create, operation::update, operation::remove};

std::uint64_t count_of(event_stats const& counted, operation done) {
    return counted.by_operation[static_cast<std::size_t>(done)];
}

// Tables for people

/// Prints a row for each group, and a row for the total.
template <typename MakeCells>
void append_table(std::string title, std::vector<table_column> columns, stats_groups const& groups,
                  event_stats const& total, display const& to, MakeCells make_cells, std::string& out) {
    columns.insert(columns.begin(), {.title = std::move(title), .can_shrink = true});
    text_table table(std::move(columns), to.width, to.has_colour);
    auto const add = [&](table_cell name, event_stats const& of) {
        text_table::row cells = make_cells(of);
        cells.insert(cells.begin(), std::move(name));
        table.add(std::move(cells), out);
    };
    for (auto const& [name, of_group] : groups) add({readable_name(name)}, of_group);
    add({"total", text_style::bold}, total);
    table.flush(out);
}

std::vector<table_column> const count_columns = {{.title = "EVENTS", .is_number = true},
                                                 {.title = "CREATE", .is_number = true},
                                                 {.title = "UPDATE", .is_number = true},
                                                 {.title = "DELETE", .is_number = true}};
std::vector<table_column> const range_columns = {{.title = "FIRST ID", .is_number = true},
                                                 {.title = "LAST ID", .is_number = true},
                                                 {.title = "FIRST TIME"},
                                                 {.title = "LAST TIME"}};

text_table::row counts_of(event_stats const& of) {
    text_table::row cells{{std::to_string(of.events)}};
    for (operation const done : operations) cells.push_back({std::to_string(count_of(of, done))});
    return cells;
}

text_table::row sizes_of(event_stats const& of) {
    text_table::row cells{{std::to_string(of.segments)}, {byte_count(of.bytes)}};
    std::ranges::move(counts_of(of), std::back_inserter(cells));
    return cells;
}

text_table::row ranges_of(event_stats const& of, time_zone zone) {
    if (of.events == 0) return {{"-"}, {"-"}, {"-"}, {"-"}};
    return {{std::to_string(of.first_event_id)},
            {std::to_string(of.last_event_id)},
            {to_text(of.first_timestamp, zone)},
            {to_text(of.last_timestamp, zone)}};
}

std::string to_tables(trail_stats const& shown, display const& to) {
    stats_groups categories;
    for (auto const& [name, of_category] : shown.categories) categories[name.first + '/' + name.second] = of_category;
    auto sizes =
        std::vector<table_column>{{.title = "SEGMENTS", .is_number = true}, {.title = "SIZE", .is_number = true}};
    sizes.insert(sizes.end(), count_columns.begin(), count_columns.end());
    auto const ranges = [&](event_stats const& of) { return ranges_of(of, to.zone); };
    std::string out;
    append_table("CATEGORY", std::move(sizes), categories, shown.total, to, sizes_of, out);
    out += '\n';
    append_table("CATEGORY", range_columns, categories, shown.total, to, ranges, out);
    out += shown.index_event_id ? "\nindex.json: last_event_id " + std::to_string(*shown.index_event_id) + "\n"
                                : "\nindex.json: absent, or not well-formed\n";
    out += shown.has_writer ? "writer: a process has the trail open\n" : "writer: none\n";
    return out;
}

// JSON for programs

json::object to_object(event_stats const& of) {
    json::object by_operation;
    for (operation const done : operations) by_operation[to_string(done)] = count_of(of, done);
    json::object object{{"segments", of.segments}, {"bytes", of.bytes}, {"events", of.events}};
    object["by_operation"] = std::move(by_operation);
    bool const has_events = of.events != 0;
    object["first_id"] = has_events ? json::value(of.first_event_id) : json::value();
    object["last_id"] = has_events ? json::value(of.last_event_id) : json::value();
    object["first_time"] = has_events ? json::value(of.first_timestamp) : json::value();
    object["last_time"] = has_events ? json::value(of.last_timestamp) : json::value();
    return object;
}

/// Prints one line: sizes in bytes, times in Unix seconds, null if there are no events.
std::string to_json_line(trail_stats const& shown) {
    json::array categories;
    for (auto const& [name, of_category] : shown.categories) {
        json::object object{{"domain", name.first}, {"category", name.second}};
        for (auto& member : to_object(of_category)) object[member.key()] = std::move(member.value());
        categories.push_back(std::move(object));
    }
    json::object object;
    object["categories"] = std::move(categories);
    object["total"] = to_object(shown.total);
    object["index_last_event_id"] = shown.index_event_id ? json::value(*shown.index_event_id) : json::value();
    object["has_writer"] = shown.has_writer;
    return json::serialize(object) + '\n';
}

// Groups

std::string group_of(event const& counted, std::string const& by, time_zone zone) {
    if (by == "user") return counted.logical_user_id;
    return by == "day" ? day_of(counted.timestamp, zone) : std::string(to_string(counted.operation));
}

void count(event const& counted, event_stats& in) {
    bool const is_first = in.events++ == 0;
    ++in.by_operation[static_cast<std::size_t>(counted.operation)];
    auto const id = counted.event_id;
    auto const time = counted.timestamp;
    in.first_event_id = is_first ? id : std::min(in.first_event_id, id);
    in.last_event_id = is_first ? id : std::max(in.last_event_id, id);
    in.first_timestamp = is_first ? time : std::min(in.first_timestamp, time);
    in.last_timestamp = is_first ? time : std::max(in.last_timestamp, time);
}

std::string to_table(std::string title, stats_groups const& groups, event_stats const& total, display const& to) {
    std::vector<table_column> columns = count_columns;
    columns.insert(columns.end(), range_columns.begin(), range_columns.end());
    auto const cells_of = [&](event_stats const& of) {
        text_table::row cells = counts_of(of);
        std::ranges::move(ranges_of(of, to.zone), std::back_inserter(cells));
        return cells;
    };
    std::ranges::transform(title, title.begin(), [](char c) { return static_cast<char>(c - 'a' + 'A'); });
    std::string out;
    append_table(std::move(title), std::move(columns), groups, total, to, cells_of, out);
    return out;
}

json::object without_sizes(json::object of) {
    of.stable_erase("segments");
    of.stable_erase("bytes");
    return of;
}

std::string to_json_line(std::string const& by, stats_groups const& groups, event_stats const& total) {
    json::array array;
    for (auto const& [name, of_group] : groups) {
        json::object object{{by, name}};
        for (auto& member : without_sizes(to_object(of_group))) object[member.key()] = std::move(member.value());
        array.push_back(std::move(object));
    }
    return json::serialize(json::object{{"groups", std::move(array)}, {"total", without_sizes(to_object(total))}}) +
           '\n';
}

/// Prints the statistics of groups. Returns the report of the reading, or nothing if the trail cannot be opened.
std::optional<read_report> print_groups(stats_arguments const& given, reader_options options, display const& to,
                                        output& out) {
    options.order = read_order::segment;
    options.with_payloads = false;
    auto source = open_reader(given.root, {}, options);
    if (!source) return std::nullopt;
    stats_groups groups;
    event_stats total;
    for (entry const& found : *source) {
        count(found.event, groups[group_of(found.event, given.by, to.zone)]);
        count(found.event, total);
    }
    out.add(given.format == "json" ? to_json_line(given.by, groups, total) : to_table(given.by, groups, total, to));
    return source->report();
}

/// Prints the statistics of categories. Returns the report of the reading, or nothing if the trail cannot be opened.
std::optional<read_report> print_categories(stats_arguments const& given, reader_options const& options,
                                            display const& to, output& out) {
    if (!is_trail(given.root)) return std::nullopt;
    error_code ec;
    trail_stats const stats = read_trail_stats(given.root, options, ec);
    if (ec) return report_failure(given.root, ec), std::nullopt;
    out.add(given.format == "json" ? to_json_line(stats) : to_tables(stats, to));
    return stats.report;
}

int run(stats_arguments const& given) {
    display const to = display_of(STDOUT_FILENO, given.shown);
    end_on_signals(to.has_colour);
    progress_line progress;
    reader_options const options = options_with(progress);
    output out;
    auto const report =
        given.by.empty() ? print_categories(given, options, to, out) : print_groups(given, options, to, out);
    progress.clear();
    if (!report) return exit_code::failed;
    bool const failed = is_failure(out.flush_fully());
    bool const met_damage = report_findings(given.root, *report);
    return failed || met_damage ? exit_code::failed : exit_code::done;
}

}  // namespace

void add_stats_command(CLI::App& program, std::function<int()>& chosen) {
    auto const given = std::make_shared<stats_arguments>();
    CLI::App* const command = program.add_subcommand("stats", stats_description);
    command->footer(stats_notes);
    command->add_option("ROOT", given->root, "The trail's directory")->required();
    command->add_option("--by", given->by, "Count the events of each user, operation or day")
        ->check(CLI::IsMember({"user", "operation", "day"}));
    command->add_option("--format", given->format, "For people, or for programs")
        ->check(CLI::IsMember({"table", "json"}))
        ->capture_default_str();
    add_display_options(*command, given->shown);
    command->callback([given, &chosen] { chosen = [given] { return run(*given); }; });
}

}  // namespace audit_trail::cli
