// Tests P10: closing a writer, and destroying its handle.
#include <boost/asio/deferred.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>
#include <optional>
#include <thread>

#include "writer/held_writer.hpp"

namespace audit_trail::test::p10_close_test {

BOOST_FIXTURE_TEST_SUITE(p10_close, held_writer)

BOOST_AUTO_TEST_CASE(p10_all_admitted_events_are_committed_and_the_close_completes_last) {
    std::vector<std::uint64_t> order;
    for (int n = 0; n != 5; ++n) {
        trail.async_record(make_draft(), [&](error_code ec, receipt const& noted) {
            BOOST_TEST(!ec);
            order.push_back(noted.event_id);
        });
    }
    trail.async_close([&](error_code ec) {
        BOOST_TEST(!ec);
        BOOST_TEST((order == std::vector<std::uint64_t>{2, 3, 4, 5, 6}));
        BOOST_TEST(can_be_opened(root.path()));
        order.push_back(0);
    });
    context.run();
    BOOST_TEST(order.size() == 6u);
    BOOST_TEST(ids_in(root.path()) == ids_up_to(6));
    release();
}

BOOST_AUTO_TEST_CASE(p10_later_calls_are_refused_and_a_second_close_has_the_same_result) {
    int closed = 0;
    int refused = 0;
    trail.async_close([&](error_code ec) { closed += !ec; });
    auto const expect_closed = [&](error_code ec, auto const&...) { refused += ec == error::closed; };
    trail.async_append(make_draft(), expect_closed);
    trail.async_append_batch(make_drafts(2), expect_closed);
    trail.async_flush(durability::synced, expect_closed);
    trail.async_close([&](error_code ec) { closed += !ec; });
    context.run();
    BOOST_TEST(closed == 2);
    BOOST_TEST(refused == 3);
    trail.async_close([&](error_code ec) { closed += !ec; });
    trail.async_append(make_draft(), expect_closed);
    run_all(context);
    BOOST_TEST(closed == 3);
    BOOST_TEST(refused == 4);
    BOOST_TEST(ids_in(root.path()) == ids_up_to(1));
}

BOOST_AUTO_TEST_CASE(p10_a_full_closed_writer_reports_closed) {
    for (int n = 0; n != 10; ++n)
        trail.async_record(make_draft(), [](error_code ec, receipt const&) { BOOST_TEST(!ec); });
    trail.async_close([](error_code ec) { BOOST_TEST(!ec); });
    error_code refused;
    trail.async_record(make_draft(), [&](error_code ec, receipt const&) { refused = ec; });
    context.run();
    BOOST_TEST(refused == error::closed);
}

BOOST_AUTO_TEST_CASE(p10_the_end_is_marked_clean) {
    trail.async_close([](error_code ec) { BOOST_TEST(!ec); });
    context.run();
    writer const again = writer::open(context.get_executor(), root.path());
    BOOST_TEST(again.recovery().clean);
    BOOST_TEST(again.recovery().findings.empty());
    BOOST_TEST(again.stats().last_synced_event_id == 1u);
}

BOOST_AUTO_TEST_CASE(p10_destroying_the_handle_closes_in_the_background) {
    std::vector<std::uint64_t> order;
    for (int n = 0; n != 5; ++n) {
        trail.async_record(make_draft(), [&](error_code ec, receipt const& noted) {
            BOOST_TEST(!ec);
            order.push_back(noted.event_id);
        });
    }
    { writer const gone(std::move(trail)); }
    context.run();
    BOOST_TEST((order == std::vector<std::uint64_t>{2, 3, 4, 5, 6}));
    wait_until([&] { return can_be_opened(root.path()); });
    BOOST_TEST(ids_in(root.path()) == ids_up_to(6));
}

BOOST_AUTO_TEST_CASE(p10_assigning_to_a_handle_closes_its_previous_writer) {
    temporary_root other_root;
    trail = writer::open(context.get_executor(), other_root.path());
    wait_until([&] { return can_be_opened(root.path()); });
    bool done = false;
    trail.async_record(make_draft(), [&](error_code ec, receipt const&) { done = !ec; });
    context.run();
    BOOST_TEST(done);
    BOOST_TEST(ids_in(other_root.path()) == ids_up_to(1));
    auto& itself = trail;
    trail = std::move(itself);
    BOOST_TEST(!can_be_opened(other_root.path()));
    trail = writer();
    wait_until([&] { return can_be_opened(other_root.path()); });
}

BOOST_AUTO_TEST_CASE(p10_the_handle_may_be_destroyed_inside_a_handler) {
    auto shared = std::make_shared<writer>(std::move(trail));
    int completed = 0;
    shared->async_record(make_draft(), [&, shared](error_code ec, receipt const&) mutable {
        BOOST_TEST(!ec);
        shared.reset();
        ++completed;
    });
    shared->async_record(make_draft(), [&](error_code ec, receipt const&) {
        BOOST_TEST(!ec);
        ++completed;
    });
    shared.reset();
    release();
    context.run();
    BOOST_TEST(completed == 2);
    wait_until([&] { return can_be_opened(root.path()); });
    BOOST_TEST(ids_in(root.path()) == ids_up_to(3));
}

BOOST_AUTO_TEST_CASE(p10_a_deferred_call_may_outlive_the_handle) {
    auto append = trail.async_append(make_draft(), asio::deferred);
    auto flush = trail.async_flush(durability::synced, asio::deferred);
    auto close = trail.async_close(asio::deferred);
    { writer const gone(std::move(trail)); }
    error_code append_error, flush_error, close_error = error::closed;
    std::move(append)([&](error_code ec, event const&) { append_error = ec; });
    std::move(flush)([&](error_code ec) { flush_error = ec; });
    std::move(close)([&](error_code ec) { close_error = ec; });
    context.run();
    BOOST_TEST(append_error == error::closed);
    BOOST_TEST(flush_error == error::closed);
    BOOST_TEST(!close_error);
    release();
}

BOOST_AUTO_TEST_CASE(p10_the_root_opens_again_at_once_after_the_close) {
    error_code reopened = error::locked;
    trail.async_close([&](error_code) { writer::open(context.get_executor(), root.path(), {}, reopened); });
    context.run();
    BOOST_TEST(!reopened);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(p10_close_under_load)

// At any moment, each append is either stored or refused as closed, and the files agree.
BOOST_AUTO_TEST_CASE(p10_every_call_is_answered_when_threads_append_and_another_closes) {
    for (int round = 0; round != 20; ++round) {
        temporary_root root;
        running_context context;
        writer_options options;
        options.durability = durability::written;
        writer trail = writer::open(context.get_executor(), root.path(), options);
        std::atomic<int> answered{0}, stored{0}, other{0};
        std::promise<error_code> closed;
        {
            std::vector<std::jthread> threads;
            for (int t = 0; t != 3; ++t) {
                threads.emplace_back([&] {
                    for (int n = 0; n != 300; ++n) {
                        trail.async_record(make_draft(), [&](error_code ec, receipt const&) {
                            if (!ec) ++stored;
                            if (ec && ec != error::closed) ++other;
                            ++answered;
                        });
                    }
                });
            }
            threads.emplace_back([&, round] {
                wait_until([&] { return stored >= round * 20; });
                trail.async_close([&](error_code ec) { closed.set_value(ec); });
            });
        }
        BOOST_TEST(!closed.get_future().get());
        BOOST_TEST(can_be_opened(root.path()));
        wait_until([&] { return answered == 900; });
        BOOST_TEST(other == 0);
        BOOST_TEST((ids_in(root.path()) == ids_up_to(static_cast<std::uint64_t>(stored))));
        BOOST_TEST(trail.stats().accepted == static_cast<std::uint64_t>(stored));
        BOOST_TEST(trail.stats().queue_events == 0u);
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace audit_trail::test::p10_close_test
