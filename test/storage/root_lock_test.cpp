#include "storage/root_lock.hpp"

#include <signal.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include "print.hpp"
#include "root_fixture.hpp"
#include "support/processes.hpp"

namespace audit_trail::storage::root_lock_test {
namespace {

using namespace test;

BOOST_AUTO_TEST_SUITE(lock_records)

BOOST_AUTO_TEST_CASE(every_lock_record_has_the_same_size_and_is_read_back) {
    auto const width = format_lock_record({}).size();
    for (auto const state :
         {end_state::clean, end_state::open, end_state::written, end_state::cutting, end_state::failed}) {
        for (std::uint64_t const id : {0ul, 6000ul, UINT64_MAX}) {
            lock_record const record{state, id, id};
            BOOST_TEST(format_lock_record(record).size() == width);
            BOOST_TEST(parse_lock_record(format_lock_record(record)).value() == record);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_record_torn_between_two_states_is_neither_clean_nor_open) {
    std::string const before = format_lock_record({end_state::cutting, 6000, 1});
    std::string const after = format_lock_record({end_state::written, 6000, 1});
    for (std::size_t n = 0; n <= after.size(); ++n) {
        auto const torn = parse_lock_record(after.substr(0, n) + before.substr(n));
        BOOST_REQUIRE(torn);
        BOOST_TEST((torn->state == end_state::cutting || torn->state == end_state::written));
    }
}

BOOST_AUTO_TEST_CASE(text_that_is_not_a_lock_record_is_ignored) {
    for (char const* const text :
         {"", "{}", "[]", "{\"state\":\"clean\"}", "{\"state\":\"clean\",\"synced_through\":-1,\"began\":1}",
          "{\"state\":7,\"synced_through\":1,\"began\":1}", "{\"state\":\"clean\",\"synced_through\":1.5,\"began\":1}",
          "{\"state\":\"clean\",\"synced_through\":1,\"beg"}) {
        BOOST_TEST_CONTEXT(text) {
            BOOST_TEST(!parse_lock_record(text));
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(one_writer, root_fixture)

BOOST_AUTO_TEST_CASE(p07_a_second_writer_in_the_same_process_fails_at_once) {
    trail_session first(root);
    BOOST_REQUIRE(first.is_open());
    trail_session second(root);
    BOOST_TEST(!second.is_open());
    BOOST_TEST(second.error == make_error_code(error::locked));

    // The failed attempt must not have freed the lock.
    trail_session third(root);
    BOOST_TEST(third.error == make_error_code(error::locked));
    BOOST_TEST(first.append("d", "a") == commit_result::committed);
    first.close();
    BOOST_TEST(trail_session(root).is_open());
}

BOOST_AUTO_TEST_CASE(p07_a_writer_in_another_process_fails_at_once) {
    trail_session first(root);
    auto const child = in_child([&] {
        trail_session second(root);
        return second.error == make_error_code(error::locked) ? 0 : 1;
    });
    BOOST_TEST(exit_code_of(child) == 0);
}

BOOST_AUTO_TEST_CASE(p07_after_kill_9_the_root_opens_again) {
    signal_pipe ready;
    auto const child = in_child([&] {
        trail_session session(root);
        session.append("d", "a");
        ready.send();
        for (;;) ::pause();
        return 0;
    });
    ready.receive();
    BOOST_TEST(trail_session(root).error == make_error_code(error::locked));
    ::kill(child, SIGKILL);
    exit_code_of(child);
    trail_session session(root);
    BOOST_REQUIRE(session.is_open());
    BOOST_TEST(!session.report.clean);
    BOOST_TEST(session.store().next_id() == 2u);
}

BOOST_AUTO_TEST_CASE(p07_a_forked_child_reports_it_and_never_writes) {
    trail_session session(root);
    session.append("d", "a");
    session.append("d", "b", durability::written);
    auto const before = read_file(root / ".lock");
    auto const child = in_child([&] {
        if (!session.store().forked()) return 1;
        session.add("d", "a");
        if (session.commit() != commit_result::failed) return 2;
        if (session.error != make_error_code(error::forked)) return 3;
        session.store().sync_all(session.error);
        if (session.error != make_error_code(error::forked)) return 4;
        session.close();
        if (session.error != make_error_code(error::forked)) return 5;
        session.crash();
        return 0;
    });
    BOOST_TEST(exit_code_of(child) == 0);
    BOOST_TEST(!session.store().forked());
    BOOST_TEST(segment("a") == line_of(1));
    BOOST_TEST(read_file(root / ".lock") == before);
    BOOST_TEST(trail_session(root).error == make_error_code(error::locked));
    BOOST_TEST(session.append("d", "a") == commit_result::committed);
}

BOOST_AUTO_TEST_CASE(p07_a_forked_child_does_not_keep_the_root_locked) {
    signal_pipe ready;
    signal_pipe done;
    auto session = std::make_unique<trail_session>(root);
    auto const child = in_child([&] {
        ready.send();
        done.receive();
        return 0;
    });
    ready.receive();
    session->close();
    session.reset();
    BOOST_TEST(trail_session(root).is_open());
    done.send();
    BOOST_TEST(exit_code_of(child) == 0);
}

BOOST_AUTO_TEST_CASE(p07_the_child_of_a_killed_parent_does_not_keep_the_root_locked) {
    signal_pipe ready;
    signal_pipe done;
    auto const parent = in_child([&] {
        trail_session session(root);
        in_child([&] {
            ready.send();
            done.receive();
            return 0;
        });
        for (;;) ::pause();
        return 0;
    });
    ready.receive();
    ::kill(parent, SIGKILL);
    exit_code_of(parent);
    BOOST_TEST(trail_session(root).is_open());
    done.send();
}

BOOST_AUTO_TEST_CASE(p07_an_executed_program_does_not_keep_the_root_locked) {
    auto session = std::make_unique<trail_session>(root);
    signal_pipe executed;
    pid_t const child = ::fork();
    if (child == 0) {
        ::execlp("sleep", "sleep", "1000", nullptr);
        ::_exit(127);
    }
    executed.wait_for_end();
    session->close();
    session.reset();
    BOOST_TEST(trail_session(root).is_open());
    ::kill(child, SIGKILL);
    exit_code_of(child);
}

BOOST_AUTO_TEST_CASE(p07_a_forked_child_can_open_a_trail_of_its_own) {
    trail_session session(root);
    auto const child = in_child([&] {
        trail_session own(directory.path() / "other");
        return own.is_open() && own.append("d", "a") == commit_result::committed ? 0 : 1;
    });
    BOOST_TEST(exit_code_of(child) == 0);
}

BOOST_AUTO_TEST_CASE(p07_the_lock_file_records_how_the_writer_ended) {
    auto const state = [&] { return parse_lock_record(read_file(root / ".lock")).value(); };
    {
        trail_session session(root);
        BOOST_TEST(state() == (lock_record{end_state::open, 0, 1}));
        session.append("d", "a");
        BOOST_TEST(state() == (lock_record{end_state::open, 1, 1}));
        session.append("d", "a", durability::written);
        BOOST_TEST(state() == (lock_record{end_state::written, 1, 1}));
        session.close();
        BOOST_TEST(!session.error);
        BOOST_TEST(state() == (lock_record{end_state::clean, 2, 1}));
    }
    trail_session session(root);
    BOOST_TEST(session.report.clean);
    BOOST_TEST(state() == (lock_record{end_state::open, 2, 1}));
}

BOOST_AUTO_TEST_CASE(p07_the_open_state_is_synced_before_the_first_new_line) {
    { trail_session(root).close(); }
    trail_session session(root, {}, system);
    BOOST_TEST(position(call_kind::write_at, ".lock") < position(call_kind::sync, ".lock"));
    BOOST_TEST(called(call_kind::sync, ".lock"));
}

BOOST_AUTO_TEST_CASE(p10_a_close_syncs_what_is_written_before_it_marks_the_end_clean) {
    trail_session session(root, {}, system);
    session.append("d", "a", durability::written);
    system.forget_calls();
    session.close();
    auto const marked = position(call_kind::write_at, ".lock");
    for (char const* const path : {"d/a/audit-000001.jsonl", "d/a", "d", ".", "index.json"}) {
        BOOST_TEST_CONTEXT(path) {
            BOOST_TEST(called(call_kind::sync, path));
        }
    }
    BOOST_TEST(position(call_kind::sync, "d/a/audit-000001.jsonl") < marked);
    BOOST_TEST(called(call_kind::sync, ".lock"));
}

BOOST_AUTO_TEST_CASE(a_root_whose_lock_file_is_a_link_or_directory_is_refused) {
    std::filesystem::create_directories(root / ".lock");
    BOOST_TEST(trail_session(root).error == make_error_code(error::not_a_trail));
    std::filesystem::remove(root / ".lock");
    write_file(directory.path() / "outside", "untouched");
    std::filesystem::create_hard_link(directory.path() / "outside", root / ".lock");
    BOOST_TEST(trail_session(root).error == make_error_code(error::not_a_trail));
    BOOST_TEST(read_file(directory.path() / "outside") == "untouched");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace audit_trail::storage::root_lock_test
