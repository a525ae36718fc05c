// Tests limits of the system, and forks.
#include <sched.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/error.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "follower/fixture.hpp"
#include "support/files_limit.hpp"

namespace audit_trail::test::system_test {

using boost::test_tools::per_element;

namespace {

/// Moves this process into its own user namespace, with its own limits on inotify. It must be created before there are
/// threads, and cannot be created on every system.
class own_limits {
 public:
    static constexpr char const* watches = "/proc/sys/user/max_inotify_watches";
    static constexpr char const* instances = "/proc/sys/user/max_inotify_instances";

    static bool are_there() {
        static bool const made = ::unshare(CLONE_NEWUSER) == 0 && set(watches, 10'000) && set(instances, 100);
        if (!made) BOOST_TEST_MESSAGE("skipped: this process can't have a user namespace of its own");
        return made;
    }

    static bool set(char const* limit, int value) {
        std::ofstream file(limit);
        file << value << std::flush;
        return file.good();
    }
};

std::ptrdiff_t count_open_files() {
    return std::distance(fs::directory_iterator("/proc/self/fd"), fs::directory_iterator());
}

/// Counted before any follower has opened files.
std::ptrdiff_t const files_at_start = count_open_files();

}  // namespace

BOOST_FIXTURE_TEST_SUITE(follower_system, follower_fixture)

BOOST_AUTO_TEST_CASE(a_limit_on_watches_is_an_error_that_names_it) {
    if (!own_limits::are_there()) return;
    for (std::uint64_t id = 1; id <= 20; ++id) add(id, "d", "c" + std::to_string(id));
    own_limits::set(own_limits::watches, 10);
    auto trail = follow();
    for (int n = 0; n != 2; ++n) {
        error_code const ec = next_error(trail);
        BOOST_TEST(ec == error::watch_limit);
        BOOST_TEST(ec.message().find("fs.inotify.max_user_watches") != std::string::npos);
    }
    own_limits::set(own_limits::watches, 10'000);
    BOOST_TEST(next_ids(trail, 20) == range(1, 20), per_element());
    BOOST_TEST(trail.report().missing_ids == 0u);
}

BOOST_AUTO_TEST_CASE(a_limit_on_watches_that_is_reached_later_loses_nothing) {
    if (!own_limits::are_there()) return;
    add(1, "d", "c1");
    own_limits::set(own_limits::watches, 10);
    auto trail = follow();
    BOOST_TEST(next(trail).event.event_id == 1u);
    for (std::uint64_t id = 2; id <= 20; ++id) add(id, "d", "c" + std::to_string(id));
    std::uint64_t given = 1;
    answer last = next_answer(trail, context);
    for (; !last.ec; last = next_answer(trail, context)) BOOST_TEST(last.found.event.event_id == ++given);
    BOOST_TEST(last.ec == error::watch_limit);
    own_limits::set(own_limits::watches, 10'000);
    BOOST_TEST(next_ids(trail, 20 - given) == range(given + 1, 20), per_element());
}

BOOST_AUTO_TEST_CASE(a_limit_on_watchers_is_an_error_that_names_it) {
    if (!own_limits::are_there()) return;
    add(1, 1);
    own_limits::set(own_limits::instances, 0);
    auto trail = follow();
    error_code const ec = next_error(trail);
    BOOST_TEST(ec == error::watcher_limit);
    BOOST_TEST(ec.message().find("fs.inotify.max_user_instances") != std::string::npos);
    own_limits::set(own_limits::instances, 100);
    BOOST_TEST(next(trail).event.event_id == 1u);
}

BOOST_AUTO_TEST_CASE(running_out_of_descriptors_loses_nothing) {
    add(1, 40);
    for (rlim_t files_left = 0; files_left != 10; ++files_left) {
        // A thread of the previous follower may still close files; they must be counted as free.
        wait_until([] { return count_open_files() == files_at_start; });
        asio::io_context own;
        follower trail;
        std::uint64_t given = 0;
        {
            files_limit const limit(files_left);
            trail = follower(own.get_executor(), root, {}, 1);
            answer const first = next_answer(trail, own);
            if (first.ec) BOOST_TEST(first.ec == boost::system::errc::too_many_files_open);
            if (files_left < 3) BOOST_TEST(first.ec.failed());
            given = first.found.event.event_id;
        }
        while (given < 40) BOOST_REQUIRE(next_answer(trail, own).found.event.event_id == ++given);
        BOOST_TEST(trail.report().missing_ids == 0u);
    }
}

BOOST_AUTO_TEST_CASE(a_follower_that_never_started_does_not_block_its_context) {
    auto const call = [&] {
        asio::io_context own;
        files_limit const limit(0);
        follower trail(own.get_executor(), root, {}, 1);
        return trail.async_next(asio::deferred);
    }();
    error_code answer;
    auto later = call;
    std::move(later)(asio::bind_executor(context, [&](error_code ec, entry const&) { answer = ec; }));
    run_until(context, [&] { return answer.failed(); });
    BOOST_TEST(answer == asio::error::operation_aborted);
}

BOOST_AUTO_TEST_CASE(a_forked_child_cannot_follow) {
    add(1, 5);
    auto trail = follow();
    BOOST_TEST(next(trail).event.event_id == 1u);
    wait_until([&] { return trail.report().matched == 5u; });
    pid_t const child = ::fork();
    BOOST_REQUIRE(child >= 0);
    if (child == 0) {
        bool refused = false;
        trail.async_next([&](error_code ec, entry const&) { refused = ec == error::forked; });
        run_all(context);
        trail = follower();
        ::_exit(refused ? 0 : 1);
    }
    int status = -1;
    ::waitpid(child, &status, 0);
    BOOST_TEST(status == 0);
    BOOST_TEST(next_ids(trail, 4) == range(2, 5), per_element());
    add(6, 6);
    BOOST_TEST(next(trail).event.event_id == 6u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace audit_trail::test::system_test
