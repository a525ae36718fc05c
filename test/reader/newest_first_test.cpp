/// \file
/// Tests that the newest events are read from the ends of the segments, and with the findings of a forward read.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <iterator>
#include <random>
#include <set>
#include <string>
#include <tuple>

#include "reader/counted_reader.hpp"
#include "reader/damaged_trail.hpp"
#include "reader/writer_marks.hpp"

namespace audit_trail::test::newest_first_test {
namespace {

using boost::test_tools::per_element;

reader_options newest_first() {
    reader_options options;
    options.order = read_order::newest_first;
    return options;
}

std::vector<std::uint64_t> descending(std::uint64_t first, std::uint64_t last) {
    auto ids = range(last, first);
    std::ranges::reverse(ids);
    return ids;
}

/// Two categories with about fifty segments each.
struct many_segments {
    temporary_directory directory;
    fs::path const root = directory.path();

    many_segments() {
        trail_builder builder(root, 4000);
        for (std::uint64_t id = 1; id <= 2000; ++id) builder.add(make_event(id, "d", id % 3 == 0 ? "rare" : "common"));
        write_index(root, 2000);
    }
};

/// Which segments were opened, and how often bytes were read from segments.
struct segment_reads {
    std::set<std::string> paths;
    std::size_t reads = 0;

