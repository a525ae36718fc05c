#include "cli/stats_text.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <vector>

#include "cli/byte_count.hpp"
#include "cli/operation_name.hpp"
#include "cli/text_table.hpp"
#include "cli/time_text.hpp"

namespace audit_trail::cli {
namespace {

constexpr operation operations[] = {operation::create, operation::update, operation::remove};

std::uint64_t count_of(event_statistics const& counted, operation done) {
    return counted.by_operation[static_cast<std::size_t>(done)];
}

/// A row for each category, and one for the total.
template <typename MakeCells>
void append_table(std::vector<table_column> columns, trail_statistics const& shown, display const& to,
                  MakeCells make_cells, std::string& out) {
    columns.insert(columns.begin(), {.title = "CATEGORY", .can_shrink = true});
    text_table table(std::move(columns), to.width, to.has_colour);
    auto const add = [&](table_cell name, event_statistics const& of) {
        text_table::row cells = make_cells(of);
        cells.insert(cells.begin(), std::move(name));
        table.add(std::move(cells), out);
    };
    for (auto const& [name, of_category] : shown.categories) add({name.first + '/' + name.second}, of_category);
    add({"total", text_style::bold}, shown.total);
    table.flush(out);
}

text_table::row sizes_of(event_statistics const& of) {
    text_table::row cells{{std::to_string(of.segments)}, {byte_count(of.bytes)}, {std::to_string(of.events)}};
    for (operation const done : operations) cells.push_back({std::to_string(count_of(of, done))});
    return cells;
}

text_table::row ranges_of(event_statistics const& of) {
    if (of.events == 0) return {{"-"}, {"-"}, {"-"}, {"-"}};
    return {{std::to_string(of.first_id)},
            {std::to_string(of.last_id)},
            {utc_time(of.first_time)},
            {utc_time(of.last_time)}};
}

json::object to_object(event_statistics const& of) {
    json::object by_operation;
    for (operation const done : operations) by_operation[name_of(done)] = count_of(of, done);
    json::object object{{"segments", of.segments}, {"bytes", of.bytes}, {"events", of.events}};
    object["by_operation"] = std::move(by_operation);
    bool const has_events = of.events != 0;
    object["first_id"] = has_events ? json::value(of.first_id) : json::value();
    object["last_id"] = has_events ? json::value(of.last_id) : json::value();
    object["first_time"] = has_events ? json::value(of.first_time) : json::value();
    object["last_time"] = has_events ? json::value(of.last_time) : json::value();
    return object;
}

}  // namespace

std::string to_tables(trail_statistics const& shown, display const& to) {
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
    out += shown.index_id ? "\nindex.json: last_event_id " + std::to_string(*shown.index_id) + "\n"
                          : "\nindex.json: absent, or not well-formed\n";
    out += shown.has_writer ? "writer: a process has the trail open\n" : "writer: none\n";
    return out;
}

std::string to_json(trail_statistics const& shown) {
    json::array categories;
    for (auto const& [name, of_category] : shown.categories) {
        json::object object{{"domain", name.first}, {"category", name.second}};
        for (auto& member : to_object(of_category)) object[member.key()] = std::move(member.value());
        categories.push_back(std::move(object));
    }
    json::object object;
    object["categories"] = std::move(categories);
    object["total"] = to_object(shown.total);
    object["index_last_event_id"] = shown.index_id ? json::value(*shown.index_id) : json::value();
    object["has_writer"] = shown.has_writer;
    return json::serialize(object) + '\n';
}

}  // namespace audit_trail::cli
