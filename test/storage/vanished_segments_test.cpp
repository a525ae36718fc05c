#include <boost/test/unit_test.hpp>
#include <cerrno>

#include "print.hpp"
#include "root_fixture.hpp"

namespace audit_trail::storage::vanished_segments_test {
namespace {

using namespace test;
namespace fs = std::filesystem;

struct live_trail : root_fixture {
    trail_session session{root, {}, system};
    fs::path const first = root / "d/a/audit-000001.jsonl";
    fs::path const second = root / "d/a/audit-000002.jsonl";

    live_trail() { session.append("d", "a"); }

    void deny_access_to(std::string path) {
        system.fail_when([=](auto const& call, std::size_t) {
            bool const needs_path = call.kind == call_kind::open_file || call.kind == call_kind::open_directory ||
                                    call.kind == call_kind::status_at || call.kind == call_kind::lookup;
            return faulty_file_system::fault{needs_path && call.path.starts_with(path) ? EACCES : 0};
        });
    }

    void check_moved_to_second() {
        BOOST_TEST(read_file(second) == line_of(2));
        BOOST_TEST(session.store().vanished_segments() == 1u);
        BOOST_TEST(session.store().next_id() == 3u);
        auto const log = read_file(root / ".recovery.jsonl");
        BOOST_TEST(log.find(R"("kind":"vanished_segment","path":"d/a/audit-000001.jsonl","first_id":2,"last_id":2)") !=
                   log.npos);
        BOOST_TEST(session.append("d", "a") == commit_result::committed);
        BOOST_TEST(read_file(second) == line_of(2) + line_of(3));
    }
};

BOOST_FIXTURE_TEST_SUITE(live_files, live_trail)

BOOST_AUTO_TEST_CASE(p14_lines_for_a_deleted_segment_go_to_the_next) {
    fs::remove(first);
    system.forget_calls();
    BOOST_TEST(session.append("d", "a") == commit_result::committed);
    BOOST_TEST(called(call_kind::sync, "d/a/audit-000002.jsonl"));
    BOOST_TEST(called(call_kind::sync, "d/a"));
    BOOST_TEST(position(call_kind::sync, "d/a/audit-000002.jsonl") < position(call_kind::write_at, "index.json"));
    check_moved_to_second();
    BOOST_TEST(!fs::exists(first));
}

BOOST_AUTO_TEST_CASE(p14_lines_for_a_renamed_segment_go_to_the_next_and_leave_no_copy) {
    fs::rename(first, root / "rotated");
    BOOST_TEST(session.append("d", "a") == commit_result::committed);
    check_moved_to_second();
    BOOST_TEST(read_file(root / "rotated") == line_of(1));
}

BOOST_AUTO_TEST_CASE(p14_lines_for_a_replaced_segment_go_to_the_next) {
    fs::rename(first, root / "rotated");
    write_file(first, "another file\n");
    BOOST_TEST(session.append("d", "a") == commit_result::committed);
    check_moved_to_second();
    BOOST_TEST(read_file(first) == "another file\n");
}

BOOST_AUTO_TEST_CASE(p14_lines_for_a_segment_cut_short_go_to_the_next_and_leave_no_copy) {
    fs::resize_file(first, 0);
    BOOST_TEST(session.append("d", "a") == commit_result::committed);
    check_moved_to_second();
    BOOST_TEST(read_file(first) == "");
}

BOOST_AUTO_TEST_CASE(p14_a_line_longer_than_what_was_cut_off_leaves_no_copy_either) {
    auto const begun = line_of(1).substr(0, 2);
    auto const tail = ",\"n\":\"" + std::string(100, 'x') + "\"}\n";
    fs::resize_file(first, begun.size());
    BOOST_TEST(session.append("d", "a", durability::synced, tail) == commit_result::committed);
    BOOST_TEST(read_file(first) == begun);
    BOOST_TEST(read_file(second) == line_of(2, tail));
}

BOOST_AUTO_TEST_CASE(p14_lines_for_a_segment_with_another_link_go_to_the_next_and_leave_no_copy) {
    fs::create_hard_link(first, directory.path() / "outside");
    BOOST_TEST(session.append("d", "a") == commit_result::committed);
    check_moved_to_second();
    BOOST_TEST(read_file(directory.path() / "outside") == line_of(1));
}

BOOST_AUTO_TEST_CASE(p14_a_written_event_is_moved_as_well) {
    fs::remove(first);
    BOOST_TEST(session.append("d", "a", durability::written) == commit_result::committed);
    BOOST_TEST(session.store().synced_through() == 1u);
    check_moved_to_second();
}

BOOST_AUTO_TEST_CASE(p14_a_deleted_category_is_created_again) {
    fs::remove_all(root / "d");
    BOOST_TEST(session.append("d", "a") == commit_result::committed);
    check_moved_to_second();
}

BOOST_AUTO_TEST_CASE(p14_a_category_deleted_before_its_directory_was_synced_is_no_failed_sync) {
    session.append("d", "b", durability::written);
    fs::remove_all(root / "d/b");
    session.store().sync_all(session.error);
    BOOST_TEST(!session.error, session.error.message());
    session.append("d", "c", durability::written);
    fs::remove_all(root / "d/c");
    BOOST_TEST(session.append("d", "c", durability::synced) == commit_result::committed);
    BOOST_TEST(read_file(root / "d/c/audit-000002.jsonl") == line_of(4));
}

BOOST_AUTO_TEST_CASE(p14_a_segment_that_another_appends_to_is_left_after_the_batch) {
    append_to_file(first, "foreign\n");
    BOOST_TEST(session.append("d", "a") == commit_result::committed);
    BOOST_TEST(session.append("d", "a") == commit_result::committed);
    BOOST_TEST(read_file(first) == line_of(1) + "foreign\n" + line_of(2));
    BOOST_TEST(read_file(second) == line_of(3));
}

BOOST_AUTO_TEST_CASE(p14_a_segment_that_changed_while_it_was_closed_is_left_alone) {
    session.close();
    session.crash();
    writer_options options;
    options.max_open_segments = 1;
    trail_session again(root, options);
    fs::resize_file(first, 3);
    BOOST_TEST(again.append("d", "a") == commit_result::committed);
    BOOST_TEST(read_file(first).size() == 3u);
    BOOST_TEST(read_file(second) == line_of(2));
    BOOST_TEST(again.store().vanished_segments() == 1u);
}

BOOST_AUTO_TEST_CASE(p14_a_full_disk_while_lines_are_moved_fails_only_one_batch) {
    for (auto const kind : {call_kind::open_file, call_kind::append}) {
        for (std::size_t n = 1; n <= 3; ++n) {
            fs::remove_all(root);
            trail_session own(root, {}, system);
            own.append("d", "a");
            fs::remove(first);
            own.add("d", "a");
            system.fail_nth(kind, n, ENOSPC);
            auto const result = own.commit();
            system.fail_nothing();
            if (result == commit_result::committed) continue;
            BOOST_TEST(result == commit_result::cut_back);
            BOOST_TEST(own.store().next_id() == 2u);
            BOOST_TEST(own.append("d", "a") == commit_result::committed);
            BOOST_TEST(!fs::exists(first));
            BOOST_TEST(read_file(second) == line_of(2));
        }
    }
}

BOOST_AUTO_TEST_CASE(p14_a_cut_back_never_makes_a_segment_longer_that_was_cut_short) {
    session.add("d", "a");
    fs::resize_file(first, 0);
    system.fail_nth(call_kind::append, 1, ENOSPC);
    BOOST_TEST(session.commit() == commit_result::cut_back);
    system.fail_nothing();
    BOOST_TEST(read_file(first) == "");
    BOOST_TEST(session.append("d", "a") == commit_result::committed);
    check_moved_to_second();
}

BOOST_AUTO_TEST_CASE(p14_a_cut_back_leaves_no_line_in_a_segment_that_was_cut_short) {
    for (std::uint64_t const left : {0, 2}) {
        for (std::size_t const length : {1, 100}) {
            fs::remove_all(root);
            trail_session own(root, {}, system);
            own.append("d", "a", durability::synced, short_tail);
            auto const begun = line_of(1).substr(0, left);
            fs::resize_file(first, left);
            own.add("d", "a", durability::synced, ",\"n\":\"" + std::string(length, 'x') + "\"}\n");
            own.add("d", "b");
            system.fail_nth(call_kind::append, 2, ENOSPC);
            BOOST_TEST(own.commit() == commit_result::cut_back);
            system.fail_nothing();
            BOOST_TEST(read_file(first) == begun);
            BOOST_TEST(own.append("d", "a") == commit_result::committed);
            BOOST_TEST(read_file(first) == begun);
            BOOST_TEST(read_file(second) == line_of(2));
        }
    }
}

BOOST_AUTO_TEST_CASE(p14_a_batch_over_a_roll_is_moved_completely_and_in_order) {
    for (int const vanishing : {1, 2}) {
        fs::remove_all(root);
        writer_options options;
        options.max_segment_bytes = 40;
        trail_session own(root, options, system);
        own.append("d", "a");
        own.append("d", "a", durability::written);
        own.append("d", "a", durability::written);  // segment 2 holds line 3
        own.append("d", "b");
        for (int i = 0; i < 3; ++i) own.add("d", "a");  // 5 to segment 2, 6 and 7 to segment 3
        own.add("d", "b");
        fs::remove(root / "d/a" / segment_name(vanishing == 1 ? 2 : 3));
        BOOST_TEST(own.commit() == commit_result::committed);
        if (vanishing == 1) {
            BOOST_TEST(segment("a", 3) == "");
            BOOST_TEST(segment("a", 4) == line_of(5) + line_of(6) + line_of(7));
        } else {
            BOOST_TEST(segment("a", 2) == line_of(3) + line_of(5));
            BOOST_TEST(segment("a", 4) == line_of(6) + line_of(7));
        }
        BOOST_TEST(segment("b") == line_of(4) + line_of(8));
        BOOST_TEST(own.append("d", "a") == commit_result::committed);
        BOOST_TEST(segment("a", 5) == line_of(9));
    }
}

/// As with `chmod 000` on the category's directory.
BOOST_AUTO_TEST_CASE(p04_a_category_without_access_fails_one_batch_and_no_other_category) {
    session.append("d", "b");
    deny_access_to("d/a");
    session.add("d", "b");
    session.add("d", "a");
    BOOST_TEST(session.commit() == commit_result::cut_back);
    BOOST_TEST(session.error == error_code(EACCES, boost::system::system_category()));
    for (int i = 0; i != 2; ++i) {
        BOOST_TEST(session.add("d", "a") == 0u);
        BOOST_TEST(session.error == error_code(EACCES, boost::system::system_category()));
        BOOST_TEST(session.append("d", "b") == commit_result::committed);
    }
    session.store().sync_all(session.error);
    BOOST_TEST(!session.error, session.error.message());
    system.fail_nothing();
    BOOST_TEST(session.append("d", "a") == commit_result::committed);
    BOOST_TEST(segment("a") == line_of(1) + line_of(5));
    BOOST_TEST(segment("b") == line_of(2) + line_of(3) + line_of(4));
    session.close();
    BOOST_TEST(!session.error, session.error.message());
}

/// Lines that are not synced yet keep the segment open, and it takes no more.
BOOST_AUTO_TEST_CASE(p04_a_flush_with_a_category_without_access_can_be_repeated) {
    session.append("d", "new", durability::written);
    deny_access_to("d/new");
    session.add("d", "new", durability::written);
    BOOST_TEST(session.commit() == commit_result::cut_back);
    BOOST_TEST(session.add("d", "new") == 0u);
    session.store().sync_all(session.error);
    BOOST_TEST(session.error == error_code(EACCES, boost::system::system_category()));
    BOOST_TEST(session.store().synced_through() == 1u);
    BOOST_TEST(session.append("d", "a") == commit_result::committed);
    system.fail_nothing();
    session.store().sync_all(session.error);
    BOOST_TEST(!session.error, session.error.message());
    BOOST_TEST(session.store().synced_through() == 3u);
    BOOST_TEST(session.append("d", "new") == commit_result::committed);
    BOOST_TEST(segment("new", 1) == line_of(2));
    BOOST_TEST(segment("new", 2) == line_of(4));
}

BOOST_AUTO_TEST_CASE(p04_a_category_without_access_refuses_no_other_while_segments_are_evicted) {
    session.close();
    writer_options options;
    options.max_open_segments = 1;
    trail_session own(root, options, system);
    own.append("d", "new", durability::written);
    deny_access_to("d/new");
    for (int i = 0; i != 2; ++i) BOOST_TEST(own.append("d", "a") == commit_result::committed, own.error.message());
    system.fail_nothing();
    own.close();
    BOOST_TEST(!own.error, own.error.message());
}

BOOST_AUTO_TEST_CASE(p11_a_directory_swapped_for_a_link_is_not_followed) {
    fs::path const outside = directory.path() / "outside";
    fs::rename(root / "d/a", outside);
    fs::create_directory_symlink(outside, root / "d/a");
    session.add("d", "a");
    BOOST_TEST(session.commit() == commit_result::failed);
    BOOST_TEST(read_file(outside / "audit-000001.jsonl") == line_of(1));
    BOOST_TEST(!fs::exists(outside / "audit-000002.jsonl"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace audit_trail::storage::vanished_segments_test
