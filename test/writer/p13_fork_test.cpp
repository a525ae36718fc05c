// Tests P13 and P7: a process that forks keeps its writer, and the child cannot use it.
#include <signal.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <fstream>
#include <map>
#include <optional>
#include <thread>

#include "support/processes.hpp"
#include "writer/disk_writer.hpp"
#include "writer/held_disk.hpp"
#include "writer/held_writer.hpp"

namespace audit_trail::test::p13_fork_test {

namespace {

/// Calls every initiating function in the child. Returns a bit for each call that did not complete with
/// `error::forked`.
int calls_not_refused(writer& trail, asio::io_context& context) {
    int unanswered = 0;
    int next_bit = 1;
    auto const expect_forked = [&] {
        int const bit = std::exchange(next_bit, next_bit * 2);
        unanswered |= bit;
        return [&unanswered, bit](error_code ec, auto const&...) {
            if (ec == error::forked) unanswered &= ~bit;
        };
    };
    trail.async_append(make_draft(), expect_forked());
    trail.async_append(make_draft(), durability::written, expect_forked());
    trail.async_record(make_draft(), expect_forked());
    trail.async_record(make_draft(), durability::written, expect_forked());
    trail.async_append_batch(make_drafts(2), expect_forked());
    trail.async_flush(durability::synced, expect_forked());
    trail.async_close(expect_forked());
    context.restart();
    context.poll();
    return unanswered;
}

/// Returns the content of every file below a directory.
std::map<std::string, std::string> contents_of(std::filesystem::path const& root) {
    std::map<std::string, std::string> contents;
    for (auto const& entry : std::filesystem::recursive_directory_iterator(root)) {
        if (!entry.is_regular_file()) continue;
        std::ifstream file(entry.path(), std::ios::binary);
        contents[entry.path()] = std::string(std::istreambuf_iterator<char>(file), {});
    }
    return contents;
}

/// A writer and its context, which a child can destroy in any order.
struct forking_fixture {
    temporary_root root;
    held_disk disk;
    std::optional<asio::io_context> context{std::in_place};
    writer trail = open_writer(disk, context->get_executor(), root.path());
    std::vector<std::uint64_t> ids;

    void record() {
        trail.async_record(make_draft(), [this](error_code ec, receipt given) {
            if (!ec) ids.push_back(given.event_id);
        });
    }

    /// Uses the writer in the child like a working writer, and destroys it. Returns the child's exit code.
    int use_in_child() {
        int const wrong = calls_not_refused(trail, *context);
        trail = writer();
        context.reset();
        return wrong;
    }

