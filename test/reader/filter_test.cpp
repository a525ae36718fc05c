#include <algorithm>
#include <array>
#include <audit_trail/reader.hpp>
#include <boost/test/unit_test.hpp>
#include <cstdio>
#include <memory>
#include <set>

#include "reader/trail_files.hpp"

namespace audit_trail::test::filter_test {
namespace {

/// The catalog as a trail, created once.
struct catalog {
    temporary_directory directory;
    std::vector<event> events = catalog_events();

    catalog() {
        trail_builder builder(directory.path(), 65536);
        for (auto const& value : events) builder.add(value);
    }

    static catalog& get() {
        static catalog instance;
        return instance;
    }
};

template <typename Element, typename Value>
bool holds(std::vector<Element> const& wanted, Value const& value) {
    return wanted.empty() || std::find(wanted.begin(), wanted.end(), value) != wanted.end();
}

/// The filter, implemented as documented.
bool passes(event_filter const& filter, event const& value) {
    if (!holds(filter.domains, value.domain) || !holds(filter.categories, value.category)) return false;
    if (!holds(filter.model_names, value.model_name)) return false;
    if (!holds(filter.logical_user_ids, value.logical_user_id)) return false;
    if (!holds(filter.operations, value.operation)) return false;
    if (!filter.request_ids.empty() && !(value.request_id && holds(filter.request_ids, *value.request_id)))
        return false;
    if (filter.min_event_id && value.event_id < *filter.min_event_id) return false;
    if (filter.max_event_id && value.event_id > *filter.max_event_id) return false;
    if (filter.min_timestamp && value.timestamp < *filter.min_timestamp) return false;
    return !filter.max_timestamp || value.timestamp <= *filter.max_timestamp;
}

std::vector<std::uint64_t> expected_ids(event_filter const& filter) {
    std::vector<std::uint64_t> ids;
    for (auto const& value : catalog::get().events) {
        if (passes(filter, value)) ids.push_back(value.event_id);
    }
    return ids;
}

struct named_filter {
    std::string name;
    event_filter filter;
};

std::vector<named_filter> single_filters() {
    auto const& events = catalog::get().events;
    auto const with_request = std::ranges::find_if(events, [](event const& e) { return e.request_id.has_value(); });
    std::vector<named_filter> filters(11);
    filters[0] = {"all", {}};
    filters[1].name = "domain";
    filters[1].filter.domains = {"v2"};
    filters[2].name = "categories";
    filters[2].filter.categories = {"iso_639_3", "iso_15924"};
    filters[3].name = "model names";
    filters[3].filter.model_names = {events[0].model_name, events[3000].model_name, events[5999].model_name};
    filters[4].name = "users";
    filters[4].filter.logical_user_ids = {"u-304", "u-205", "u-13"};
    filters[5].name = "request id";
    filters[5].filter.request_ids = {with_request->request_id.value(), "none has this"};
    filters[6].name = "operations";
    filters[6].filter.operations = {operation::update, operation::remove};
    filters[7].name = "min id";
    filters[7].filter.min_event_id = 4321;
    filters[8].name = "max id";
    filters[8].filter.max_event_id = 1234;
    filters[9].name = "min time";
    filters[9].filter.min_timestamp = events[2500].timestamp;
    filters[10].name = "max time";
    filters[10].filter.max_timestamp = events[3500].timestamp;
    return filters;
}

event_filter combine(event_filter both, event_filter const& other) {
    auto const merge = [](auto& to, auto const& from) {
        if (to.empty()) to = from;
    };
    merge(both.domains, other.domains);
    merge(both.categories, other.categories);
    merge(both.model_names, other.model_names);
    merge(both.logical_user_ids, other.logical_user_ids);
    merge(both.request_ids, other.request_ids);
    merge(both.operations, other.operations);
    if (!both.min_event_id) both.min_event_id = other.min_event_id;
    if (!both.max_event_id) both.max_event_id = other.max_event_id;
    if (!both.min_timestamp) both.min_timestamp = other.min_timestamp;
    if (!both.max_timestamp) both.max_timestamp = other.max_timestamp;
    return both;
}

void check_filter(event_filter const& filter) {
    auto const expected = expected_ids(filter);
    auto const& root = catalog::get().directory.path();
    BOOST_TEST(read_ids(root, filter) == expected, boost::test_tools::per_element());
    auto by_segment = read_ids(root, filter, read_order::segment);
    std::ranges::sort(by_segment);
    BOOST_TEST(by_segment == expected, boost::test_tools::per_element());
    auto from_the_end = read_ids(root, filter, read_order::newest_first);
    std::ranges::reverse(from_the_end);
    BOOST_TEST(from_the_end == expected, boost::test_tools::per_element());
    reader counting(root, filter);
    BOOST_TEST(counting.count() == expected.size());
    BOOST_TEST(counting.count() == 0u);
}

std::string output_of(std::string const& command) {
    std::unique_ptr<FILE, int (*)(FILE*)> const pipe(::popen(command.c_str(), "r"), &::pclose);
    std::string output;
    std::array<char, 4096> chunk;
    while (auto const count = std::fread(chunk.data(), 1, chunk.size(), pipe.get())) output.append(chunk.data(), count);
    return output;
}

}  // namespace

BOOST_AUTO_TEST_CASE(p15_each_filter_alone_selects_its_events) {
    for (auto const& [name, filter] : single_filters()) {
        BOOST_TEST_CONTEXT(name) {
            BOOST_TEST(!expected_ids(filter).empty());
            check_filter(filter);
        }
    }
}

BOOST_AUTO_TEST_CASE(p15_combined_filters_select_their_events) {
    auto const filters = single_filters();
    std::size_t with_events = 0;
    for (auto const& one : filters) {
        for (auto const& other : filters) {
            auto const both = combine(one.filter, other.filter);
            BOOST_TEST_CONTEXT(one.name << " and " << other.name) {
                check_filter(both);
            }
            with_events += !expected_ids(both).empty();
        }
    }
    BOOST_TEST(with_events > filters.size() * 5);
}

BOOST_AUTO_TEST_CASE(p15_each_id_and_range_selects_its_events) {
    auto const& root = catalog::get().directory.path();
    for (std::uint64_t id = 1; id <= 6000; id += 97) {
        event_filter filter;
        filter.min_event_id = filter.max_event_id = id;
        BOOST_TEST(read_ids(root, filter) == range(id, id), boost::test_tools::per_element());
        filter.max_event_id = id + 50;
        BOOST_TEST(read_ids(root, filter) == range(id, std::min<std::uint64_t>(id + 50, 6000)),
                   boost::test_tools::per_element());
    }
    event_filter beyond;
    beyond.min_event_id = 6001;
    BOOST_TEST(read_ids(root, beyond).empty());
}

BOOST_AUTO_TEST_CASE(p15_an_entry_has_its_line_and_its_place) {
    auto const& root = catalog::get().directory.path();
    reader source(root);
    std::uint64_t id = 0;
    for (entry& found : source) {
        auto const& expected = catalog::get().events[id++];
        BOOST_TEST_REQUIRE(found.event.event_id == id);
        BOOST_TEST(!found.event.payload);
        BOOST_TEST(!found.decode_payload());
        BOOST_TEST(found.line + "\n" == line_of(expected));
        BOOST_TEST(line_of(found.event) == line_of(expected));
        BOOST_TEST(found.path.starts_with(expected.domain + "/" + expected.category + "/audit-0000"));

        std::ifstream file(root / found.path, std::ios::binary);
        file.seekg(static_cast<std::streamoff>(found.offset));
        std::string line;
        std::getline(file, line);
        BOOST_TEST(line == found.line);
    }
    BOOST_TEST(id == 6000u);
    BOOST_TEST(source.report().matched == 6000u);
    BOOST_TEST(source.report().lines == 6000u);
    BOOST_TEST(source.report().total == 0u);
    BOOST_TEST(source.report().missing_ids == 0u);
}

BOOST_AUTO_TEST_CASE(segment_order_follows_the_directories) {
    reader source(catalog::get().directory.path(), {}, read_order::segment);
    std::pair<std::string, std::uint64_t> last;
    std::set<std::string> paths;
    std::size_t count = 0;
    for (entry const& found : source) {
        std::pair<std::string, std::uint64_t> const place(found.path, found.offset);
        BOOST_TEST((last.first.empty() || last < place));
        last = place;
        paths.insert(found.path);
        ++count;
    }
    BOOST_TEST(count == 6000u);
    BOOST_TEST(paths.size() == 36u);
}

BOOST_AUTO_TEST_CASE(p15_python_reads_the_same) {
    if (output_of("python3 -c 'print(1)' 2>/dev/null") != "1\n") {
        BOOST_TEST_MESSAGE("skipped: python3 is not there");
        return;
    }
    auto const& root = catalog::get().directory.path();
    std::string const script =
        "import json,glob,sys\n"
        "events=[json.loads(l) for f in glob.glob(sys.argv[1]+\"/*/*/audit-*.jsonl\") for l in open(f)]\n"
        "for e in sorted(events,key=lambda e:e[\"event_id\"]):\n"
        "  if e[\"operation\"]==\"update\" and e[\"domain\"]==\"v2\" and 1000<=e[\"event_id\"]<=5000:\n"
        "    print(json.dumps(e,separators=(\",\",\":\")))\n";
    event_filter filter;
    filter.operations = {operation::update};
    filter.domains = {"v2"};
    filter.min_event_id = 1000;
    filter.max_event_id = 5000;
    std::string lines;
    reader source(root, filter);
    for (entry const& found : source) lines.append(found.line).append("\n");
    BOOST_TEST(!lines.empty());
    BOOST_TEST(lines == output_of("python3 -c '" + script + "' " + root.string()));
}

BOOST_AUTO_TEST_CASE(an_event_without_a_request_id_passes_no_request_id_filter) {
    temporary_directory directory;
    trail_builder builder(directory.path(), 1000);
    for (std::uint64_t id = 1; id <= 20; ++id) builder.add(make_event(id, "d", "c"));
    event_filter filter;
    filter.request_ids = {"", "r-4"};
    BOOST_TEST(read_ids(directory.path(), filter) == (std::vector<std::uint64_t>{4}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_absent_root_is_an_error) {
    temporary_directory directory;
    error_code ec;
    reader source(directory.path() / "absent", {}, reader_options(), ec);
    BOOST_TEST(ec == boost::system::errc::no_such_file_or_directory);
    BOOST_TEST(!source.next());
    BOOST_TEST(source.count() == 0u);
    BOOST_CHECK_THROW(reader(directory.path() / "absent"), boost::system::system_error);
    BOOST_TEST(!fs::exists(directory.path() / "absent"));
}

}  // namespace audit_trail::test::filter_test
