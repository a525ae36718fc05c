// Tests completion on executors of every kind: with several threads, with outstanding work, and with faults.
#include <array>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/test/unit_test.hpp>
#include <condition_variable>
#include <future>
#include <mutex>
#include <stdexcept>
#include <vector>

#include "support/drafts.hpp"
#include "support/handlers.hpp"
#include "support/printing.hpp"
#include "support/temporary_root.hpp"
#include "support/trail_files.hpp"
#include "support/unreliable_executor.hpp"
#include "support/waiting.hpp"

namespace audit_trail::test::executors_test {

namespace {

writer_options written() {
    writer_options options;
    options.durability = durability::written;
    return options;
}

struct executors_fixture {
    temporary_root root;
    running_context home;
    writer trail = writer::open(home.get_executor(), root.path(), written());

    void wait_acknowledged(std::uint64_t count) {
        wait_until([&] { return trail.stats().acknowledged == count; });
    }
};

/// Appends `count` events that are committed in one batch: an earlier batch occupies all the room until the events
/// wait, and releases it at once.
template <class Start>
void in_one_batch(std::filesystem::path const& root, int count, Start start) {
    asio::io_context holding;
    writer_options options = written();
    options.max_pending_events = static_cast<std::size_t>(count);
    options.max_waiting_events = static_cast<std::size_t>(count);
    writer trail = writer::open(holding.get_executor(), root, options);
    std::vector<event_draft> drafts;
    for (int n = 0; n != count; ++n) drafts.push_back(make_draft());
    trail.async_append_batch(std::move(drafts), [](error_code, std::vector<event> const&) {});
    wait_until([&] { return trail.stats().acknowledged == static_cast<std::uint64_t>(count); });
    for (int n = 0; n != count; ++n) start(trail, n);
    holding.run();
    wait_until([&] { return trail.stats().acknowledged == 2 * static_cast<std::uint64_t>(count); });
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(executors, executors_fixture)

BOOST_AUTO_TEST_CASE(a_handler_on_a_pool_may_wait_for_the_handler_of_the_next_event) {
    asio::thread_pool pool(4);
    std::array<std::promise<void>, 4> called;
    in_one_batch(root.path().parent_path() / "inner", 4, [&](writer& inner, int n) {
        auto const index = static_cast<std::size_t>(n);
        inner.async_record(make_draft(), asio::bind_executor(pool, [&, index](error_code, receipt const&) {
                               if (index + 1 != called.size()) called[index + 1].get_future().wait();
                               called[index].set_value();
                           }));
    });
    pool.join();
}

BOOST_AUTO_TEST_CASE(a_pool_runs_as_many_handlers_at_once_as_it_has_threads) {
    constexpr int threads = 8;
    std::mutex mutex;
    std::condition_variable changed;
    int running = 0;
    int most = 0;
    asio::thread_pool pool(threads);
    in_one_batch(root.path().parent_path() / "inner", 64, [&](writer& inner, int) {
        inner.async_record(make_draft(), asio::bind_executor(pool, [&](error_code, receipt const&) {
                               std::unique_lock lock(mutex);
                               most = std::max(most, ++running);
                               changed.notify_all();
                               changed.wait(lock, [&] { return most == threads; });
                               --running;
                           }));
    });
    pool.join();
    BOOST_TEST(most == threads);
}

BOOST_AUTO_TEST_CASE(handlers_on_one_strand_of_a_pool_run_in_the_order_of_ids) {
    asio::thread_pool pool(4);
    auto const strand = asio::make_strand(pool);
    auto const other = asio::make_strand(pool);
    std::vector<std::uint64_t> order;
    constexpr int events = 3000;
    for (int n = 0; n != events; ++n) {
        trail.async_record(make_draft(), asio::bind_executor(strand, [&](error_code, receipt const& given) {
                               order.push_back(given.event_id);
                           }));
        if (n % 100 == 0)
            trail.async_record(make_draft(), asio::bind_executor(other, [](error_code, receipt const&) {}));
    }
    pool.join();
    BOOST_TEST(order.size() == events);
    BOOST_TEST(std::ranges::is_sorted(order));
}

BOOST_AUTO_TEST_CASE(handlers_of_one_context_run_in_the_order_of_ids_while_others_run_elsewhere) {
    asio::io_context context;
    std::vector<std::uint64_t> order;
    int left = 3000;
    in_one_batch(root.path().parent_path() / "inner", left, [&](writer& inner, int n) {
        if (n % 1000 >= 995) return inner.async_record(make_draft(), [&](error_code, receipt const&) { --left; });
        inner.async_record(make_draft(), asio::bind_executor(context, [&](error_code, receipt const& given) {
                               order.push_back(given.event_id);
                           }));
    });
    context.run();
    BOOST_TEST(order.size() + 15 == 3000u);
    BOOST_TEST(std::ranges::is_sorted(order));
}

BOOST_AUTO_TEST_CASE(exceptions_of_handlers_do_not_change_the_order_of_ids) {
    asio::io_context context;
    std::vector<std::uint64_t> order;
    int thrown = 0;
    auto const record = [&](bool throws) {
        trail.async_record(make_draft(), asio::bind_executor(context, [&, throws](error_code, receipt const& given) {
                               order.push_back(given.event_id);
                               if (throws) throw std::runtime_error("a handler");
                           }));
    };
    for (int n = 0; n != 10; ++n) record(n < 2);
    trail.async_record(make_draft(),
                       asio::bind_executor(asio::make_strand(context), [](error_code, receipt const&) {}));
    for (int n = 0; n != 3; ++n) record(false);
    wait_acknowledged(14);
    for (bool more = true; more;) {
        try {
            context.run();
            more = false;
        } catch (std::runtime_error const&) {
            ++thrown;
        }
    }
    BOOST_TEST(thrown == 2);
    BOOST_TEST(order.size() == 13u);
    BOOST_TEST(std::ranges::is_sorted(order));
}

BOOST_AUTO_TEST_CASE(outstanding_work_of_an_executor_ends_after_its_handlers) {
    asio::io_context context;
    for (int n = 0; n != 100; ++n) {
        auto const tracked = asio::require(context.get_executor(), asio::execution::outstanding_work.tracked);
        trail.async_record(make_draft(), asio::bind_executor(tracked, [](error_code, receipt const&) {}));
    }
    context.run();
    BOOST_TEST(trail.stats().acknowledged == 100u);

    asio::thread_pool pool(2);
    {
        auto const tracked = asio::require(pool.get_executor(), asio::execution::outstanding_work.tracked);
        trail.async_record(make_draft(), asio::bind_executor(tracked, [](error_code, receipt const&) {}));
    }
    pool.join();
    BOOST_TEST(trail.stats().acknowledged == 101u);
}

BOOST_AUTO_TEST_CASE(the_writer_keeps_no_executor_after_its_last_handler) {
    asio::io_context context;
    executor_faults faults;
    std::weak_ptr<int> const captured = faults.captured;
    int called = 0;
    for (int n = 0; n != 100; ++n) {
        trail.async_record(make_draft(), asio::bind_executor(unreliable_executor(context, faults),
                                                             [&](error_code, receipt const&) { ++called; }));
    }
    faults.captured.reset();
    wait_acknowledged(100);
    run_until(context, [&] { return called == 100; });
    run_all(context);
    BOOST_TEST(captured.expired());
}

BOOST_AUTO_TEST_CASE(an_executor_that_discarded_a_function_gets_the_next_functions) {
    asio::io_context context;
    executor_faults faults;
    faults.discards_from = 0;
    faults.discards_to = 1;
    handler_fate first;
    handler_fate later;
    trail.async_record(make_draft(),
                       asio::bind_executor(unreliable_executor(context, faults), fateful_handler<>(first)));
    wait_until([&] { return first.destroyed_uncalled == 1; });
    for (int n = 0; n != 5; ++n) {
        trail.async_record(make_draft(),
                           asio::bind_executor(unreliable_executor(context, faults), fateful_handler<>(later)));
    }
    run_until(context, [&] { return later.called == 5; });
    BOOST_TEST(first.called == 0);
    BOOST_TEST(trail.stats().acknowledged == 6u);
    wait_until([&] { return trail.stats().queue_events == 0u; });
}

BOOST_AUTO_TEST_CASE(an_executor_that_throws_loses_its_handlers_but_no_event) {
    asio::io_context context;
    executor_faults faults;
    faults.throws_from = 0;
    faults.throws_to = 3;
    handler_fate fate;
    std::uint64_t appended = 0;
    while (faults.given < 3) {
        trail.async_record(make_draft(),
                           asio::bind_executor(unreliable_executor(context, faults), fateful_handler<>(fate)));
        wait_acknowledged(++appended);
        wait_until([&] { return fate.destroyed_uncalled == static_cast<int>(appended); });
    }
    int called = 0;
    for (int n = 0; n != 5; ++n) {
        trail.async_record(make_draft(), asio::bind_executor(unreliable_executor(context, faults),
                                                             [&](error_code ec, receipt const& given) {
                                                                 BOOST_TEST(!ec);
                                                                 BOOST_TEST(given.event_id > appended);
                                                                 ++called;
                                                             }));
    }
    run_until(context, [&] { return called == 5; });
    BOOST_TEST(ids_in(root.path()) == ids_up_to(appended + 5));
}

BOOST_AUTO_TEST_CASE(all_handlers_of_a_batch_are_called_if_the_executor_keeps_only_the_first_function) {
    asio::io_context context;
    executor_faults faults;
    faults.discards_from = 1;
    faults.discards_to = 1'000'000;
    int called = 0;
    in_one_batch(root.path().parent_path() / "inner", 20, [&](writer& inner, int) {
        inner.async_record(make_draft(), asio::bind_executor(unreliable_executor(context, faults),
                                                             [&](error_code, receipt const&) { ++called; }));
    });
    context.run();
    BOOST_TEST(called == 20);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace audit_trail::test::executors_test
