// Tests P7: a second writer is refused at once, and after kill -9 the root can be opened.
#include <signal.h>

#include <boost/asio/use_future.hpp>
#include <functional>

#include "support/processes.hpp"
#include "writer/held_writer.hpp"

namespace audit_trail::test::p07_one_writer_test {

namespace {

error_code error_of_opening(std::filesystem::path const& root) {
    asio::io_context context;
    error_code ec;
    writer::open(context.get_executor(), root, {}, ec);
    return ec;
}

error_code error_of_opening_in_background(std::filesystem::path const& root) {
    asio::io_context context;
    error_code answer;
    writer::async_open(context.get_executor(), root, {}, [&](error_code ec, writer const&) { answer = ec; });
    context.run();
    return answer;
}

/// Appends without end and reports each acknowledgement.
[[noreturn]] void append_until_killed(std::filesystem::path const& root, durability wanted,
                                      signal_pipe const& progress) {
    asio::io_context context;
    writer trail = writer::open(context.get_executor(), root);
    std::function<void()> const next = [&] {
        trail.async_record(make_draft(), wanted, [&](error_code ec, receipt const&) {
            if (ec) ::_exit(1);
            progress.send();
            next();
        });
    };
    for (int n = 0; n != 20; ++n) next();
    context.run();
    ::_exit(1);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(p07_one_writer)

BOOST_AUTO_TEST_CASE(p07_a_second_writer_of_this_process_fails_at_once) {
    temporary_root root;
    asio::io_context context;
    writer trail = writer::open(context.get_executor(), root.path());
    for (int n = 0; n != 3; ++n) {  // a failed attempt must not free the lock
        BOOST_TEST(error_of_opening(root.path()) == error::locked);
        BOOST_TEST(error_of_opening_in_background(root.path()) == error::locked);
        auto const is_locked = [](boost::system::system_error const& thrown) { return thrown.code() == error::locked; };
        BOOST_CHECK_EXCEPTION(writer::open(context.get_executor(), root.path()), boost::system::system_error,
                              is_locked);
    }
    trail.async_record(make_draft(), [](error_code ec, receipt const&) { BOOST_TEST(!ec); });
    trail.async_close([](error_code ec) { BOOST_TEST(!ec); });
    context.run();
    BOOST_TEST(!error_of_opening(root.path()));
    BOOST_TEST(ids_in(root.path()) == ids_up_to(1));
}

BOOST_AUTO_TEST_CASE(p07_another_path_to_the_root_is_the_same_root) {
    temporary_root root;
    temporary_root other;
    asio::io_context context;
    writer const trail = writer::open(context.get_executor(), root.path());
    std::filesystem::create_directory_symlink(root.path(), other.path());
    BOOST_TEST(error_of_opening(other.path()) == error::locked);
    BOOST_TEST(error_of_opening(root.path() / ".." / "trail") == error::locked);
    BOOST_TEST(error_of_opening(root.path() / "..") != error::locked);
}

BOOST_AUTO_TEST_CASE(p07_a_second_writer_of_another_process_fails_at_once) {
    temporary_root root;
    asio::io_context context;
    writer const trail = writer::open(context.get_executor(), root.path());
    BOOST_TEST(exit_code_of_child_that([&] { return error_of_opening(root.path()) == error::locked ? 0 : 1; }) == 0);
}

BOOST_AUTO_TEST_CASE(p07_after_kill_9_the_root_opens_and_its_ids_continue) {
    for (auto const wanted : {durability::written, durability::synced}) {
        temporary_root root;
        for (std::uint64_t round = 1; round <= 5; ++round) {
            std::uint64_t const before = round == 1 ? 0 : ids_in(root.path()).back();
            signal_pipe progress;
            pid_t const child = in_child([&]() -> int { append_until_killed(root.path(), wanted, progress); });
            progress.close_writing_end();
            std::uint64_t acknowledged = 0;
            while (acknowledged != 40 * round && progress.receive() != 0) ++acknowledged;
            BOOST_TEST(error_of_opening(root.path()) == error::locked);
            ::kill(child, SIGKILL);
            BOOST_TEST(exit_code_of(child) == -1);
            while (progress.receive() != 0) ++acknowledged;

            running_context context;
            writer trail = writer::open(context.get_executor(), root.path());
            BOOST_TEST(!trail.recovery().clean);
            std::uint64_t const last = trail.recovery().last_event_id;
            BOOST_TEST(last >= before + acknowledged);
            BOOST_TEST(ids_in(root.path()) == ids_up_to(last));
            BOOST_TEST(trail.async_record(make_draft(), asio::use_future).get().event_id == last + 1);
            trail.async_close(asio::use_future).get();
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace audit_trail::test::p07_one_writer_test
