// Tests which events a follower returns while a trail grows, also in ways in which no writer would write it.
#include <audit_trail/reader.hpp>
#include <fstream>

#include "follower/fixture.hpp"

namespace audit_trail::test::follower_test {

using boost::test_tools::per_element;

namespace {

/// Returns the number of bytes of the first `lines` lines.
std::uint64_t offset_of_line(fs::path const& file, std::uint64_t lines) {
    std::ifstream in(file, std::ios::binary);
    std::uint64_t offset = 0;
    for (std::string line; lines != 0 && std::getline(in, line); --lines) offset += line.size() + 1;
    return offset;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(follower_events, follower_fixture)

BOOST_AUTO_TEST_CASE(returns_existing_events_as_the_reader_does) {
    for (auto const& value : catalog_events()) {
        if (value.event_id <= 600) trail_builder(root, 1 << 30).add(value);
    }
    auto trail = follow();
    reader source(root);
    for (entry const& expected : source) {
        entry found = next(trail);
        BOOST_REQUIRE(found.line == expected.line);
        BOOST_TEST(found.path == expected.path);
        BOOST_TEST(found.offset == expected.offset);
        BOOST_TEST(found.payload_offset == expected.payload_offset);
        BOOST_TEST(found.event.event_id == expected.event.event_id);
        BOOST_TEST(found.event.timestamp == expected.event.timestamp);
        BOOST_TEST(found.event.model_name == expected.event.model_name);
        BOOST_TEST((found.event.request_id == expected.event.request_id));
        BOOST_TEST(!found.event.payload);
        BOOST_TEST(!found.decode_payload());
    }
    BOOST_TEST(trail.report().total == source.report().total);
    BOOST_TEST(trail.report().matched == 600u);
    BOOST_TEST(trail.report().lines == 600u);
    BOOST_TEST(trail.report().bytes == source.report().bytes);
}

BOOST_AUTO_TEST_CASE(returns_new_events_of_all_categories_in_the_order_of_ids) {
    add(1, 10);
    auto trail = follow();
    BOOST_TEST(next_ids(trail, 10) == range(1, 10), per_element());
    for (std::uint64_t id = 11; id <= 40; ++id) {
        add(id, id);
        BOOST_TEST(next(trail).event.event_id == id);
    }
    add(41, 60);
    BOOST_TEST(next_ids(trail, 20) == range(41, 60), per_element());
    BOOST_TEST(trail.report().missing_ids == 0u);
    BOOST_TEST(trail.report().total == 0u);
}

BOOST_AUTO_TEST_CASE(new_segments_categories_and_domains_are_found) {
    auto trail = follow();
    std::uint64_t id = 0;
    for (std::string const domain : {"one", "two", "three"}) {
        for (std::string const category : {"a", "b"}) {
            for (std::uint64_t const segment : {1, 2, 3}) {
                add(++id, domain, category, segment);
                entry const found = next(trail);
                BOOST_TEST(found.event.event_id == id);
                BOOST_TEST(found.path == storage::segment_path(domain, category, segment));
                add(++id, domain, category, segment);
                BOOST_TEST(next(trail).event.event_id == id);
            }
        }
    }
    BOOST_TEST(trail.report().total == 0u);
}

BOOST_AUTO_TEST_CASE(segments_are_ordered_by_number_not_by_name) {
    add(1, "d", "c", 999'999);
    auto trail = follow();
    BOOST_TEST(next(trail).event.event_id == 1u);
    add(2, "d", "c", 1'000'000);
    BOOST_TEST(next(trail).event.event_id == 2u);
    BOOST_TEST(trail.report().total == 0u);
}

BOOST_AUTO_TEST_CASE(missing_segments_are_reported) {
    add(1, "d", "c", 1);
    auto trail = follow();
    BOOST_TEST(next(trail).event.event_id == 1u);
    add(2, "d", "c", 4);
    BOOST_TEST(next(trail).event.event_id == 2u);
    BOOST_TEST(trail.report().count_of(error::segment_missing) == 1u);
}

BOOST_AUTO_TEST_CASE(a_directory_that_is_moved_into_the_trail_is_read) {
    temporary_directory outside;
    append_bytes(outside.path() / "d" / "c" / "audit-000001.jsonl", line_of(make_event(2, "d", "c")));
    append_bytes(outside.path() / "e" / "audit-000001.jsonl", line_of(make_event(3, "d", "e")));
    add(1, "first", "c");
    auto trail = follow();
    BOOST_TEST(next(trail).event.event_id == 1u);
    fs::rename(outside.path() / "d", root / "d");
    BOOST_TEST(next(trail).event.event_id == 2u);
    fs::rename(outside.path() / "e", root / "d" / "e");
    BOOST_TEST(next(trail).event.event_id == 3u);
}

BOOST_AUTO_TEST_CASE(only_events_that_pass_the_filter_are_returned) {
    event_filter filter;
    filter.categories = {"odd", "late"};
    filter.logical_user_ids = {"u-1"};
    add(1, 10);
    auto trail = follow(filter);
    BOOST_TEST(next(trail).event.event_id == 1u);
    add(11, 20);
    add(21, "new", "late");
    add(26, "new", "other");
    add(31, "new", "late");
    BOOST_TEST(next_ids(trail, 3) == (std::vector<std::uint64_t>{11, 21, 31}), per_element());
    BOOST_TEST(trail.report().missing_ids == 0u);
}

BOOST_AUTO_TEST_CASE(begins_at_from_event_id) {
    add(1, 100);
    for (std::uint64_t const from : {1, 2, 50, 99, 100, 101}) {
        auto trail = follow({}, from);
        if (from <= 100) BOOST_TEST(next_ids(trail, 101 - from) == range(from, 100), per_element());
    }
    auto trail = follow({}, 101);
    add(101, 101);
    BOOST_TEST(next(trail).event.event_id == 101u);
    BOOST_TEST(trail.report().missing_ids == 0u);
}

BOOST_AUTO_TEST_CASE(begins_at_min_event_id_without_from_event_id) {
    event_filter filter;
    filter.min_event_id = 7;
    add(1, 10);
    auto trail = follow(filter, std::nullopt);
    BOOST_TEST(next_ids(trail, 4) == range(7, 10), per_element());
}

BOOST_AUTO_TEST_CASE(begins_with_new_events_without_an_id) {
    for (bool const is_locked : {false, true}) {
        temporary_directory own;
        test::add(own.path(), 1, 50);
        std::optional<lock_holder> writer;
        if (is_locked) writer.emplace(own.path());
        write_index(own.path(), 50);
        follower trail(context.get_executor(), own.path());
        std::optional<std::uint64_t> first;
        trail.async_next([&](error_code, entry const& found) { first = found.event.event_id; });
        std::uint64_t id = 50;
        // The test does not know when the trail is opened, so it appends events until the first is returned.
        while (!first) {
            ++id;
            test::add(own.path(), id, id);
            if (is_locked) write_index(own.path(), id);
            context.poll();
            context.restart();
        }
        BOOST_TEST(*first > 50u);
        for (auto expected = *first + 1; expected <= id; ++expected) {
            BOOST_TEST(next(trail).event.event_id == expected);
        }
        BOOST_TEST(trail.report().missing_ids == 0u);
    }
}

BOOST_AUTO_TEST_CASE(ends_after_max_event_id) {
    event_filter filter;
    filter.max_event_id = 12;
    add(1, 10);
    auto trail = follow(filter);
    BOOST_TEST(next_ids(trail, 10) == range(1, 10), per_element());
    add(11, 20);
    BOOST_TEST(next_ids(trail, 2) == range(11, 12), per_element());
    BOOST_TEST(next_error(trail) == asio::error::eof);
    BOOST_TEST(next_error(trail) == asio::error::eof);
}

BOOST_AUTO_TEST_CASE(ends_when_max_event_id_is_a_gap) {
    event_filter filter;
    filter.max_event_id = 12;
    lock_holder const writer(root);
    add(1, 10);
    write_index(root, 10);
    auto trail = follow(filter);
    BOOST_TEST(next_ids(trail, 10) == range(1, 10), per_element());
    add(15, 15);
    write_index(root, 15);
    BOOST_TEST(next_error(trail) == asio::error::eof);
    BOOST_TEST(trail.report().missing_ids == 2u);
}

// Damage.

BOOST_AUTO_TEST_CASE(p15_damage_is_reported_and_skipped) {
    auto const segment = root / "d" / "odd" / "audit-000001.jsonl";
    add(1, 2);
    auto trail = follow();
    BOOST_TEST(next_ids(trail, 2) == range(1, 2), per_element());
    auto const offset = fs::file_size(segment);
    append_bytes(segment, "no event\n");
    add(3, 4);
    BOOST_TEST(next_ids(trail, 2) == range(3, 4), per_element());
    auto const report = trail.report();
    BOOST_REQUIRE(report.findings.size() == 1u);
    BOOST_TEST(report.findings[0].path == "d/odd/audit-000001.jsonl");
    BOOST_TEST(report.findings[0].offset == offset);
    BOOST_TEST(report.findings[0].reason == error::not_an_object);
    BOOST_TEST(report.lines == 5u);
}

BOOST_AUTO_TEST_CASE(p15_damage_is_reported_as_long_as_findings_are_taken) {
    auto const segment = root / "d" / "odd" / "audit-000001.jsonl";
    add(1, 1);
    auto trail = follow();
    BOOST_TEST(next(trail).event.event_id == 1u);
    for (std::uint64_t round = 1; round <= 3; ++round) {
        auto const offset = fs::file_size(segment);
        for (int n = 0; n != 150; ++n) append_bytes(segment, "no event\n");
        add(1 + 2 * round, 1 + 2 * round);
        BOOST_TEST(next(trail).event.event_id == 1 + 2 * round);
        BOOST_TEST(trail.report().findings.size() == 100u);
        auto const findings = trail.take_findings();
        BOOST_REQUIRE(findings.size() == 100u);
        BOOST_TEST(findings.front().offset == offset);
        BOOST_TEST(findings.back().offset == offset + 99 * 9);
        BOOST_TEST(trail.report().findings.empty());
        BOOST_TEST(trail.report().count_of(error::not_an_object) == 150 * round);
    }
    BOOST_TEST(trail.take_findings().empty());
}

BOOST_AUTO_TEST_CASE(p15_a_line_that_is_appended_in_parts_is_returned_whole) {
    std::string const line = line_of(make_event(2, "d", "c"));
    add(1, "d", "c");
    auto trail = follow();
    BOOST_TEST(next(trail).event.event_id == 1u);
    std::optional<entry> found;
    trail.async_next([&](error_code, entry given) { found = std::move(given); });
    for (char const c : line) {
        BOOST_TEST(!found);
        append_bytes(root / "d" / "c" / "audit-000001.jsonl", std::string(1, c));
        context.poll();
        context.restart();
    }
    run_until(context, [&] { return found.has_value(); });
    BOOST_TEST(found->line + '\n' == line);
    BOOST_TEST(trail.report().total == 0u);
    BOOST_TEST(trail.report().lines == 2u);
}

BOOST_AUTO_TEST_CASE(p15_a_torn_line_is_damage_as_soon_as_the_next_segment_has_a_line) {
    add(1, "d", "c", 1);
    append_bytes(root / "d" / "c" / "audit-000001.jsonl", "{\"event_id\":2,");
    auto trail = follow();
    BOOST_TEST(next(trail).event.event_id == 1u);
    BOOST_TEST(trail.report().total == 0u);
    add(2, "d", "c", 2);
    BOOST_TEST(next(trail).event.event_id == 2u);
    BOOST_TEST(trail.report().count_of(error::torn_line) == 1u);
}

BOOST_AUTO_TEST_CASE(p15_a_segment_that_becomes_shorter_is_read_again) {
    auto const segment = root / "d" / "c" / "audit-000001.jsonl";
    auto trail = follow();
    std::uint64_t id = 0;
    std::uint64_t rounds = 0;
    // The number of lines that stay.
    for (std::uint64_t const kept : {0, 11, 20}) {
        for (std::uint64_t const last = id + 22; id != last;) add(++id, "d", "c");
        BOOST_TEST(next_ids(trail, 22) == range(id - 21, id), per_element());
        auto const size = offset_of_line(segment, kept);
        fs::resize_file(segment, size);
        add(++id, "d", "c");
        BOOST_TEST(next(trail).event.event_id == id);
        for (std::uint64_t const last = id + 80; id != last;) add(++id, "d", "c");
        BOOST_TEST(next_ids(trail, 80) == range(id - 79, id), per_element());
        BOOST_TEST(trail.report().total == ++rounds);
        auto const findings = trail.take_findings();
        BOOST_REQUIRE(findings.size() == 1u);
        BOOST_TEST(findings[0].path == "d/c/audit-000001.jsonl");
        BOOST_TEST(findings[0].offset >= size);
        BOOST_TEST(findings[0].reason == error::ids_missing);
        BOOST_TEST(findings[0].text.find("the segment became shorter") != std::string::npos);
    }
    BOOST_TEST(trail.report().missing_ids == 0u);
}

BOOST_AUTO_TEST_CASE(p15_a_writer_may_append_to_a_segment_that_became_shorter) {
    for (std::uint64_t id = 1; id <= 22; ++id) add(id, "d", "c");
    write_index(root, 22);
    auto trail = follow();
    BOOST_TEST(next_ids(trail, 22) == range(1, 22), per_element());
    fs::resize_file(root / "d" / "c" / "audit-000001.jsonl", 0);
    lock_holder const writer(root);
    for (std::uint64_t id = 23; id <= 103; ++id) {
        add(id, "d", "c");
        write_index(root, id);
        BOOST_TEST(next(trail).event.event_id == id);
    }
    BOOST_TEST(trail.report().total == 1u);
    BOOST_TEST(trail.report().count_of(error::ids_missing) == 1u);
}

BOOST_AUTO_TEST_CASE(returned_ids_never_decrease) {
    add(1, 6);
    add(5, "d", "even");
    add(7, "d", "even");
    auto trail = follow();
    BOOST_TEST(next_ids(trail, 7) == range(1, 7), per_element());
    BOOST_TEST(trail.report().matched == 7u);
    BOOST_TEST(trail.report().count_of(error::id_out_of_order) != 0u);
}

BOOST_AUTO_TEST_CASE(missing_ids_are_counted_and_not_waited_for) {
    add(3, 4);
    auto trail = follow();
    BOOST_TEST(next_ids(trail, 2) == range(3, 4), per_element());
    add(9, 10);
    BOOST_TEST(next_ids(trail, 2) == range(9, 10), per_element());
    BOOST_TEST(trail.report().missing_ids == 6u);
}

BOOST_AUTO_TEST_CASE(foreign_names_are_neither_categories_nor_segments) {
    add(1, 1);
    auto trail = follow();
    BOOST_TEST(next(trail).event.event_id == 1u);
    append_bytes(root / "d" / "odd" / "other.jsonl", line_of(make_event(2, "d", "odd")));
    fs::create_directory(root / "d" / "odd" / "audit-000009.jsonl");
    append_bytes(root / "d" / ".c" / "audit-000001.jsonl", line_of(make_event(2, "d", "c")));
    fs::create_directory_symlink(root / "d", root / "e");
    fs::create_directory_symlink(root / "d" / "odd", root / "d" / "f");
    add(3, 3);
    BOOST_TEST(next(trail).event.event_id == 3u);
}

// The root.

BOOST_AUTO_TEST_CASE(an_absent_root_is_an_error_until_it_is_created) {
    fs::remove(root);
    auto trail = follow();
    BOOST_TEST(next_error(trail) == boost::system::errc::no_such_file_or_directory);
    BOOST_TEST(next_error(trail) == boost::system::errc::no_such_file_or_directory);
    add(1, 3);
    BOOST_TEST(next_ids(trail, 3) == range(1, 3), per_element());
    BOOST_TEST(trail.report().missing_ids == 0u);
}

BOOST_AUTO_TEST_CASE(a_file_is_not_a_trail) {
    fs::remove(root);
    append_bytes(root, "text");
    auto trail = follow();
    BOOST_TEST(next_error(trail) == error::not_a_trail);
    fs::remove(root);
    fs::create_directory(root);
}

BOOST_AUTO_TEST_CASE(a_root_that_was_moved_away_is_an_error_and_its_successor_is_followed) {
    add(1, 3);
    auto trail = follow();
    BOOST_TEST(next_ids(trail, 3) == range(1, 3), per_element());
    temporary_directory elsewhere;
    fs::rename(root, elsewhere.path() / "root");
    BOOST_TEST(next_error(trail) == boost::system::errc::no_such_file_or_directory);
    add(3, 6);
    BOOST_TEST(next_ids(trail, 3) == range(4, 6), per_element());
}

BOOST_AUTO_TEST_CASE(deleted_directories_may_be_created_again) {
    add(1, "d", "a");
    add(2, "d", "b");
    auto trail = follow();
    BOOST_TEST(next_ids(trail, 2) == range(1, 2), per_element());
    for (std::uint64_t id = 3; id != 20; ++id) {
        fs::remove_all(root / "d" / "a");
        add(id, "d", id % 3 == 0 ? "b" : "a");
        BOOST_TEST(next(trail).event.event_id == id);
    }
    fs::remove_all(root / "d");
    add(20, "d", "a");
    BOOST_TEST(next(trail).event.event_id == 20u);
}

BOOST_AUTO_TEST_CASE(a_relative_root_does_not_follow_the_current_directory) {
    auto const before = fs::current_path();
    add(1, 1);
    fs::current_path(root);
    follower trail(context.get_executor(), ".", {}, 1);
    fs::current_path(before);
    BOOST_TEST(next(trail).event.event_id == 1u);
    add(2, 2);
    BOOST_TEST(next(trail).event.event_id == 2u);
}

BOOST_AUTO_TEST_CASE(a_root_may_be_reached_by_a_link) {
    temporary_directory elsewhere;
    fs::create_directory_symlink(root, elsewhere.path() / "link");
    follower trail(context.get_executor(), elsewhere.path() / "link", {}, 1);
    add(1, 2);
    BOOST_TEST(next_ids(trail, 2) == range(1, 2), per_element());
}

BOOST_AUTO_TEST_CASE(many_categories_need_few_files) {
    constexpr std::uint64_t categories = 1000;
    for (std::uint64_t id = 1; id <= categories; ++id) add(id, "d" + std::to_string(id % 3), "c" + std::to_string(id));
    auto trail = follow();
    BOOST_TEST(next_ids(trail, categories) == range(1, categories), per_element());
    auto const open_files = std::distance(fs::directory_iterator("/proc/self/fd"), fs::directory_iterator());
    BOOST_TEST(open_files < 100);
    for (std::uint64_t id = categories + 1; id <= 2 * categories; ++id) {
        add(id, "d" + std::to_string(id % 3), "c" + std::to_string(id - categories));
    }
    BOOST_TEST(next_ids(trail, categories) == range(categories + 1, 2 * categories), per_element());
}

BOOST_AUTO_TEST_CASE(a_slow_follower_misses_nothing) {
    constexpr std::uint64_t count = 30'000;
    add(1, 1);
    auto trail = follow();
    BOOST_TEST(next(trail).event.event_id == 1u);
    std::string lines;
    // More lines than are read ahead, and more changes than the system keeps.
    for (std::uint64_t id = 2; id <= count; ++id) {
        append_bytes(root / "d" / "c" / "audit-000001.jsonl", line_of(make_event(id, "d", "c")));
    }
    BOOST_TEST(next_ids(trail, count - 1) == range(2, count), per_element());
    BOOST_TEST(trail.report().missing_ids == 0u);
    BOOST_TEST(trail.report().total == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace audit_trail::test::follower_test
