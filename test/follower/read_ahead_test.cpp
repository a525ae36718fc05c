// Tests read_ahead and tail_session without a thread, so that the test decides when they read.
#include <boost/asio/error.hpp>

#include "follower/fixture.hpp"
#include "follower/read_ahead.hpp"
#include "storage/faulty_file_system.hpp"

namespace audit_trail::test::read_ahead_test {

using boost::test_tools::per_element;

namespace {

struct parts_fixture : follower_fixture {
    std::atomic<bool> stop = false;

    reading::read_ahead make(std::optional<std::uint64_t> from_event_id = 1) {
        return reading::read_ahead(storage::posix_file_system(), root, {}, from_event_id, stop);
    }

    /// Returns the ids of all lines that are available now.
    std::vector<std::uint64_t> read(reading::read_ahead& trail, error_code expected = {}) {
        std::vector<std::uint64_t> ids;
        bool more = true;
        while (more) {
            reading::line_block block;
            error_code ec;
            more = trail.read(block, ec);
            if (!more) BOOST_TEST(ec == expected);
            for (std::size_t n = 0; n != block.size(); ++n) ids.push_back(block.at(n).event.event_id);
        }
        return ids;
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(read_ahead, parts_fixture)

BOOST_AUTO_TEST_CASE(p15_no_id_above_the_mark_is_returned) {
    lock_holder const writer(root);
    write_index(root, 10);
    add(1, 20);
    auto trail = make();
    BOOST_TEST(read(trail) == range(1, 10), per_element());
    BOOST_TEST(read(trail).empty());
    add(21, 30);
    BOOST_TEST(read(trail).empty());
    write_index(root, 15);
    BOOST_TEST(read(trail) == range(11, 15), per_element());
    write_index(root, 30);
    BOOST_TEST(read(trail) == range(16, 30), per_element());
    BOOST_TEST(trail.report().lines == 30u);
}

BOOST_AUTO_TEST_CASE(p15_ids_up_to_the_mark_are_not_waited_for) {
    lock_holder const writer(root);
    write_index(root, 10);
    auto trail = make();
    BOOST_TEST(read(trail).empty());
    BOOST_TEST(trail.report().missing_ids == 10u);
    write_index(root, 12);
    BOOST_TEST(read(trail).empty());
    BOOST_TEST(trail.report().missing_ids == 12u);
    add(13, 14);
    write_index(root, 14);
    BOOST_TEST(read(trail) == range(13, 14), per_element());
}

BOOST_AUTO_TEST_CASE(p15_the_mark_of_a_new_writer_limits_the_ids_again) {
    add(1, 4);
    auto trail = make();
    BOOST_TEST(read(trail) == range(1, 4), per_element());
    lock_holder const writer(root);
    write_index(root, 4);
    add(5, 8);
    BOOST_TEST(read(trail).empty());
    write_index(root, 7);
    BOOST_TEST(read(trail) == range(5, 7), per_element());
}

BOOST_AUTO_TEST_CASE(p15_a_writer_that_opens_the_root_during_a_read_is_noticed_before_the_next_segment) {
    constexpr std::uint64_t count = 2000;  // more than a block
    for (std::uint64_t id = 1; id <= count; ++id) add(id, "d", "c", 1);
    write_index(root, count);
    auto trail = make();
    reading::line_block first;
    error_code ec;
    BOOST_TEST(trail.read(first, ec));
    lock_holder const writer(root);
    add(count + 1, "d", "c", 2);
    auto const rest = read(trail);
    BOOST_TEST((rest == range(first.size() + 1, count)));
    BOOST_TEST(read(trail).empty());
    write_index(root, count + 1);
    BOOST_TEST(read(trail) == range(count + 1, count + 1), per_element());
}

BOOST_AUTO_TEST_CASE(an_overflow_of_the_inotify_queue_loses_nothing) {
    add(1, 2);
    auto trail = make();
    BOOST_TEST(read(trail) == range(1, 2), per_element());
    // The system merges consecutive changes of one file, but not these; by default it keeps 16384.
    constexpr std::uint64_t count = 20'000;
    add(3, count);
    append_bytes(root / "new" / "c" / "audit-000001.jsonl", line_of(make_event(count + 1, "new", "c")));
    BOOST_TEST((read(trail) == range(3, count + 1)));
    BOOST_TEST(trail.report().missing_ids == 0u);
    add(count + 2, count + 3);
    BOOST_TEST(read(trail) == range(count + 2, count + 3), per_element());
}

BOOST_AUTO_TEST_CASE(segments_may_be_deleted_after_they_were_read) {
    add(1, "d", "c", 1);
    add(2, "d", "c", 2);
    auto trail = make();
    BOOST_TEST(read(trail) == range(1, 2), per_element());
    fs::remove(root / storage::segment_path("d", "c", 1));
    add(3, "d", "c", 2);
    BOOST_TEST(read(trail) == range(3, 3), per_element());
    // A writer whose current segment is deleted continues in the next.
    fs::remove(root / storage::segment_path("d", "c", 2));
    add(4, "d", "c", 3);
    BOOST_TEST(read(trail) == range(4, 4), per_element());
    add(5, "d", "c", 3);
    BOOST_TEST(read(trail) == range(5, 5), per_element());
}

BOOST_AUTO_TEST_CASE(a_segment_may_be_cut_short_after_it_was_read) {
    add(1, "d", "c", 1);
    add(2, "d", "c", 1);
    auto trail = make();
    BOOST_TEST(read(trail) == range(1, 2), per_element());
    fs::resize_file(root / storage::segment_path("d", "c", 1), 10);
    BOOST_TEST(read(trail).empty());
    add(3, "d", "c", 2);
    BOOST_TEST(read(trail) == range(3, 3), per_element());
}

BOOST_AUTO_TEST_CASE(p15_commits_in_other_categories_do_not_read_or_count_damage_again) {
    constexpr std::uint64_t damaged = 2000;
    std::string const segment = storage::segment_path("d", "odd", 1);
    lock_holder const writer(root);
    add(1, 2);
    for (std::uint64_t n = 0; n != damaged; ++n) append_bytes(root / segment, "no event\n");
    write_index(root, 2);
    faulty_file_system system;
    reading::read_ahead trail(system, root, {}, 1, stop);
    BOOST_TEST(read(trail) == range(1, 2), per_element());
    system.forget_calls();
    for (std::uint64_t id = 3; id != 20; ++id) {
        add(id, "d", "even");
        write_index(root, id);
        BOOST_TEST(read(trail) == range(id, id), per_element());
    }
    BOOST_TEST(std::ranges::count(system.calls(), segment, &faulty_file_system::call::path) == 0);
    add(20, "d", "odd");
    BOOST_TEST(read(trail).empty());
    BOOST_TEST(trail.report().total == 0u);
    write_index(root, 20);
    BOOST_TEST(read(trail) == range(20, 20), per_element());
    BOOST_TEST(trail.report().count_of(error::not_an_object) == damaged);
    BOOST_TEST(trail.report().total == damaged);
}

BOOST_AUTO_TEST_CASE(p15_damage_at_the_end_of_a_segment_is_reported_after_the_writer_has_gone) {
    std::optional<lock_holder> writer(root);
    add(1, 2);
    append_bytes(root / storage::segment_path("d", "odd", 1), "no event\n");
    write_index(root, 2);
    auto trail = make();
    BOOST_TEST(read(trail) == range(1, 2), per_element());
    BOOST_TEST(trail.report().total == 0u);
    writer.reset();
    append_bytes(root / ".lock", "");
    BOOST_TEST(read(trail).empty());
    BOOST_TEST(trail.report().count_of(error::not_an_object) == 1u);
}

BOOST_AUTO_TEST_CASE(p15_a_segment_that_cannot_be_opened_is_reported_once) {
    std::string const segment = storage::segment_path("d", "c", 2);
    add(1, "d", "c", 1);
    add(2, "d", "c", 2);
    faulty_file_system system;
    system.fail_when([&](faulty_file_system::call const& made, std::size_t) {
        bool const hit = made.kind == call_kind::open_file && made.path == segment;
        return faulty_file_system::fault{hit ? EACCES : 0};
    });
    reading::read_ahead trail(system, root, {}, 1, stop);
    BOOST_TEST(read(trail) == range(1, 1), per_element());
    for (std::uint64_t id = 3; id != 10; ++id) {
        add(id, "d", "c", 2);
        BOOST_TEST(read(trail).empty());
    }
    BOOST_TEST(trail.report().total == 1u);
}

BOOST_AUTO_TEST_CASE(p15_an_id_above_the_ids_of_the_next_lines_is_reported_and_skipped) {
    for (bool const is_locked : {false, true}) {
        for (std::uint64_t const implausible : {500ull, 5'000'000'000ull, ~0ull}) {
            temporary_directory own;
            std::optional<lock_holder> writer;
            if (is_locked) writer.emplace(own.path());
            test::add(own.path(), 1, 10);
            append_bytes(own.path() / storage::segment_path("d", "odd", 1),
                         line_of(make_event(implausible, "d", "odd")));
            test::add(own.path(), 12, 1000);
            write_index(own.path(), 1000);
            reading::read_ahead trail(storage::posix_file_system(), own.path(), {}, 1, stop);
            auto expected = range(1, 1000);
            std::erase(expected, 11);
            BOOST_TEST((read(trail) == expected));
            BOOST_TEST(trail.report().count_of(error::id_out_of_order) == 1u);
            BOOST_TEST(trail.report().missing_ids == 1u);
        }
    }
}

BOOST_AUTO_TEST_CASE(p15_an_id_below_its_neighbours_does_not_end_another_category) {
    test::add(root, 1, 10);
    append_bytes(root / storage::segment_path("d", "odd", 1), line_of(make_event(4, "d", "odd")));
    test::add(root, 11, 1000);
    auto trail = make();
    BOOST_TEST((read(trail) == range(1, 1000)));
    BOOST_TEST(trail.report().count_of(error::id_out_of_order) != 0u);
}

BOOST_AUTO_TEST_CASE(p15_an_id_that_no_writer_assigns_is_skipped_at_the_end_of_a_category) {
    add(1, 4);
    append_bytes(root / storage::segment_path("d", "odd", 1), line_of(make_event(~0ull, "d", "odd")));
    auto trail = make();
    BOOST_TEST(read(trail) == range(1, 4), per_element());
    BOOST_TEST(trail.report().count_of(error::id_out_of_order) == 1u);
    add(5, 8);
    BOOST_TEST(read(trail) == range(5, 8), per_element());
}

BOOST_AUTO_TEST_CASE(the_end_of_a_range_is_not_an_implausible_id) {
    event_filter filter;
    filter.max_event_id = 100;
    test::add(root, 1, 10);
    append_bytes(root / storage::segment_path("d", "odd", 1), line_of(make_event(5000, "d", "odd")));
    test::add(root, 12, 120);
    reading::read_ahead trail(storage::posix_file_system(), root, filter, 1, stop);
    auto expected = range(1, 100);
    std::erase(expected, 11);
    BOOST_TEST(read(trail, asio::error::eof) == expected, per_element());
}

BOOST_AUTO_TEST_CASE(a_directory_with_only_foreign_files_is_not_a_trail) {
    append_bytes(root / "a" / "b" / "file.conf", "text");
    auto trail = make();
    BOOST_TEST(read(trail, error::not_a_trail).empty());
    add(1, 2);
    BOOST_TEST(read(trail) == range(1, 2), per_element());
}

BOOST_AUTO_TEST_CASE(a_root_that_may_become_a_trail_is_followed) {
    fs::create_directories(root / "lost+found");
    fs::create_directories(root / "d" / "odd");
    auto trail = make();
    BOOST_TEST(read(trail).empty());
    add(1, 2);
    BOOST_TEST(read(trail) == range(1, 2), per_element());
}

BOOST_AUTO_TEST_CASE(a_root_with_a_file_of_a_writer_and_foreign_files_is_followed) {
    for (std::string const own : {"index.json", ".lock", ".recovery.jsonl"}) {
        temporary_directory directory;
        append_bytes(directory.path() / own, "");
        append_bytes(directory.path() / "README", "text");
        reading::read_ahead trail(storage::posix_file_system(), directory.path(), {}, 1, stop);
        BOOST_TEST(read(trail).empty());
        test::add(directory.path(), 1, 2);
        BOOST_TEST(read(trail) == range(1, 2), per_element());
    }
}

BOOST_AUTO_TEST_CASE(a_parent_of_the_root_may_be_renamed) {
    temporary_directory elsewhere;
    fs::create_directories(elsewhere.path() / "parent" / "root");
    auto const before = elsewhere.path() / "parent" / "root";
    auto const after = elsewhere.path() / "renamed" / "root";
    test::add(before, 1, 2);
    reading::read_ahead trail(storage::posix_file_system(), before, {}, 1, stop);
    BOOST_TEST(read(trail) == range(1, 2), per_element());
    fs::rename(elsewhere.path() / "parent", elsewhere.path() / "renamed");
    append_bytes(after / storage::segment_path("d", "new", 1), line_of(make_event(3, "d", "new")));
    append_bytes(after / storage::segment_path("new", "c", 1), line_of(make_event(4, "new", "c")));
    BOOST_TEST(read(trail) == range(3, 4), per_element());
    append_bytes(after / storage::segment_path("d", "new", 1), line_of(make_event(5, "d", "new")));
    BOOST_TEST(read(trail) == range(5, 5), per_element());
}

BOOST_AUTO_TEST_CASE(a_link_to_the_root_may_be_redirected) {
    temporary_directory elsewhere;
    auto const link = elsewhere.path() / "link";
    fs::create_directory(elsewhere.path() / "other");
    fs::create_directory_symlink(root, link);
    add(1, 2);
    reading::read_ahead trail(storage::posix_file_system(), link, {}, 1, stop);
    BOOST_TEST(read(trail) == range(1, 2), per_element());
    fs::remove(link);
    fs::create_directory_symlink(elsewhere.path() / "other", link);
    add(3, "new", "c");
    BOOST_TEST(read(trail) == range(3, 3), per_element());
}

BOOST_AUTO_TEST_CASE(a_deleted_empty_root_is_an_error_and_its_successor_is_followed) {
    auto trail = make();
    BOOST_TEST(read(trail).empty());
    fs::remove(root);
    BOOST_TEST(read(trail, {ENOENT, boost::system::system_category()}).empty());
    add(1, 2);
    BOOST_TEST(read(trail) == range(1, 2), per_element());
}

BOOST_AUTO_TEST_CASE(the_successor_of_a_replaced_empty_root_is_followed) {
    temporary_directory elsewhere;
    test::add(elsewhere.path() / "successor", 1, 2);
    auto trail = make();
    BOOST_TEST(read(trail).empty());
    fs::rename(elsewhere.path() / "successor", root);
    BOOST_TEST(read(trail) == range(1, 2), per_element());
}

BOOST_AUTO_TEST_CASE(with_a_writer_new_events_begin_after_the_mark) {
    lock_holder const writer(root);
    add(1, 20);
    write_index(root, 10);
    auto trail = make(std::nullopt);
    BOOST_TEST(read(trail).empty());
    write_index(root, 20);
    BOOST_TEST(read(trail) == range(11, 20), per_element());
    BOOST_TEST(trail.report().missing_ids == 0u);
}

BOOST_AUTO_TEST_CASE(without_a_writer_new_events_begin_after_the_last_whole_line) {
    add(1, 20);
    write_index(root, 10);
    append_bytes(root / "d" / "odd" / "audit-000001.jsonl", "{\"event_id\":21,");
    auto trail = make(std::nullopt);
    BOOST_TEST(read(trail).empty());
    std::string const line = line_of(make_event(21, "d", "odd"));
    append_bytes(root / "d" / "odd" / "audit-000001.jsonl", line.substr(15));
    add(22, 22);
    BOOST_TEST(read(trail) == range(21, 22), per_element());
    BOOST_TEST(trail.report().missing_ids == 0u);
}

// The system reports that the file of a killed writer was closed slightly before it releases the lock.
BOOST_AUTO_TEST_CASE(after_the_lock_file_was_closed_the_lock_is_checked_several_times) {
    lock_holder const writer(root);
    add(1, 2);
    write_index(root, 1);
    auto trail = make();
    BOOST_TEST(read(trail) == range(1, 1), per_element());
    BOOST_TEST(trail.patience().count() == 0);
    append_bytes(root / ".lock", "");
    BOOST_TEST(read(trail).empty());
    int looks = 0;
    for (; trail.patience().count() != 0; ++looks) {
        trail.recheck_writer();
        BOOST_TEST(read(trail).empty());
    }
    BOOST_TEST(looks > 5);
    BOOST_TEST(looks < 20);
}

BOOST_AUTO_TEST_CASE(a_released_lock_is_noticed_by_the_next_check) {
    std::optional<lock_holder> writer(root);
    add(1, 2);
    write_index(root, 1);
    auto trail = make();
    BOOST_TEST(read(trail) == range(1, 1), per_element());
    append_bytes(root / ".lock", "");
    BOOST_TEST(read(trail).empty());
    writer.reset();
    BOOST_TEST(read(trail) == range(2, 2), per_element());
    BOOST_TEST(trail.patience().count() == 0);
}

BOOST_AUTO_TEST_CASE(nothing_is_read_after_stop) {
    add(1, 100);
    stop = true;
    auto trail = make();
    BOOST_TEST(read(trail).empty());
}

BOOST_AUTO_TEST_CASE(end_of_file_is_returned_by_every_further_read) {
    event_filter filter;
    filter.max_event_id = 3;
    add(1, 5);
    reading::read_ahead trail(storage::posix_file_system(), root, filter, 1, stop);
    BOOST_TEST(read(trail, asio::error::eof) == range(1, 3), per_element());
    BOOST_TEST(read(trail, asio::error::eof).empty());
}

BOOST_AUTO_TEST_CASE(the_queue_returns_lines_in_their_order) {
    reading::line_queue queue;
    queue.add(reading::line_queue::make_block());
    BOOST_TEST(queue.lines() == 0u);
    for (std::uint64_t id = 1; id <= 30; id += 10) {
        auto added = reading::line_queue::make_block();
        reading::line_block& block = added.front();
        for (std::uint64_t n = id; n != id + 10; ++n) {
            std::string const category = n % 4 == 0 ? "a" : "b";
            std::string line = line_of(make_event(n, "d", category));
            line.pop_back();
            block.add(line, "d/" + category + "/audit-000001.jsonl", 100 * n);
        }
        queue.add(std::move(added));
    }
    BOOST_TEST(queue.lines() == 30u);
    for (std::uint64_t id = 1; id <= 30; ++id) {
        BOOST_TEST(queue.bytes() != 0u);
        entry const found = queue.front();
        queue.pop();
        BOOST_TEST(found.event.event_id == id);
        BOOST_TEST(found.offset == 100 * id);
        BOOST_TEST(found.path == (id % 4 == 0 ? "d/a/audit-000001.jsonl" : "d/b/audit-000001.jsonl"));
        BOOST_TEST(found.line + '\n' == line_of(make_event(id, "d", id % 4 == 0 ? "a" : "b")));
    }
    BOOST_TEST(queue.lines() == 0u);
    BOOST_TEST(queue.bytes() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace audit_trail::test::read_ahead_test