    explicit segment_reads(counted_reader const& reading) {
        for (auto const& [kind, path] : reading.files.calls()) {
            if (!path.ends_with(".jsonl")) continue;
            if (kind == call_kind::open_file) paths.insert(path);
            reads += kind == call_kind::read_at;
        }
    }
};

BOOST_AUTO_TEST_CASE(the_last_ten_events_are_read_from_the_last_segments_only) {
    many_segments const trail;
    auto const count = std::distance(fs::directory_iterator(trail.root / "d" / "common"), fs::directory_iterator());
    BOOST_TEST_REQUIRE(count > 40);
    lock_holder const writer(trail.root);  // otherwise the reader determines the highest id in all categories first
    counted_reader reading(trail.root);
    BOOST_TEST(reading.ids({}, newest_first(), 10) == descending(2000, 1991), per_element());
    segment_reads const made(reading);
    BOOST_TEST(made.paths.size() <= 4u);
    BOOST_TEST(made.reads <= 6u);

    reading.ids();
    BOOST_TEST(segment_reads(reading).paths.size() > 60u);
}

BOOST_AUTO_TEST_CASE(the_last_events_up_to_an_id_are_found_by_a_search) {
    many_segments const trail;
    lock_holder const writer(trail.root);
    counted_reader reading(trail.root);
    event_filter filter;
    for (std::uint64_t const id : {std::uint64_t{1}, std::uint64_t{700}, std::uint64_t{1999}}) {
        filter.max_event_id = id;
        auto const ids = reading.ids(filter, newest_first(), 5);
        BOOST_TEST(ids == descending(id, id > 5 ? id - 4 : 1), per_element());
        BOOST_TEST(segment_reads(reading).paths.size() < 30u);
    }
}

BOOST_AUTO_TEST_CASE(reading_ends_below_the_lowest_id) {
    many_segments const trail;
    lock_holder const writer(trail.root);
    counted_reader reading(trail.root);
    event_filter filter;
    filter.min_event_id = 1990;
    BOOST_TEST(reading.ids(filter, newest_first()) == descending(2000, 1990), per_element());
    BOOST_TEST(segment_reads(reading).paths.size() <= 6u);
}

BOOST_AUTO_TEST_CASE(segments_without_lines_hide_no_event_from_the_search) {
    damaged_trail trail;
    auto const name = [](std::uint64_t number) { return storage::segment_name(number); };
    for (std::uint64_t id = 1; id <= 100; ++id) trail.line(id);
    append_bytes(trail.category / name(2), "");
    append_bytes(trail.category / name(3), "damage\n");
    trail.line(101, name(4));
    for (std::uint64_t id = 102; id <= 200; ++id) trail.line(id, name(5));
    for (std::uint64_t id = 201; id <= 300; ++id) trail.line(id, name(6));
    for (std::uint64_t id = 1; id <= 300; ++id) {
        event_filter filter;
        filter.max_event_id = id;
        reader source(trail.root, filter, read_order::newest_first);
        BOOST_TEST(source.next().value().event.event_id == id);
    }
}

BOOST_AUTO_TEST_CASE(an_id_that_was_raised_hides_no_event_from_the_search) {
    damaged_trail trail;
    for (std::uint64_t id = 1; id <= 100; ++id) trail.line(id);
    trail.line(9000, storage::segment_name(2));
    for (std::uint64_t id = 102; id <= 200; ++id) trail.line(id, storage::segment_name(2));
    event_filter filter;
    filter.max_event_id = 150;
    BOOST_TEST(read_ids(trail.root, filter, read_order::newest_first).size() == 149u);
}

BOOST_AUTO_TEST_CASE(p15_lines_above_the_committed_id_are_neither_returned_nor_reported) {
    damaged_trail trail;
    trail.line(1);
    append_bytes(trail.segment, "damage\n");
    auto const committed = trail.size();
    trail.line(2);
    append_bytes(trail.segment, "damage\n");
    trail.line(3);
    trail.line(4, "audit-000002.jsonl");
    append_bytes(trail.category / "audit-000002.jsonl", "torn");
    write_index(trail.root, 2);
    lock_holder const writer(trail.root);
    reader source(trail.root, {}, read_order::newest_first);
    BOOST_TEST(ids_of(source) == descending(2, 1), per_element());
    BOOST_TEST_REQUIRE(source.report().findings.size() == 1u);
    BOOST_TEST(source.report().findings[0].reason == make_error_code(error::malformed_json));
    BOOST_TEST(source.report().findings[0].offset < committed);
    BOOST_TEST(source.report().missing_ids == 0u);
}

BOOST_AUTO_TEST_CASE(p15_damage_in_the_last_committed_line_is_reported) {
    damaged_trail trail;
    trail.line(1);
    auto const offset = trail.size();
    append_bytes(trail.segment, with_payload("{\"after\":{\"a\":}}", 2));
    trail.line(3);
    write_index(trail.root, 2);
    lock_holder const writer(trail.root);
    reader source(trail.root, {}, read_order::newest_first);
    BOOST_TEST(ids_of(source) == range(1, 1), per_element());
    BOOST_TEST_REQUIRE(source.report().findings.size() == 1u);
    BOOST_TEST(source.report().findings[0].offset == offset);
}

/// The sizes of loads are 4 KiB, 8 KiB and so on.
BOOST_AUTO_TEST_CASE(p15_lines_that_are_cut_back_during_the_reading_hide_no_committed_line) {
    for (std::size_t const read : {1, 2, 3}) {
        damaged_trail trail;
        trail.line(1);
        trail.line(2);
        auto const committed = trail.size();
        event uncommitted = make_event(3, "d", "c");
        uncommitted.payload->after->emplace("text", std::string(20'000, 'x'));
        append_bytes(trail.segment, line_of(uncommitted));
        write_index(trail.root, 2);
        lock_holder const writer(trail.root);
        counted_reader reading(trail.root);
        std::size_t reads = 0;
        reading.files.fail_when([&](auto const& call, std::size_t) {
            bool const is_of_segment = call.kind == call_kind::read_at && call.path.ends_with(".jsonl");
            if (is_of_segment && ++reads == read) fs::resize_file(trail.segment, committed);
            return faulty_file_system::fault{};
        });
        BOOST_TEST(reading.ids({}, newest_first()) == descending(2, 1), per_element());
        BOOST_TEST(reads >= read);
        BOOST_TEST(reading.report.total == 0u);
    }
}

BOOST_AUTO_TEST_CASE(missing_ids_are_counted_from_the_highest_id_on) {
    damaged_trail trail;
    for (std::uint64_t const id : {3, 4, 9}) trail.line(id);
    write_index(trail.root, 11);
    lock_holder const writer(trail.root);
    reader source(trail.root, {}, read_order::newest_first);
    BOOST_TEST(source.next().value().event.event_id == 9u);
    BOOST_TEST(source.report().missing_ids == 2u);
    ids_of(source);
    BOOST_TEST(source.report().missing_ids == 8u);
    BOOST_TEST(!source.next());
    BOOST_TEST(source.report().missing_ids == 8u);
}

/// Lines of all lengths around the sizes of loads, and one that is too long.
BOOST_AUTO_TEST_CASE(lines_of_any_length_are_found_backwards) {
    damaged_trail trail;
    std::uint64_t id = 0;
    for (std::size_t length = 1; length < 300'000; length += 1 + length / 3) {
        event long_event = make_event(++id, "d", "c");
        long_event.payload->after->emplace("text", std::string(length, 'x'));
        append_bytes(trail.segment, line_of(long_event));
    }
    for (std::size_t const bytes : {1, 5000, 1 << 25}) {
        auto options = newest_first();
        options.max_buffer_bytes = bytes;
        reader source(trail.root, {}, options);
        BOOST_TEST(ids_of(source) == descending(id, 1), per_element());
        BOOST_TEST(source.report().total == 0u);
        BOOST_TEST(source.report().bytes == trail.size());
        BOOST_TEST(source.report().lines == id);
    }
}

/// A category with random damage in up to three segments.
class random_category {
 public:
    explicit random_category(unsigned seed) : random_(seed) {
        for (auto const* const name : {"audit-000001.jsonl", "audit-000002.jsonl", "audit-000004.jsonl"}) {
            fs::path const file = trail_.category / name;
            append_bytes(file, "");
            for (auto lines = random_() % 12; lines != 0; --lines) append_bytes(file, next_line());
            if (random_() % 3 == 0) append_bytes(file, next_line().substr(0, random_() % 40));
        }
    }

    fs::path const& root() const { return trail_.root; }
    std::uint64_t last_id() const { return id_; }

 private:
    std::string next_line() {
        auto const ordinary = [&] { return line_of(make_event(++id_, "d", "c")); };
        switch (random_() % 16) {
            case 0:
                return "damage\n";
            case 1:
                return "\n";
            case 2:
                return line_of(make_event(1 + random_() % 30, "d", "c"));
            case 3:
                return line_of(make_event(++id_, "d", "other"));
            case 4:
                return with_payload("{\"after\":{\"a\":}}", ++id_);
            case 5:
                return ordinary().insert(20, 1, '\0');
            case 6:
                return std::string(random_() % 9000, 'x') + '\n';
            case 7:
                id_ += random_() % 4;
                [[fallthrough]];
            default:
                return ordinary();
        }
    }

    damaged_trail trail_;
    std::mt19937 random_;
    std::uint64_t id_ = 0;
};

using place = std::tuple<std::string, std::uint64_t, int>;

struct reading {
    std::vector<std::uint64_t> ids;
    std::multiset<place> findings;
    std::uint64_t lines;
    std::uint64_t bytes;
    std::uint64_t missing_ids;
};

reading read(fs::path const& root, read_order order) {
    reader_options options;
    options.order = order;
    options.max_line_bytes = 5000;
    reader source(root, {}, options);
    reading done;
    done.ids = ids_of(source);
    auto const& report = source.report();
    for (auto const& found : report.findings) done.findings.emplace(found.path, found.offset, found.reason.value());
    done.lines = report.lines;
    done.bytes = report.bytes;
    done.missing_ids = report.missing_ids;
    return done;
}

/// If ids are out of order, the missing ids depend on the direction.
void compare_directions(fs::path const& root) {
    auto const forwards = read(root, read_order::event_id);
    auto backwards = read(root, read_order::newest_first);
    std::ranges::reverse(backwards.ids);
    BOOST_TEST(backwards.ids == forwards.ids, per_element());
    BOOST_TEST((backwards.findings == forwards.findings));
    BOOST_TEST(backwards.lines == forwards.lines);
    BOOST_TEST(backwards.bytes == forwards.bytes);
    if (std::ranges::is_sorted(forwards.ids)) BOOST_TEST(backwards.missing_ids == forwards.missing_ids);
}

BOOST_AUTO_TEST_CASE(p15_both_directions_return_the_same_events_and_findings) {
    for (unsigned seed = 1; seed <= 150; ++seed) {
        random_category const made(seed);
        BOOST_TEST_CONTEXT("seed " << seed) {
            compare_directions(made.root());
            write_index(made.root(), made.last_id() / 2);
            lock_holder const writer(made.root());
            compare_directions(made.root());
        }
    }
}

}  // namespace
}  // namespace audit_trail::test::newest_first_test
