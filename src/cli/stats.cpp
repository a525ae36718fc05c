#include <unistd.h>

#include <CLI/CLI.hpp>
#include <audit_trail/trail_stats.hpp>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "commands.hpp"
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
    "Payloads are not checked, so damage in them goes unnoticed: verify finds it. Other damage is reported on standard\n"
    "error. While a writer has the trail, events above the id in index.json are not counted.\n"
    "Exit: 0 done, 1 damage or a failure, 2 wrong usage, 128 + N ended by signal N.";

struct stats_arguments {
    std::string root;
    std::string format = "table";
};

constexpr operation operations[] = {operation::create, operation::update, operation::remove};

std::uint64_t count_of(event_stats const& counted, operation done) {
    return counted.by_operation[static_cast<std::size_t>(done)];
}

// Tables for people

/// Prints a row for each category, and a row for the total.
template <typename MakeCells>
void append_table(std::vector<table_column> columns, trail_stats const& shown, display const& to, MakeCells make_cells,
                  std::string& out) {
    columns.insert(columns.begin(), {.title = "CATEGORY", .can_shrink = true});
    text_table table(std::move(columns), to.width, to.has_colour);
    auto const add = [&](table_cell name, event_stats const& of) {
        text_table::row cells = make_cells(of);
        cells.insert(cells.begin(), std::move(name));
        table.add(std::move(cells), out);
    };
    for (auto const& [name, of_category] : shown.categories) add({name.first + '/' + name.second}, of_category);
    add({"total", text_style::bold}, shown.total);
    table.flush(out);
}

text_table::row sizes_of(event_stats const& of) {
    text_table::row cells{{std::to_string(of.segments)}, {byte_count(of.bytes)}, {std::to_string(of.events)}};
    for (operation const done : operations) cells.push_back({std::to_string(count_of(of, done))});
    return cells;
}

text_table::row ranges_of(event_stats const& of) {
    if (of.events == 0) return {{"-"}, {"-"}, {"-"}, {"-"}};
    return {{std::to_string(of.first_event_id)},
            {std::to_string(of.last_event_id)},
            {utc_time(of.first_timestamp)},
            {utc_time(of.last_timestamp)}};
}

std::string to_tables(trail_stats const& shown, display const& to) {
    std::string out;
    append_table({{.title = "SEGMENTS", .is_number = true},
                  {.title = "SIZE", .is_number = true},
                  {.title = "EVENTS", .is_number = true},
                  {.title = "CREATE", .is_number = true},
                  {.title = "UPDATE", .is_number = true},
                  {.title = "DELETE", .is_number = true}},
                 shown, to, sizes_of, out);
    out += '\n';
    append_table({{.title = "FIRST ID", .is_number = true},
                  {.title = "LAST ID", .is_number = true},
                  {.title = "FIRST TIME"},
                  {.title = "LAST TIME"}},
                 shown, to, ranges_of, out);
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

int run(stats_arguments const& given) {
    display const to = display_of(STDOUT_FILENO);
    end_on_signals(to.has_colour);
    if (!is_trail(given.root)) return exit_code::failed;
    progress_line progress;
    reader_options options;
    options.max_findings = shown_findings;
    options.on_progress = [&progress](read_report const& so_far) { progress.show(so_far); };
    error_code ec;
    trail_stats const stats = read_trail_stats(given.root, options, ec);
    progress.clear();
    if (ec) return report_failure(given.root, ec), exit_code::failed;

    output out;
    out.add(given.format == "json" ? to_json_line(stats) : to_tables(stats, to));
    bool const failed = is_failure(out.flush_fully());
    bool const met_damage = report_findings(given.root, stats.report);
    return failed || met_damage ? exit_code::failed : exit_code::done;
}

}  // namespace

void add_stats_command(CLI::App& program, std::function<int()>& chosen) {
    auto const given = std::make_shared<stats_arguments>();
    CLI::App* const command = program.add_subcommand("stats", stats_description);
    command->footer(stats_notes);
    command->add_option("ROOT", given->root, "The trail's directory")->required();
    command->add_option("--format", given->format, "For people, or for programs")
        ->check(CLI::IsMember({"table", "json"}))
        ->capture_default_str();
    command->callback([given, &chosen] { chosen = [given] { return run(*given); }; });
}

}  // namespace audit_trail::cli
