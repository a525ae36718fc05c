// Tests cancelled calls, and followers and execution contexts that are destroyed while calls wait.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/execution/bad_executor.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <tuple>
#include <type_traits>

#include "follower/fixture.hpp"
#include "support/unreliable_executor.hpp"

namespace audit_trail::test::lifetimes_test {

using boost::test_tools::per_element;
namespace {

template <asio::cancellation_type Type>
using type_constant = std::integral_constant<asio::cancellation_type, Type>;
using every_type =
    std::tuple<type_constant<asio::cancellation_type::terminal>, type_constant<asio::cancellation_type::partial>,
               type_constant<asio::cancellation_type::total>>;

void check_destroyed(handler_fate const& fate, int count) {
    BOOST_TEST(fate.called == 0);
    BOOST_TEST(fate.destroyed_uncalled == count);
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(follower_cancellation, follower_fixture)

BOOST_AUTO_TEST_CASE_TEMPLATE(a_waiting_call_is_aborted, Type, every_type) {
    auto trail = follow();
    asio::cancellation_signal signal;
    error_code seen;
    trail.async_next(
        asio::bind_cancellation_slot(signal.slot(), must_be_called([&](error_code ec, entry const&) { seen = ec; })));
    signal.emit(Type::value);
    BOOST_TEST(!seen);
    context.run();
    BOOST_TEST(seen == asio::error::operation_aborted);
    add(1, 3);
    BOOST_TEST(next_ids(trail, 3) == range(1, 3), per_element());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_cancelled_call_whose_handler_was_posted_leaves_the_event_to_the_next_call, Type,
                              every_type) {
    add(1, 3);
    auto trail = follow();
    wait_until([&] { return trail.report().matched == 3u; });
    asio::cancellation_signal signal;
    error_code seen;
    trail.async_next(
        asio::bind_cancellation_slot(signal.slot(), must_be_called([&](error_code ec, entry const&) { seen = ec; })));
    signal.emit(Type::value);
    context.run();
    BOOST_TEST(seen == asio::error::operation_aborted);
    BOOST_TEST(next_ids(trail, 3) == range(1, 3), per_element());
}

BOOST_AUTO_TEST_CASE(a_signal_of_type_none_changes_nothing) {
    auto trail = follow();
    asio::cancellation_signal signal;
    std::uint64_t given = 0;
    trail.async_next(asio::bind_cancellation_slot(
        signal.slot(), must_be_called([&](error_code, entry const& found) { given = found.event.event_id; })));
    signal.emit(asio::cancellation_type::none);
    add(1, 1);
    context.run();
    BOOST_TEST(given == 1u);
}

BOOST_AUTO_TEST_CASE(a_late_signal_does_not_reach_another_call) {
    add(1, 1);
    auto trail = follow();
    asio::cancellation_signal signal;
    std::vector<std::uint64_t> given;
    auto const note = [&](error_code ec, entry const& found) { given.push_back(ec ? 0 : found.event.event_id); };
    trail.async_next(asio::bind_cancellation_slot(signal.slot(), note));
    context.run();
    trail.async_next(note);
    signal.emit(asio::cancellation_type::terminal);
    add(2, 2);
    run_all(context);
    BOOST_TEST(given == range(1, 2), per_element());
}

BOOST_AUTO_TEST_CASE(a_cancelled_call_leaves_its_event_to_the_next_call) {
    auto trail = follow();
    asio::cancellation_signal signals[10];
    std::vector<std::uint64_t> given;
    int aborted = 0;
    for (auto& signal : signals) {
        auto const note = [&](error_code ec, entry const& found) {
            if (ec == asio::error::operation_aborted) ++aborted;
            if (!ec) given.push_back(found.event.event_id);
        };
        trail.async_next(asio::bind_cancellation_slot(signal.slot(), must_be_called(note)));
    }
    add(1, 5);
    wait_until([&] { return trail.report().matched == 5u; });
    for (int n = 0; n != 10; n += 2) signals[n].emit(asio::cancellation_type::total);
    context.run();
    BOOST_TEST(aborted == 5);
    BOOST_TEST(given == range(1, 5), per_element());
}

BOOST_AUTO_TEST_CASE(nothing_is_lost_when_a_parallel_operation_completes_first) {
    using namespace asio::experimental::awaitable_operators;
    constexpr std::uint64_t count = 2000;
    add(1, count);
    auto trail = follow();
    std::vector<std::uint64_t> given;
    auto body = [&]() -> asio::awaitable<void> {
        while (given.size() < count) {
            auto result = co_await (trail.async_next(asio::use_awaitable) || asio::post(context, asio::use_awaitable));
            if (result.index() == 0) given.push_back(std::get<0>(result).event.event_id);
        }
    };
    asio::co_spawn(context, body, asio::detached);
    context.run();
    BOOST_TEST((given == range(1, count)));
}

BOOST_AUTO_TEST_CASE(calls_may_be_cancelled_while_events_are_appended) {
    constexpr std::uint64_t count = 3000;
    auto trail = follow();
    asio::thread_pool pool(2);
    auto const strand = asio::make_strand(pool);
    std::vector<std::uint64_t> given;
    asio::cancellation_signal signal;
    std::uint64_t calls = 0;
    std::function<void()> ask = [&] {
        trail.async_next(asio::bind_cancellation_slot(
            signal.slot(), asio::bind_executor(strand, [&](error_code ec, entry const& found) {
                if (!ec) given.push_back(found.event.event_id);
                if (given.size() < count) ask();
            })));
        // The event arrives while this call or the next waits, or after its handler was posted.
        if (++calls % 3 == 0) asio::post(strand, [&] { signal.emit(asio::cancellation_type::total); });
    };
    asio::post(strand, ask);
    add(1, count);
    pool.join();
    BOOST_TEST((given == range(1, count)));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(follower_lifetimes, follower_fixture)

BOOST_AUTO_TEST_CASE(a_destroyed_follower_aborts_waiting_calls) {
    int aborted = 0;
    {
        auto trail = follow();
        for (int n = 0; n != 5; ++n) {
            trail.async_next(must_be_called([&](error_code ec, entry const& found) {
                BOOST_TEST(ec == asio::error::operation_aborted);
                BOOST_TEST(found.line.empty());
                ++aborted;
            }));
        }
    }
    context.run();
    BOOST_TEST(aborted == 5);
}

BOOST_AUTO_TEST_CASE(a_destroyed_follower_aborts_calls_whose_handlers_were_posted) {
    add(1, 5);
    auto trail = follow();
    wait_until([&] { return trail.report().matched == 5u; });
    int aborted = 0;
    for (int n = 0; n != 5; ++n) {
        trail.async_next(must_be_called([&](error_code ec, entry const&) {
            BOOST_TEST(ec == asio::error::operation_aborted);
            ++aborted;
        }));
    }
    trail = follower();
    context.run();
    BOOST_TEST(aborted == 5);
}

BOOST_AUTO_TEST_CASE(a_follower_may_be_moved_while_a_call_waits) {
    auto trail = follow();
    std::uint64_t given = 0;
    trail.async_next(must_be_called([&](error_code, entry const& found) { given = found.event.event_id; }));
    follower other = std::move(trail);
    add(1, 2);
    context.run();
    BOOST_TEST(given == 1u);
    trail = std::move(other);
    BOOST_TEST(next(trail).event.event_id == 2u);
}

BOOST_AUTO_TEST_CASE(a_handler_may_destroy_the_follower) {
    add(1, 3);
    auto trail = std::make_unique<follower>(follow());
    int called = 0;
    int aborted = 0;
    for (int n = 0; n != 3; ++n) {
        trail->async_next(must_be_called([&](error_code ec, entry const&) {
            ++(ec ? aborted : called);
            trail.reset();
        }));
    }
    context.run();
    BOOST_TEST(called == 1);
    BOOST_TEST(aborted == 2);
}

BOOST_AUTO_TEST_CASE(followers_may_be_created_and_destroyed_without_a_call) {
    add(1, 100);
    for (int n = 0; n != 100; ++n) follow();
}

BOOST_AUTO_TEST_CASE(p10_a_destroyed_context_destroys_waiting_handlers) {
    for (bool const handle_first : {true, false}) {
        handler_fate fate;
        auto own = std::make_unique<asio::io_context>();
        std::optional<follower> trail(std::in_place, own->get_executor(), root);
        for (int n = 0; n != 5; ++n) trail->async_next(fateful_handler<>(fate));
        if (handle_first) trail.reset();
        own.reset();
        check_destroyed(fate, 5);
        trail.reset();
    }
}

BOOST_AUTO_TEST_CASE(p10_a_destroyed_context_destroys_posted_handlers) {
    add(1, 5);
    handler_fate fate;
    auto own = std::make_unique<asio::io_context>();
    follower trail(own->get_executor(), root, {}, 1);
    wait_until([&] { return trail.report().matched == 5u; });
    for (int n = 0; n != 5; ++n) trail.async_next(fateful_handler<>(fate));
    own.reset();
    check_destroyed(fate, 5);
}

BOOST_AUTO_TEST_CASE(the_event_of_a_destroyed_handler_goes_to_the_next_call) {
    add(1, 3);
    auto trail = follow();
    wait_until([&] { return trail.report().matched == 3u; });
    handler_fate fate;
    {
        asio::io_context other;
        for (int n = 0; n != 2; ++n) trail.async_next(asio::bind_executor(other, fateful_handler<>(fate)));
    }
    check_destroyed(fate, 2);
    BOOST_TEST(next_ids(trail, 3) == range(1, 3), per_element());
}

BOOST_AUTO_TEST_CASE(the_event_of_a_destroyed_handler_goes_to_a_waiting_call) {
    auto trail = follow();
    handler_fate fate;
    std::uint64_t given = 0;
    {
        asio::io_context other;
        trail.async_next(asio::bind_executor(other, fateful_handler<>(fate)));
        trail.async_next(must_be_called([&](error_code, entry const& found) { given = found.event.event_id; }));
        add(1, 1);
        wait_until([&] { return trail.report().matched == 1u; });
    }
    context.run();
    check_destroyed(fate, 1);
    BOOST_TEST(given == 1u);
}

BOOST_AUTO_TEST_CASE(the_context_of_a_handler_may_be_destroyed_before_the_follower) {
    auto trail = follow();
    std::optional<asio::io_context> other;
    for (std::uint64_t id = 1; id <= 5; ++id) {
        handler_fate fate;
        other.emplace();
        trail.async_next(asio::bind_executor(*other, fateful_handler<>(fate)));
        other.reset();
        check_destroyed(fate, 1);
        add(id, id);
        BOOST_TEST(next(trail).event.event_id == id);
    }
}

BOOST_AUTO_TEST_CASE(contexts_may_be_destroyed_while_events_are_appended) {
    auto trail = follow();
    std::uint64_t id = 0;
    for (int round = 0; round != 200; ++round) {
        asio::io_context other;
        for (int n = 0; n != 3; ++n) trail.async_next(asio::bind_executor(other, asio::detached));
        add(id + 1, id + 1);
        ++id;
    }
    BOOST_TEST((next_ids(trail, id) == range(1, id)));
}

BOOST_AUTO_TEST_CASE(the_waiting_handler_may_hold_the_only_handle) {
    handler_fate fate;
    {
        asio::io_context own;
        auto const trail = std::make_shared<follower>(own.get_executor(), root);
        trail->async_next(fateful_handler<std::shared_ptr<follower>>(fate, trail));
    }
    check_destroyed(fate, 1);
}

BOOST_AUTO_TEST_CASE(a_coroutine_may_be_destroyed_with_its_context) {
    bool ended = false;
    {
        asio::io_context own;
        auto body = [&]() -> asio::awaitable<void> {
            follower trail(own.get_executor(), root, {}, 1);
            co_await trail.async_next(asio::use_awaitable);
            co_await trail.async_next(asio::use_awaitable);
            ended = true;
        };
        asio::co_spawn(own, body, asio::detached);
        add(1, 1);
        own.run_one();
    }
    BOOST_TEST(!ended);
}

BOOST_AUTO_TEST_CASE(a_strand_does_not_outlive_its_context) {
    for (int round = 0; round != 100; ++round) {
        handler_fate fate;
        auto const own = std::make_unique<asio::io_context>();
        {
            follower trail(asio::make_strand(*own), root);
            trail.async_next(fateful_handler<>(fate));
            trail.async_next(asio::bind_executor(asio::make_strand(*own), fateful_handler<>(fate)));
        }
    }
}

BOOST_AUTO_TEST_CASE(a_strand_does_not_outlive_its_context_with_a_longer_lived_cancellation_slot) {
    handler_fate fate;
    asio::cancellation_signal signal;
    {
        asio::io_context own;
        follower trail(asio::make_strand(own), root);
        trail.async_next(asio::bind_cancellation_slot(signal.slot(), fateful_handler<>(fate)));
    }
    check_destroyed(fate, 1);
    signal.emit(asio::cancellation_type::terminal);
}

BOOST_AUTO_TEST_CASE(a_strand_does_not_outlive_its_context_with_a_longer_lived_handle) {
    handler_fate fate;
    std::optional<asio::io_context> own(std::in_place);
    follower trail(asio::make_strand(*own), root);
    trail.async_next(fateful_handler<>(fate));
    own.reset();
    check_destroyed(fate, 1);
    BOOST_TEST(!trail.get_executor());
}

BOOST_AUTO_TEST_CASE(a_thread_pool_may_be_destroyed_while_calls_wait) {
    add(1, 1);
    handler_fate fate;
    {
        asio::thread_pool pool(2);
        follower trail(pool.get_executor(), root, {}, 1);
        for (int n = 0; n != 5; ++n) trail.async_next(fateful_handler<>(fate));
        pool.stop();
        pool.join();
    }
    BOOST_TEST(fate.called + fate.destroyed_uncalled == 5);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(follower_without_an_executor, follower_fixture)

BOOST_AUTO_TEST_CASE(a_default_constructed_follower_completes_with_closed) {
    follower trail;
    error_code seen;
    trail.async_next(asio::bind_executor(context, must_be_called([&](error_code ec, entry const&) { seen = ec; })));
    context.run();
    BOOST_TEST(seen == error::closed);
    BOOST_CHECK_THROW(trail.async_next([](error_code, entry const&) {}), asio::execution::bad_executor);
    BOOST_TEST(!trail.get_executor());
    BOOST_TEST(trail.report().lines == 0u);
    BOOST_TEST(trail.take_findings().empty());
}

BOOST_AUTO_TEST_CASE(a_follower_with_an_empty_executor_completes_with_no_executor) {
    follower trail({}, root);
    error_code seen;
    trail.async_next(asio::bind_executor(context, must_be_called([&](error_code ec, entry const&) { seen = ec; })));
    context.run();
    BOOST_TEST(seen == error::no_executor);
    BOOST_CHECK_THROW(trail.async_next([](error_code, entry const&) {}), asio::execution::bad_executor);
}

BOOST_AUTO_TEST_CASE(a_handle_may_outlive_the_pool_of_its_strand) {
    add(1, 1);
    follower trail;
    {
        asio::thread_pool pool(1);
        trail = follower(asio::make_strand(pool), root, {}, 1);
        BOOST_TEST(trail.async_next(asio::use_future).get().event.event_id == 1u);
    }
    BOOST_TEST(!trail.get_executor());
    std::uint64_t given = 0;
    add(2, 2);
    trail.async_next(
        asio::bind_executor(context, [&](error_code, entry const& found) { given = found.event.event_id; }));
    context.run();
    BOOST_TEST(given == 2u);
}

BOOST_AUTO_TEST_CASE(a_deferred_call_may_outlive_the_pool_of_the_strand) {
    add(1, 1);
    error_code seen;
    {
        auto call = [&] {
            asio::thread_pool pool(1);
            follower trail(asio::make_strand(pool), root, {}, 1);
            return trail.async_next(asio::deferred);
        }();
        std::move(call)(asio::bind_executor(context, [&](error_code ec, entry const&) { seen = ec; }));
    }
    context.run();
    BOOST_TEST(seen == asio::error::operation_aborted);
}

BOOST_AUTO_TEST_CASE(an_executor_that_throws_loses_its_handler_but_no_event) {
    asio::io_context other;
    executor_faults faults;
    faults.throws_from = 0;
    faults.throws_to = 1;
    handler_fate fate;
    auto trail = follow();
    trail.async_next(asio::bind_executor(unreliable_executor(other, faults), fateful_handler<>(fate)));
    add(1, 2);
    wait_until([&] { return fate.destroyed_uncalled == 1; });
    BOOST_TEST(next_ids(trail, 2) == range(1, 2), per_element());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace audit_trail::test::lifetimes_test
