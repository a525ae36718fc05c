#include "system/sync_pool.hpp"

#include <signal.h>

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <latch>
#include <set>

namespace audit_trail::storage {
namespace {

BOOST_AUTO_TEST_SUITE(sync_pools)

BOOST_AUTO_TEST_CASE(every_task_runs_once) {
    sync_pool pool(4);
    for (std::size_t count = 0; count < 40; ++count) {
        std::vector<std::atomic<int>> runs(count);
        pool.for_each(count, [&](std::size_t index) { ++runs[index]; });
        for (auto const& times : runs) BOOST_TEST(times.load() == 1);
    }
}

BOOST_AUTO_TEST_CASE(what_tasks_wrote_is_seen_by_the_caller) {
    sync_pool pool(8);
    for (int round = 0; round < 200; ++round) {
        std::vector<int> plain(16, 0);
        pool.for_each(plain.size(), [&](std::size_t index) { plain[index] = round; });
        BOOST_TEST(plain == std::vector<int>(16, round));
    }
}

BOOST_AUTO_TEST_CASE(as_many_tasks_run_at_once_as_there_are_threads) {
    sync_pool pool(3);
    // Returns only when all three have come.
    std::latch all(3);
    pool.for_each(3, [&](std::size_t) { all.arrive_and_wait(); });
    BOOST_TEST(all.try_wait());
}

BOOST_AUTO_TEST_CASE(a_pool_of_one_thread_starts_none) {
    sync_pool pool(1);
    std::set<std::thread::id> threads;
    pool.for_each(10, [&](std::size_t) { threads.insert(std::this_thread::get_id()); });
    BOOST_TEST(threads.size() == 1u);
    BOOST_TEST((*threads.begin() == std::this_thread::get_id()));
}

BOOST_AUTO_TEST_CASE(a_single_task_runs_on_the_callers_thread) {
    sync_pool pool(8);
    std::thread::id thread;
    pool.for_each(1, [&](std::size_t) { thread = std::this_thread::get_id(); });
    BOOST_TEST((thread == std::this_thread::get_id()));
}

BOOST_AUTO_TEST_CASE(p13_helpers_block_all_signals_and_the_caller_keeps_its_own) {
    sigset_t before;
    pthread_sigmask(SIG_SETMASK, nullptr, &before);
    sync_pool pool(4);
    std::latch all(4);
    std::atomic<int> blocking = 0;
    auto const caller = std::this_thread::get_id();
    pool.for_each(4, [&](std::size_t) {
        all.arrive_and_wait();
        if (std::this_thread::get_id() == caller) return;
        sigset_t mask;
        pthread_sigmask(SIG_SETMASK, nullptr, &mask);
        if (sigismember(&mask, SIGTERM) == 1 && sigismember(&mask, SIGINT) == 1 && sigismember(&mask, SIGCHLD) == 1) {
            ++blocking;
        }
    });
    BOOST_TEST(blocking == 3);
    sigset_t after;
    pthread_sigmask(SIG_SETMASK, nullptr, &after);
    BOOST_TEST(sigismember(&before, SIGTERM) == sigismember(&after, SIGTERM));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace audit_trail::storage
