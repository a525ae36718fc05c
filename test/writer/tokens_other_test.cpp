// Tests every initiating function with completion tokens that are not callbacks.
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <exception>

#include "support/handlers.hpp"
#include "writer/calls.hpp"

namespace audit_trail::test::tokens_other_test {

namespace {

template <class Call>
using answer_of = decltype(Call::start(std::declval<call_fixture&>(), asio::use_future).get());

void rethrow(std::exception_ptr failure) {
    if (failure) std::rethrow_exception(failure);
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(tokens_other, call_fixture)

BOOST_AUTO_TEST_CASE_TEMPLATE(use_future, Call, every_call) {
    auto future = Call::start(*this, asio::use_future);
    if constexpr (std::is_void_v<answer_of<Call>>) {
        future.get();
    } else {
        auto answer = future.get();
        check_answer(answer);
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(use_awaitable, Call, every_call) {
    bool done = false;
    auto body = [&]() -> asio::awaitable<void> {
        if constexpr (std::is_void_v<answer_of<Call>>) {
            co_await Call::start(*this, asio::use_awaitable);
        } else {
            auto answer = co_await Call::start(*this, asio::use_awaitable);
            check_answer(answer);
        }
        BOOST_TEST(context.get_executor().running_in_this_thread());
        done = true;
    };
    asio::co_spawn(context, body, rethrow);
    context.run();
    BOOST_TEST(done);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(as_tuple_of_use_awaitable, Call, every_call) {
    bool done = false;
    auto body = [&]() -> asio::awaitable<void> {
        auto answer = co_await Call::start(*this, asio::as_tuple(asio::use_awaitable));
        std::apply(checking([&] { done = true; }), std::move(answer));
    };
    asio::co_spawn(context, body, rethrow);
    context.run();
    BOOST_TEST(done);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(redirect_error, Call, every_call) {
    bool done = false;
    auto body = [&]() -> asio::awaitable<void> {
        error_code ec = error::closed;
        co_await Call::start(*this, asio::redirect_error(asio::use_awaitable, ec));
        BOOST_TEST(!ec, ec.message());
        done = true;
    };
    asio::co_spawn(context, body, rethrow);
    context.run();
    BOOST_TEST(done);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(deferred_starts_only_when_called, Call, every_call) {
    auto call = Call::start(*this, asio::deferred);
    context.run();
    bool called = false;
    std::move(call)(must_be_called(checking([&] { called = true; })));
    run_all(context);
    BOOST_TEST(called);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(deferred_in_a_coroutine, Call, every_call) {
    bool done = false;
    auto body = [&]() -> asio::awaitable<void> {
        auto call = Call::start(*this, asio::deferred);
        auto answer = co_await std::move(call)(asio::as_tuple(asio::use_awaitable));
        std::apply(checking([&] { done = true; }), std::move(answer));
    };
    asio::co_spawn(context, body, rethrow);
    context.run();
    BOOST_TEST(done);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(detached, Call, every_call) {
    Call::start(*this, asio::detached);
    context.run();
    BOOST_TEST(trail.stats().failed == 0u);
    BOOST_TEST(trail.stats().rejected == 0u);
    BOOST_TEST(trail.stats().queue_events == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(first_use, call_fixture)

// The draft is a temporary of the co_await expression: GCC 12 would destroy a braced aggregate there twice. (GCC 12
// also rejects the braces of a JSON object there.)
BOOST_AUTO_TEST_CASE(a_draft_within_the_await_expression) {
    bool done = false;
    auto body = [&]() -> asio::awaitable<void> {
        json::object record{{"name", "a text that is too long to be stored inside"}};
        event const stored = co_await trail.async_append(
            event_draft("shop", "orders", "order-with-a-long-name-that-needs-memory", operation::create, "somebody")
                .with_payload(payload::from_create(record)),
            asio::use_awaitable);
        BOOST_TEST(stored.event_id == 1u);
        BOOST_TEST(stored.payload->after->at("name") == "a text that is too long to be stored inside");
        receipt const noted = co_await trail.async_record(
            event_draft("shop", "orders", "order-with-a-long-name-that-needs-memory", operation::remove, "somebody")
                .with_payload(payload::from_delete(std::move(record))),
            durability::written, asio::use_awaitable);
        BOOST_TEST(noted.event_id == 2u);
        co_await trail.async_close(asio::use_awaitable);
        done = true;
    };
    asio::co_spawn(context, body, rethrow);
    context.run();
    BOOST_TEST(done);
}

BOOST_AUTO_TEST_CASE(an_error_is_thrown_into_the_coroutine) {
    error_code seen;
    auto body = [&]() -> asio::awaitable<void> {
        try {
            co_await trail.async_append(make_invalid_draft(), asio::use_awaitable);
        } catch (boost::system::system_error const& failure) {
            seen = failure.code();
        }
    };
    asio::co_spawn(context, body, rethrow);
    context.run();
    BOOST_TEST(seen == error::invalid_domain);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace audit_trail::test::tokens_other_test
