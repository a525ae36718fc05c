// Tests P15: while a writer has the root, no line is returned that may still be cut back; afterwards, all whole lines are.
#include <fstream>

#include "follower/fixture.hpp"

namespace audit_trail::test::watermark_test {

using boost::test_tools::per_element;

BOOST_FIXTURE_TEST_SUITE(follower_watermark, follower_fixture)

BOOST_AUTO_TEST_CASE(p15_lines_that_are_cut_back_were_never_returned) {
    lock_holder const writer(root);
    add(1, 10);
    write_index(root, 10);
    auto trail = follow();
    BOOST_TEST(next_ids(trail, 10) == range(1, 10), per_element());
    for (std::uint64_t id = 11; id != 60; ++id) {
        auto const segment = root / "d" / (id % 2 == 0 ? "even" : "odd") / "audit-000001.jsonl";
        auto const committed = fs::file_size(segment);
        append_bytes(segment, line_of(make_event(id, "d", "never-committed")));
        append_bytes(segment, line_of(make_event(id, "d", id % 2 == 0 ? "even" : "odd")).substr(0, 20 + id));
        fs::resize_file(segment, committed);
        add(id, id);
        write_index(root, id);
        BOOST_TEST(next(trail).event.event_id == id);
    }
    BOOST_TEST(trail.report().total == 0u);
    BOOST_TEST(trail.report().lines == 59u);
}

BOOST_AUTO_TEST_CASE(p15_lines_above_the_mark_wait_for_it) {
    lock_holder const writer(root);
    add(1, 40);
    write_index(root, 10);
    auto trail = follow();
    BOOST_TEST(next_ids(trail, 10) == range(1, 10), per_element());
    bool called = false;
    trail.async_next([&](error_code ec, entry const& found) {
        BOOST_TEST(!ec);
        BOOST_TEST(found.event.event_id == 11u);
        called = true;
    });
    add(41, 50);
    context.poll();
    BOOST_TEST(!called);
    write_index(root, 11);
    run_until(context, [&] { return called; });
    for (std::uint64_t mark = 12; mark <= 50; ++mark) {
        write_index(root, mark);
        BOOST_TEST(next(trail).event.event_id == mark);
    }
    BOOST_TEST(trail.report().lines == 50u);
}

BOOST_AUTO_TEST_CASE(p15_a_batch_that_crosses_a_roll_is_read_to_its_end) {
    lock_holder const writer(root);
    add(1, "d", "c", 1);
    write_index(root, 1);
    auto trail = follow();
    BOOST_TEST(next(trail).event.event_id == 1u);
    // The next segment is created before the last lines are appended to this one.
    append_bytes(root / "d" / "c" / "audit-000002.jsonl", "");
    write_index(root, 1);
    add(2, "d", "c", 1);
    write_index(root, 2);
    BOOST_TEST(next(trail).event.event_id == 2u);
    add(3, "d", "c", 1);
    add(4, "d", "c", 2);
    write_index(root, 4);
    BOOST_TEST(next_ids(trail, 2) == range(3, 4), per_element());
    add(5, "d", "c", 2);
    write_index(root, 5);
    BOOST_TEST(next(trail).event.event_id == 5u);
}

BOOST_AUTO_TEST_CASE(p15_an_id_below_the_mark_that_no_segment_holds_is_a_gap) {
    lock_holder const writer(root);
    add(1, 3);
    write_index(root, 5);
    auto trail = follow();
    BOOST_TEST(next_ids(trail, 3) == range(1, 3), per_element());
    add(8, 8);
    write_index(root, 9);
    BOOST_TEST(next(trail).event.event_id == 8u);
    write_index(root, 12);
    add(13, 13);
    write_index(root, 13);
    BOOST_TEST(next(trail).event.event_id == 13u);
    BOOST_TEST(trail.report().missing_ids == 8u);
    BOOST_TEST(trail.report().total == 0u);
}

BOOST_AUTO_TEST_CASE(p15_gaps_are_counted_from_from_event_id_on) {
    lock_holder const writer(root);
    add(11, 12);
    write_index(root, 14);
    auto trail = follow({}, 10);
    BOOST_TEST(next_ids(trail, 2) == range(11, 12), per_element());
    add(15, 15);
    write_index(root, 15);
    BOOST_TEST(next(trail).event.event_id == 15u);
    BOOST_TEST(trail.report().missing_ids == 3u);
}

BOOST_AUTO_TEST_CASE(p15_a_filter_hides_gaps) {
    lock_holder const writer(root);
    event_filter filter;
    filter.categories = {"odd"};
    add(1, 10);
    write_index(root, 20);
    auto trail = follow(filter);
    BOOST_TEST(next_ids(trail, 5) == (std::vector<std::uint64_t>{1, 3, 5, 7, 9}), per_element());
    add(21, 21);
    write_index(root, 21);
    BOOST_TEST(next(trail).event.event_id == 21u);
    BOOST_TEST(trail.report().missing_ids == 0u);
}

BOOST_AUTO_TEST_CASE(p15_after_the_writer_has_gone_whole_lines_are_returned) {
    std::optional<lock_holder> writer(root);
    add(1, 10);
    append_bytes(root / "d" / "odd" / "audit-000001.jsonl", "{\"event_id\":11,");
    write_index(root, 4);
    auto trail = follow();
    BOOST_TEST(next_ids(trail, 4) == range(1, 4), per_element());
    writer.reset();
    BOOST_TEST(next_ids(trail, 6) == range(5, 10), per_element());
    BOOST_TEST(trail.report().total == 0u);
}

BOOST_AUTO_TEST_CASE(p15_writers_may_come_and_go) {
    auto trail = follow();
    std::uint64_t id = 0;
    for (int round = 0; round != 20; ++round) {
        {
            lock_holder const writer(root);
            add(id + 1, id + 2);
            write_index(root, id + 1);
            BOOST_TEST(next(trail).event.event_id == ++id);
            // The writer is killed before it commits the second event, and while it writes the third.
            append_bytes(root / "d" / "odd" / "audit-000001.jsonl", "{\"event_id\":");
        }
        BOOST_TEST(next(trail).event.event_id == ++id);
        lock_holder const next_writer(root);
        auto const segment = root / "d" / "odd" / "audit-000001.jsonl";
        fs::resize_file(segment, fs::file_size(segment) - 12);
        write_index(root, id);
        add(id + 1, id + 1);
        write_index(root, id + 1);
        BOOST_TEST(next(trail).event.event_id == ++id);
        add(id + 1, id + 1);
        write_index(root, id + 1);
        BOOST_TEST(next(trail).event.event_id == ++id);
    }
    BOOST_TEST(trail.report().total == 0u);
    BOOST_TEST(trail.report().missing_ids == 0u);
}

BOOST_AUTO_TEST_CASE(p15_a_replaced_index_file_is_noticed) {
    lock_holder const writer(root);
    add(1, 10);
    write_index(root, 4);
    auto trail = follow();
    BOOST_TEST(next_ids(trail, 4) == range(1, 4), per_element());
    write_index(root / "d", 7);
    fs::rename(root / "d" / "index.json", root / "index.json");
    BOOST_TEST(next_ids(trail, 3) == range(5, 7), per_element());
    fs::remove(root / "index.json");
    write_index(root, 10);
    BOOST_TEST(next_ids(trail, 3) == range(8, 10), per_element());
}

BOOST_AUTO_TEST_CASE(p15_damage_above_the_mark_is_reported_once_a_committed_line_follows) {
    lock_holder const writer(root);
    add(1, 2);
    write_index(root, 2);
    auto trail = follow();
    BOOST_TEST(next_ids(trail, 2) == range(1, 2), per_element());
    auto const offset = fs::file_size(root / "d" / "odd" / "audit-000001.jsonl");
    append_bytes(root / "d" / "odd" / "audit-000001.jsonl", "no event\n");
    add(4, 4);
    write_index(root, 4);
    BOOST_TEST(next(trail).event.event_id == 4u);
    BOOST_TEST(trail.report().total == 0u);
    add(5, 5);
    write_index(root, 5);
    BOOST_TEST(next(trail).event.event_id == 5u);
    auto const report = trail.report();
    BOOST_REQUIRE(report.findings.size() == 1u);
    BOOST_TEST(report.findings[0].offset == offset);
    BOOST_TEST(report.lines == 5u);
    BOOST_TEST(report.missing_ids == 1u);
}

BOOST_AUTO_TEST_CASE(p15_a_line_with_a_high_id_does_not_hide_the_lines_after_it) {
    lock_holder const writer(root);
    add(1, 4);
    add(4000, 4000);
    add(5, 6);
    write_index(root, 6);
    auto trail = follow();
    BOOST_TEST(next_ids(trail, 6) == range(1, 6), per_element());
    add(7, 8);
    write_index(root, 8);
    BOOST_TEST(next_ids(trail, 2) == range(7, 8), per_element());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace audit_trail::test::watermark_test
