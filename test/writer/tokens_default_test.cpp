// Tests calls without a token, and openings with an execution context.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/test/unit_test.hpp>

#include "support/drafts.hpp"
#include "support/printing.hpp"
#include "support/temporary_root.hpp"
#include "support/waiting.hpp"

namespace audit_trail::test::tokens_default_test {

BOOST_AUTO_TEST_CASE(calls_without_a_token_can_be_awaited) {
    temporary_root root;
    asio::io_context loop;
    bool done = false;
    auto const use = [&]() -> asio::awaitable<void> {
        writer trail = co_await writer::async_open(loop.get_executor(), root.path());
        event const first = co_await trail.async_append(make_draft());
        event const second = co_await trail.async_append(make_draft(), durability::written);
        receipt const third = co_await trail.async_record(make_draft());
        receipt const fourth = co_await trail.async_record(make_draft(), durability::written);
        std::vector<event> const more = co_await trail.async_append_batch(make_drafts(2));
        co_await trail.async_flush(durability::synced);
        co_await trail.async_close();
        BOOST_TEST(first.event_id == 1u);
        BOOST_TEST(second.event_id == 2u);
        BOOST_TEST(third.event_id == 3u);
        BOOST_TEST(fourth.event_id == 4u);
        BOOST_TEST(more.back().event_id == 6u);
        done = true;
    };
    asio::co_spawn(loop, use, [](std::exception_ptr failure) { BOOST_TEST(!failure); });
    run_all(loop);
    BOOST_TEST(done);
}

BOOST_AUTO_TEST_CASE(an_opening_with_an_execution_context_uses_its_executor) {
    temporary_root root;
    asio::io_context loop;
    writer trail = writer::open(loop, root.path());
    BOOST_TEST((trail.get_executor() == loop.get_executor()));

    error_code ec;
    asio::thread_pool pool(1);
    writer const second = writer::open(pool, root.path(), {}, ec);
    BOOST_TEST(ec == error::locked);
    BOOST_TEST(!second.is_open());
}

}  // namespace audit_trail::test::tokens_default_test
