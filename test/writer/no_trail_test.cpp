// Tests writers without a trail, and writers whose context was destroyed.
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/execution/bad_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/test/unit_test.hpp>
#include <optional>
#include <thread>

#include "support/deep_trees.hpp"
#include "support/drafts.hpp"
#include "support/handlers.hpp"
#include "support/printing.hpp"
#include "support/temporary_root.hpp"
#include "support/trail_files.hpp"
#include "support/waiting.hpp"

namespace audit_trail::test::no_trail_test {

namespace {

/// Starts every call with a handler that must be called on `context` with `expected`.
void check_every_call(writer& trail, asio::io_context& context, error_code expected) {
    int called = 0;
    auto const expect = [&] {
        return asio::bind_executor(context, must_be_called([&](error_code ec, auto const&...) {
                                       BOOST_TEST(ec == expected, ec.message());
                                       BOOST_TEST(context.get_executor().running_in_this_thread());
                                       ++called;
                                   }));
    };
    trail.async_append(make_draft(), expect());
    trail.async_append(make_draft(), durability::written, expect());
    trail.async_record(make_draft(), expect());
    trail.async_append_batch(make_drafts(2), expect());
    trail.async_flush(durability::synced, expect());
    trail.async_close(expect());
    BOOST_TEST(called == 0);
    run_all(context);
    BOOST_TEST(called == 6);
}

/// The same without an executor: every call must throw.
void check_every_call_throws(writer& trail) {
    auto const handler = [](error_code, auto const&...) { BOOST_ERROR("called"); };
    BOOST_CHECK_THROW(trail.async_append(make_draft(), handler), asio::execution::bad_executor);
    BOOST_CHECK_THROW(trail.async_record(make_draft(), handler), asio::execution::bad_executor);
    BOOST_CHECK_THROW(trail.async_record(make_invalid_draft(), handler), asio::execution::bad_executor);
    BOOST_CHECK_THROW(trail.async_append_batch(make_drafts(2), handler), asio::execution::bad_executor);
    BOOST_CHECK_THROW(trail.async_flush(durability::synced, handler), asio::execution::bad_executor);
    BOOST_CHECK_THROW(trail.async_close(asio::detached), asio::execution::bad_executor);
}

struct no_trail_fixture {
    temporary_root root;
    asio::io_context context;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(no_trail, no_trail_fixture)

BOOST_AUTO_TEST_CASE(calls_of_a_default_constructed_writer_complete_with_closed) {
    writer trail;
    check_every_call(trail, context, error::closed);
    check_every_call_throws(trail);
}

BOOST_AUTO_TEST_CASE(calls_of_a_moved_from_writer_complete_with_closed) {
    writer trail = writer::open(context.get_executor(), root.path());
    writer const other = std::move(trail);
    check_every_call(trail, context, error::closed);
}

BOOST_AUTO_TEST_CASE(calls_of_a_writer_that_failed_to_open_complete_with_closed) {
    writer const first = writer::open(context.get_executor(), root.path());
    error_code ec;
    writer second = writer::open(context.get_executor(), root.path(), {}, ec);
    BOOST_TEST(ec == error::locked);
    check_every_call(second, context, error::closed);
}

BOOST_AUTO_TEST_CASE(a_writer_without_a_trail_has_empty_statistics_and_no_executor) {
    writer const trail;
    BOOST_TEST(!trail.get_executor());
    BOOST_TEST(trail.stats().accepted == 0u);
    BOOST_TEST(!trail.recovery().created);
}

BOOST_AUTO_TEST_CASE(a_writer_is_open_until_a_close_is_initiated) {
    BOOST_TEST(!writer().is_open());
    writer trail = writer::open(context.get_executor(), root.path());
    BOOST_TEST(trail.is_open());
    writer moved = std::move(trail);
    BOOST_TEST(!trail.is_open());
    BOOST_TEST(moved.is_open());
    moved.async_close([](error_code ec) { BOOST_TEST(!ec); });
    BOOST_TEST(!moved.is_open());
    context.run();
}

BOOST_AUTO_TEST_CASE(a_writer_without_a_trail_destroys_a_draft_that_is_nested_too_deep) {
    writer trail;
    event_draft draft = make_draft();
    json::object record;
    record["deep"] = nested_arrays(100'000);
    draft.with_payload(payload::from_create(std::move(record)));
    trail.async_append(std::move(draft), asio::bind_executor(context, [](error_code ec, event const&) {
                           BOOST_TEST(ec == error::closed);
                       }));
    context.run();
}

BOOST_AUTO_TEST_CASE(an_empty_executor_is_an_error_of_open) {
    error_code ec;
    writer trail = writer::open({}, root.path(), {}, ec);
    BOOST_TEST(ec == error::no_executor);
    BOOST_CHECK_THROW(writer::open({}, root.path()), boost::system::system_error);
    writer::async_open({}, root.path(), {},
                       asio::bind_executor(context, [&](error_code answer, writer) { ec = answer; }));
    ec = {};
    context.run();
    BOOST_TEST(ec == error::no_executor);
    BOOST_CHECK_THROW(writer::async_open({}, root.path(), {}, asio::detached), asio::execution::bad_executor);
    BOOST_TEST(!std::filesystem::exists(root.path()));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(no_home, no_trail_fixture)

BOOST_AUTO_TEST_CASE(after_its_context_is_destroyed_a_writer_completes_on_the_executors_of_handlers) {
    std::optional<asio::io_context> home(std::in_place);
    writer trail = writer::open(home->get_executor(), root.path());
    home.reset();
    BOOST_TEST(!trail.get_executor());
    check_every_call_throws(trail);
    int called = 0;
    trail.async_record(make_draft(),
                       asio::bind_executor(context, [&](error_code ec, receipt const&) { called += !ec; }));
    trail.async_record(make_invalid_draft(), asio::bind_executor(context, [&](error_code ec, receipt const&) {
                           called += ec == error::invalid_domain;
                       }));
    context.run();
    BOOST_TEST(called == 2);
    BOOST_TEST(ids_in(root.path()) == ids_up_to(1));
    trail.async_close(asio::bind_executor(context, [&](error_code ec) { called += !ec; }));
    run_all(context);
    BOOST_TEST(called == 3);
}

BOOST_AUTO_TEST_CASE(a_handle_may_outlive_the_pool_of_its_strand_after_a_close) {
    writer trail;
    {
        asio::thread_pool pool(1);
        trail = writer::open(asio::make_strand(pool), root.path());
        trail.async_close(asio::use_future).get();
        pool.join();
    }
    BOOST_TEST(!trail.get_executor());
}

BOOST_AUTO_TEST_CASE(a_completion_in_another_context_may_outlive_the_pool_of_the_strand) {
    asio::io_context other;
    bool called = false;
    {
        asio::thread_pool pool(1);
        writer trail = writer::open(asio::make_strand(pool), root.path());
        trail.async_record(make_draft(),
                           asio::bind_executor(other, [&](error_code ec, receipt const&) { called = !ec; }));
        trail.async_close(asio::use_future).get();
    }
    other.run();
    BOOST_TEST(called);
}

BOOST_AUTO_TEST_CASE(a_deferred_call_may_outlive_the_pool_of_the_strand) {
    asio::io_context other;
    error_code answer;
    auto const deferred = [&] {
        asio::thread_pool pool(1);
        writer trail = writer::open(asio::make_strand(pool), root.path());
        auto result = trail.async_record(make_draft(), asio::deferred);
        trail.async_close(asio::use_future).get();
        return result;
    };
    {
        auto call = deferred();
        std::move(call)(asio::bind_executor(other, [&](error_code ec, receipt const&) { answer = ec; }));
    }
    other.run();
    BOOST_TEST(answer == error::closed);
}

BOOST_AUTO_TEST_CASE(the_last_handle_may_be_destroyed_while_another_thread_destroys_its_context) {
    for (int round = 0; round != 200; ++round) {
        temporary_root own_root;
        auto home = std::make_unique<asio::io_context>();
        writer trail = writer::open(asio::make_strand(*home), own_root.path());
        std::thread other([&] { trail = writer(); });
        home.reset();
        other.join();
    }
}

BOOST_AUTO_TEST_CASE(calls_on_other_executors_and_get_executor_may_overlap_the_destruction_of_the_context) {
    for (int round = 0; round != 50; ++round) {
        temporary_root own_root;
        running_context other;
        auto home = std::make_unique<asio::io_context>();
        writer trail = writer::open(home->get_executor(), own_root.path());
        std::atomic<bool> is_gone{false};
        std::atomic<int> waiting{0};
        std::thread appending([&] {
            while (!is_gone) {
                ++waiting;
                trail.async_record(make_draft(), durability::written,
                                   asio::bind_executor(other.get(), [&](error_code, receipt const&) { --waiting; }));
                static_cast<void>(trail.get_executor());
            }
        });
        wait_until([&] { return trail.stats().acknowledged > 10u; });
        home.reset();
        is_gone = true;
        appending.join();
        wait_until([&] { return waiting == 0; });
        BOOST_TEST(!trail.get_executor());
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace audit_trail::test::no_trail_test