    void check_parent_goes_on(std::uint64_t expected) {
        record();
        run_all(*context);
        BOOST_TEST(ids == ids_up_to(expected));
        BOOST_TEST(ids_in(root.path()) == ids_up_to(expected));
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(p13_fork, forking_fixture)

BOOST_AUTO_TEST_CASE(p13_every_call_of_a_child_fails_at_once_and_writes_nothing) {
    record();
    run_all(*context);
    auto const before = contents_of(root.path());
    BOOST_TEST(exit_code_of_child_that([&] { return use_in_child(); }) == 0);
    BOOST_TEST((contents_of(root.path()) == before));
    BOOST_TEST(!can_be_opened(root.path()));
    check_parent_goes_on(2);
}

BOOST_AUTO_TEST_CASE(p13_a_child_may_destroy_the_context_before_the_handle) {
    record();
    run_all(*context);
    BOOST_TEST(exit_code_of_child_that([&] {
                   context.reset();
                   trail = writer();
                   return 0;
               }) == 0);
    check_parent_goes_on(2);
}

BOOST_AUTO_TEST_CASE(p13_a_child_is_not_blocked_by_calls_of_the_parent_in_flight) {
    for (call_kind const kind : {call_kind::append, call_kind::sync, call_kind::write_at}) {
        disk.hold_at(kind);
        record();
        disk.wait_held();
        for (int n = 0; n != 9; ++n) record();
        auto const before = contents_of(root.path());
        BOOST_TEST(exit_code_of_child_that([&] { return use_in_child(); }) == 0);
        BOOST_TEST((contents_of(root.path()) == before));
        disk.release();
        run_all(*context);
    }
    check_parent_goes_on(31);
}

BOOST_AUTO_TEST_CASE(p13_a_child_may_destroy_completions_that_the_parent_has_not_run_yet) {
    for (int n = 0; n != 10; ++n) record();
    wait_until([&] { return trail.stats().acknowledged == 10u; });
    BOOST_TEST(exit_code_of_child_that([&] {
                   trail = writer();
                   context.reset();
                   return 0;
               }) == 0);
    check_parent_goes_on(11);
}

BOOST_AUTO_TEST_CASE(p13_a_cancellation_in_the_child_has_no_effect) {
    asio::cancellation_signal signal;
    disk.hold_at(call_kind::append);
    record();
    disk.wait_held();
    error_code outcome = error::closed;
    trail.async_record(make_draft(), asio::bind_cancellation_slot(
                                         signal.slot(), [&](error_code ec, receipt const&) { outcome = ec; }));
    BOOST_TEST(exit_code_of_child_that([&] {
                   signal.emit(asio::cancellation_type::terminal);
                   context->poll();
                   return outcome == error::closed ? 0 : 1;
               }) == 0);
    disk.release();
    run_all(*context);
    BOOST_TEST(!outcome);
    BOOST_TEST(ids_in(root.path()) == ids_up_to(2));
}

BOOST_AUTO_TEST_CASE(p13_a_child_of_a_child_is_refused_too) {
    BOOST_TEST(exit_code_of_child_that([&] { return exit_code_of_child_that([&] { return use_in_child(); }); }) == 0);
    check_parent_goes_on(1);
}

BOOST_AUTO_TEST_CASE(p13_a_child_may_open_a_trail_of_its_own_in_the_inherited_context) {
    temporary_root own_root;
    BOOST_TEST(exit_code_of_child_that([&] {
                   writer own = writer::open(context->get_executor(), own_root.path());
                   int wrong = 2;
                   own.async_record(make_draft(), [&](error_code ec, receipt given) { wrong -= !ec + given.event_id; });
                   run_until(*context, [&] { return wrong != 2; });
                   own = writer();
                   trail = writer();
                   context.reset();
                   return wrong;
               }) == 0);
    BOOST_TEST(ids_in(own_root.path()) == ids_up_to(1));
    BOOST_TEST(can_be_opened(own_root.path()));
    check_parent_goes_on(1);
}

// The process forks at any point of a step.
BOOST_AUTO_TEST_CASE(p13_a_child_is_never_blocked_when_the_parent_forks_under_load) {
    constexpr std::uint64_t forks = 100;
    for (std::uint64_t n = 0; n != forks; ++n) {
        for (int m = 0; m != 20; ++m) record();
        context->restart();
        context->poll();
        BOOST_TEST_REQUIRE(exit_code_of_child_that([&] { return use_in_child(); }) == 0);
    }
    check_parent_goes_on(20 * forks + 1);
}

BOOST_AUTO_TEST_CASE(p13_a_child_is_never_blocked_when_the_parent_forks_while_a_writer_ends) {
    for (int n = 0; n != 50; ++n) {
        temporary_root own_root;
        { writer const ending = writer::open(context->get_executor(), own_root.path()); }
        for (int ended = 0; ended != 3; ended += can_be_opened(own_root.path())) {
            BOOST_TEST_REQUIRE(exit_code_of_child_that([&] {
                                   context.reset();
                                   return 0;
                               }) == 0);
        }
    }
}

BOOST_AUTO_TEST_CASE(p13_a_child_is_never_blocked_when_the_parent_forks_while_a_trail_opens) {
    for (int n = 0; n != 100; ++n) {
        temporary_root own_root;
        writer::async_open(context->get_executor(), own_root.path(), {}, [](error_code, writer) {});
        BOOST_TEST_REQUIRE(exit_code_of_child_that([&] {
                               context.reset();
                               return 0;
                           }) == 0);
        run_all(*context);
    }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(p07_fork)

BOOST_AUTO_TEST_CASE(p07_a_child_does_not_keep_the_root_from_others_when_its_parent_is_killed) {
    temporary_root root;
    signal_pipe ready;
    signal_pipe done;
    pid_t const parent = in_child([&] {
        asio::io_context context;
        writer trail = writer::open(context.get_executor(), root.path());
        bool stored = false;
        trail.async_record(make_draft(), [&](error_code ec, receipt const&) { stored = !ec; });
        context.run();
        in_child([&] {
            ready.send();
            done.receive();
            return 0;
        });
        for (;;) ::pause();
        return 0;
    });
    ready.close_writing_end();
    BOOST_TEST_REQUIRE(ready.receive() == 'x');
    BOOST_TEST(!can_be_opened(root.path()));
    ::kill(parent, SIGKILL);
    exit_code_of(parent);
    asio::io_context context;
    error_code ec;
    writer const trail = writer::open(context.get_executor(), root.path(), {}, ec);
    BOOST_TEST(!ec, ec.message());
    BOOST_TEST(!trail.recovery().clean);
    BOOST_TEST(trail.stats().last_event_id == 1u);
    done.send();
}

BOOST_AUTO_TEST_CASE(p07_a_child_does_not_keep_the_root_when_its_parent_closes) {
    temporary_root root;
    signal_pipe ready;
    signal_pipe done;
    asio::io_context context;
    writer trail = writer::open(context.get_executor(), root.path());
    pid_t const child = in_child([&] {
        ready.send();
        done.receive();
        return 0;
    });
    BOOST_TEST_REQUIRE(ready.receive() == 'x');  // the child has run, so it has closed its copy of the lock
    trail.async_close([](error_code ec) { BOOST_TEST(!ec); });
    context.run();
    BOOST_TEST(can_be_opened(root.path()));
    done.send();
    BOOST_TEST(exit_code_of(child) == 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace audit_trail::test::p13_fork_test
