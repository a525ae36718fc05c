// Tests async_next with every kind of completion token, each with an existing event and with a later event.
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/system_executor.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <exception>
#include <future>
#include <memory>
#include <thread>
#include <tuple>

#include "follower/fixture.hpp"

namespace audit_trail::test::tokens_test {
namespace {

void rethrow(std::exception_ptr failure) {
    if (failure) std::rethrow_exception(failure);
}

void check(error_code ec, entry const& found) {
    BOOST_TEST(!ec, ec.message());
    BOOST_TEST(found.event.event_id == 2u);
    BOOST_TEST(found.line + '\n' == line_of(make_event(2, "d", "even")));
}

/// A handler that checks the answer, then calls `then`.
template <class Then>
auto checking(Then then) {
    return must_be_called([then = std::move(then)](error_code ec, entry found) mutable {
        check(ec, found);
        then();
    });
}

struct tokens_fixture : follower_fixture {
    tokens_fixture() {
        add(1, 1);
        BOOST_TEST(next(trail).event.event_id == 1u);
    }

    follower trail = follow();
};

struct event_is_there {
    static constexpr bool comes_later = false;
};
struct event_comes_later {
    static constexpr bool comes_later = true;
};
using both = std::tuple<event_is_there, event_comes_later>;

/// Adds the second event before or after the call is initiated.
template <class When>
struct second_event {
    explicit second_event(tokens_fixture& on) : on_(on) {
        if (!When::comes_later) on_.add(2, 2);
    }
    void come() {
        if (When::comes_later) on_.add(2, 2);
    }
    tokens_fixture& on_;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(follower_tokens, tokens_fixture)

BOOST_AUTO_TEST_CASE_TEMPLATE(callback_runs_once_in_the_context_and_keeps_it_busy, When, both) {
    second_event<When> event(*this);
    bool initiating = true;
    bool called = false;
    trail.async_next(checking([&] {
        BOOST_TEST(!initiating);
        BOOST_TEST(context.get_executor().running_in_this_thread());
        called = true;
    }));
    initiating = false;
    event.come();
    run_all(context);
    BOOST_TEST(called);
}

BOOST_AUTO_TEST_CASE(callback_is_not_called_inside_the_initiation_even_if_the_event_was_read_ahead) {
    add(2, 40);
    wait_until([&] { return trail.report().matched == 40u; });
    for (std::uint64_t id = 2; id <= 40; ++id) {
        bool initiating = true;
        asio::post(context, [&] {
            trail.async_next([&](error_code, entry const& found) {
                BOOST_TEST(!initiating);
                BOOST_TEST(found.event.event_id == id);
            });
            initiating = false;
        });
        run_all(context);
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(callback_may_be_move_only, When, both) {
    second_event<When> event(*this);
    int seen = 0;
    trail.async_next(checking([&, held = std::make_unique<int>(7)] { seen = *held; }));
    event.come();
    run_all(context);
    BOOST_TEST(seen == 7);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(callback_may_be_large, When, both) {
    second_event<When> event(*this);
    std::array<int, 1000> big{};
    big.back() = 7;
    int seen = 0;
    trail.async_next(checking([&seen, big] { seen = big.back(); }));
    event.come();
    run_all(context);
    BOOST_TEST(seen == 7);
}

BOOST_AUTO_TEST_CASE(callback_that_throws_does_not_affect_the_others) {
    add(2, 3);
    trail.async_next([](error_code, entry const&) { throw std::runtime_error("a handler's own"); });
    bool called = false;
    trail.async_next([&](error_code, entry const& found) { called = found.event.event_id == 3; });
    context.restart();
    BOOST_CHECK_THROW(context.run(), std::runtime_error);
    run_all(context);
    BOOST_TEST(called);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(bind_executor_strand, When, both) {
    second_event<When> event(*this);
    auto const strand = asio::make_strand(context);
    bool called = false;
    trail.async_next(asio::bind_executor(strand, checking([&] {
                                             BOOST_TEST(strand.running_in_this_thread());
                                             called = true;
                                         })));
    event.come();
    run_all(context);
    BOOST_TEST(called);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(bind_executor_of_another_context, When, both) {
    second_event<When> event(*this);
    asio::io_context other;
    bool called = false;
    trail.async_next(asio::bind_executor(other, checking([&] {
                                             BOOST_TEST(other.get_executor().running_in_this_thread());
                                             called = true;
                                         })));
    event.come();
    other.run();
    BOOST_TEST(called);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(bind_executor_of_a_pool, When, both) {
    second_event<When> event(*this);
    asio::thread_pool pool(2);
    std::promise<void> called;
    trail.async_next(asio::bind_executor(pool, checking([&] {
                                             BOOST_TEST(pool.get_executor().running_in_this_thread());
                                             called.set_value();
                                         })));
    event.come();
    called.get_future().get();
    pool.join();
}

BOOST_AUTO_TEST_CASE_TEMPLATE(bind_executor_of_the_system, When, both) {
    second_event<When> event(*this);
    auto const here = std::this_thread::get_id();
    std::promise<void> called;
    trail.async_next(asio::bind_executor(asio::system_executor(), checking([&] {
                                             BOOST_TEST((std::this_thread::get_id() != here));
                                             called.set_value();
                                         })));
    event.come();
    called.get_future().get();
}

BOOST_AUTO_TEST_CASE_TEMPLATE(bind_allocator_gets_its_memory_back_first, When, both) {
    second_event<When> event(*this);
    allocation_count count;
    bool called = false;
    trail.async_next(asio::bind_allocator(counting_allocator<void>(count), checking([&] {
                                              BOOST_TEST(count.now == 0u);
                                              called = true;
                                          })));
    BOOST_TEST(count.ever == 1u);
    event.come();
    run_all(context);
    BOOST_TEST(called);
    BOOST_TEST(count.ever == 1u);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(bind_cancellation_slot_is_left_empty, When, both) {
    second_event<When> event(*this);
    asio::cancellation_signal signal;
    bool called = false;
    trail.async_next(asio::bind_cancellation_slot(signal.slot(), checking([&] {
                                                      BOOST_TEST(!signal.slot().has_handler());
                                                      called = true;
                                                  })));
    event.come();
    run_all(context);
    BOOST_TEST(called);
    signal.emit(asio::cancellation_type::terminal);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(use_future, When, both) {
    second_event<When> event(*this);
    auto future = trail.async_next(asio::use_future);
    event.come();
    run_all(context);
    check({}, future.get());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(use_awaitable, When, both) {
    second_event<When> event(*this);
    bool done = false;
    auto body = [&]() -> asio::awaitable<void> {
        entry const found = co_await trail.async_next(asio::use_awaitable);
        check({}, found);
        BOOST_TEST(context.get_executor().running_in_this_thread());
        done = true;
    };
    asio::co_spawn(context, body, rethrow);
    context.restart();
    context.poll();
    event.come();
    run_all(context);
    BOOST_TEST(done);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(as_tuple, When, both) {
    second_event<When> event(*this);
    bool done = false;
    auto body = [&]() -> asio::awaitable<void> {
        auto answer = co_await trail.async_next(asio::as_tuple(asio::use_awaitable));
        check(std::get<0>(answer), std::get<1>(answer));
        done = true;
    };
    asio::co_spawn(context, body, rethrow);
    event.come();
    run_all(context);
    BOOST_TEST(done);
}

BOOST_AUTO_TEST_CASE(redirect_error) {
    event_filter filter;
    filter.max_event_id = 1;
    auto short_trail = follow(filter, 2);
    bool done = false;
    auto body = [&]() -> asio::awaitable<void> {
        error_code ec;
        entry const found = co_await short_trail.async_next(asio::redirect_error(asio::use_awaitable, ec));
        BOOST_TEST(ec == asio::error::eof);
        BOOST_TEST(found.line.empty());
        done = true;
    };
    asio::co_spawn(context, body, rethrow);
    run_all(context);
    BOOST_TEST(done);
}

BOOST_AUTO_TEST_CASE(an_error_is_thrown_into_a_coroutine) {
    event_filter filter;
    filter.max_event_id = 1;
    auto short_trail = follow(filter, 2);
    error_code seen;
    auto body = [&]() -> asio::awaitable<void> {
        try {
            co_await short_trail.async_next(asio::use_awaitable);
        } catch (boost::system::system_error const& failure) {
            seen = failure.code();
        }
    };
    asio::co_spawn(context, body, rethrow);
    run_all(context);
    BOOST_TEST(seen == asio::error::eof);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(deferred_starts_only_when_called, When, both) {
    second_event<When> event(*this);
    auto call = trail.async_next(asio::deferred);
    run_all(context);
    bool called = false;
    std::move(call)(checking([&] { called = true; }));
    event.come();
    run_all(context);
    BOOST_TEST(called);
}

BOOST_AUTO_TEST_CASE(a_call_without_a_token_is_deferred) {
    add(2, 2);
    bool called = false;
    trail.async_next()(checking([&] { called = true; }));
    run_all(context);
    BOOST_TEST(called);
}

BOOST_AUTO_TEST_CASE(deferred_may_outlive_the_handle) {
    add(2, 2);
    auto call = trail.async_next(asio::deferred);
    trail = follower();
    error_code seen;
    std::move(call)(must_be_called([&](error_code ec, entry const&) { seen = ec; }));
    run_all(context);
    BOOST_TEST(seen == asio::error::operation_aborted);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(detached, When, both) {
    second_event<When> event(*this);
    trail.async_next(asio::detached);
    event.come();
    run_all(context);
    add(3, 3);
    BOOST_TEST(next(trail).event.event_id == 3u);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(several_calls_complete_in_their_order, When, both) {
    std::vector<std::uint64_t> given;
    if (!When::comes_later) add(2, 100);
    for (int call = 2; call <= 100; ++call) {
        trail.async_next(must_be_called([&](error_code ec, entry const& found) {
            BOOST_TEST(!ec);
            given.push_back(found.event.event_id);
        }));
    }
    if (When::comes_later) add(2, 100);
    run_all(context);
    BOOST_TEST(given == range(2, 100), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(calls_from_many_threads_get_each_event_once) {
    constexpr std::uint64_t last = 4001;
    asio::thread_pool pool(4);
    std::mutex mutex;
    std::vector<std::uint64_t> given;
    for (std::uint64_t id = 2; id <= last; ++id) {
        asio::post(pool, [&] {
            trail.async_next(asio::bind_executor(pool, [&](error_code ec, entry const& found) {
                std::lock_guard const lock(mutex);
                if (!ec) given.push_back(found.event.event_id);
            }));
        });
    }
    add(2, last);
    pool.join();
    std::ranges::sort(given);
    BOOST_TEST((given == range(2, last)));
}

BOOST_AUTO_TEST_CASE(get_executor_returns_the_executor_of_the_constructor) {
    BOOST_TEST((trail.get_executor() == context.get_executor()));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace audit_trail::test::tokens_test
