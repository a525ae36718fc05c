#include "system/disk_pool.hpp"

#include <signal.h>

#include <atomic>
#include <boost/asio/thread_pool.hpp>
#include <boost/test/unit_test.hpp>
#include <future>
#include <latch>
#include <set>
#include <thread>

namespace audit_trail::detail::disk_pool_test {
namespace {

BOOST_AUTO_TEST_SUITE(disk_pools)

BOOST_AUTO_TEST_CASE(every_job_runs_once) {
    disk_pool pool({}, 4);
    for (std::size_t count = 0; count < 40; ++count) {
        std::vector<std::atomic<int>> runs(count);
        pool.for_each(count, [&](std::size_t index) { ++runs[index]; });
        for (auto const& times : runs) BOOST_TEST(times.load() == 1);
    }
}

BOOST_AUTO_TEST_CASE(the_caller_sees_what_jobs_wrote) {
    disk_pool pool({}, 8);
    for (int round = 0; round < 200; ++round) {
        std::vector<int> plain(16, 0);
        pool.for_each(plain.size(), [&](std::size_t index) { plain[index] = round; });
        BOOST_TEST(plain == std::vector<int>(16, round));
    }
}

BOOST_AUTO_TEST_CASE(as_many_jobs_run_at_the_same_time_as_the_pool_may_have_threads) {
    disk_pool pool({}, 3);
    // Returns only when all three have come.
    std::latch all(3);
    pool.for_each(3, [&](std::size_t) { all.arrive_and_wait(); });
    BOOST_TEST(all.try_wait());
}

BOOST_AUTO_TEST_CASE(a_pool_of_one_thread_starts_none) {
    disk_pool pool({}, 1);
    std::set<std::thread::id> threads;
    pool.for_each(10, [&](std::size_t) { threads.insert(std::this_thread::get_id()); });
    BOOST_TEST(threads.size() == 1u);
    BOOST_TEST((*threads.begin() == std::this_thread::get_id()));
}

BOOST_AUTO_TEST_CASE(a_single_job_runs_on_the_callers_thread) {
    disk_pool pool({}, 8);
    std::thread::id thread;
    pool.for_each(1, [&](std::size_t) { thread = std::this_thread::get_id(); });
    BOOST_TEST((thread == std::this_thread::get_id()));
}

BOOST_AUTO_TEST_CASE(p13_helpers_block_all_signals_and_the_caller_keeps_its_own) {
    sigset_t before;
    pthread_sigmask(SIG_SETMASK, nullptr, &before);
    disk_pool pool({}, 4);
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

BOOST_AUTO_TEST_CASE(a_busy_shared_executor_slows_jobs_down_and_does_not_block_them) {
    asio::thread_pool threads(1);
    std::promise<void> end;
    asio::post(threads, [&] { end.get_future().wait(); });
    disk_pool pool(threads.get_executor(), 4);
    std::vector<int> runs(10, 0);
    pool.for_each(runs.size(), [&](std::size_t index) { ++runs[index]; });
    BOOST_TEST(runs == std::vector<int>(10, 1));
    end.set_value();
    threads.join();
}

BOOST_AUTO_TEST_CASE(functions_on_own_threads_run_in_order_and_never_at_the_same_time) {
    disk_pool pool({}, 4);
    BOOST_TEST(!pool.start());
    std::vector<int> order;
    std::promise<void> done;
    for (int n = 0; n != 1000; ++n) {
        pool.post([&, n] {
            order.push_back(n);
            if (n == 999) done.set_value();
        });
    }
    done.get_future().wait();
    BOOST_TEST(order.size() == 1000u);
    BOOST_TEST(std::ranges::is_sorted(order));
}

BOOST_AUTO_TEST_CASE(a_pool_may_be_destroyed_on_its_own_thread) {
    auto pool = std::make_unique<disk_pool>(asio::any_io_executor(), 2);
    BOOST_TEST(!pool->start());
    std::promise<void> posted, destroyed;
    pool->post([&] {
        posted.get_future().wait();  // no thread may still be in `post`
        pool.reset();
        destroyed.set_value();
    });
    posted.set_value();
    destroyed.get_future().wait();
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace audit_trail::detail::disk_pool_test
