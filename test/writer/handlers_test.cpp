// Tests the rules for handlers: executor, order, memory, and exceptions.
#include <array>
#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/test/unit_test.hpp>
#include <future>
#include <stdexcept>
#include <thread>

#include "support/drafts.hpp"
#include "support/handlers.hpp"
#include "support/printing.hpp"
#include "support/temporary_root.hpp"
#include "support/trail_files.hpp"
#include "support/waiting.hpp"

namespace audit_trail::test::handlers_test {

namespace {

writer_options written() {
    writer_options options;
    options.durability = durability::written;
    return options;
}

struct handler_fixture {
    temporary_root root;
    asio::io_context context;
    writer trail = writer::open(context.get_executor(), root.path(), written());
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(handlers_refused, handler_fixture)

BOOST_AUTO_TEST_CASE(a_refused_draft_completes_on_its_executor_and_not_inside_the_call) {
    auto const strand = asio::make_strand(context);
    allocation_count count;
    bool initiating = true;
    int called = 0;
    auto const expect = [&](error_code expected) {
        return asio::bind_executor(strand,
                                   asio::bind_allocator(counting_allocator<void>(count),
                                                        must_be_called([&, expected](error_code ec, auto const&...) {
                                                            BOOST_TEST(!initiating);
                                                            BOOST_TEST(strand.running_in_this_thread());
                                                            BOOST_TEST(ec == expected);
                                                            ++called;
                                                        })));
    };
    trail.async_append(make_invalid_draft(), expect(error::invalid_domain));
    trail.async_record(make_invalid_draft(), durability::written, expect(error::invalid_domain));
    auto drafts = make_drafts(3);
    drafts[1] = make_invalid_draft();
    trail.async_append_batch(std::move(drafts), expect(error::invalid_domain));
    BOOST_TEST(count.ever > 0u);
    initiating = false;
    context.run();
    BOOST_TEST(called == 3);
    BOOST_TEST(count.now == 0u);
    BOOST_TEST(ids_in(root.path()).empty());
    BOOST_TEST(trail.stats().rejected == 3u);
}

BOOST_AUTO_TEST_CASE(a_closed_writer_refuses_on_the_executor_and_not_inside_the_call) {
    trail.async_close([](error_code ec) { BOOST_TEST(!ec); });
    asio::io_context other;
    bool initiating = true;
    int called = 0;
    auto const expect_closed = [&] {
        return asio::bind_executor(other, must_be_called([&](error_code ec, auto const&...) {
                                       BOOST_TEST(!initiating);
                                       BOOST_TEST(other.get_executor().running_in_this_thread());
                                       BOOST_TEST(ec == error::closed);
                                       ++called;
                                   }));
    };
    trail.async_append(make_draft(), expect_closed());
    trail.async_record(make_draft(), expect_closed());
    trail.async_append_batch(make_drafts(2), expect_closed());
    trail.async_flush(durability::synced, expect_closed());
    initiating = false;
    other.run();
    BOOST_TEST(called == 4);
    context.run();
}

BOOST_AUTO_TEST_CASE(an_open_that_fails_completes_on_its_executor) {
    asio::io_context other;
    bool initiating = true;
    bool called = false;
    writer::async_open(context.get_executor(), root.path(), {},
                       asio::bind_executor(other, must_be_called([&](error_code ec, writer const&) {
                                               BOOST_TEST(!initiating);
                                               BOOST_TEST(other.get_executor().running_in_this_thread());
                                               BOOST_TEST(ec == error::locked);
                                               called = true;
                                           })));
    initiating = false;
    other.run();
    BOOST_TEST(called);
}

BOOST_AUTO_TEST_CASE(options_out_of_range_are_refused) {
    temporary_root elsewhere;
    running_context running;
    auto const refused = [&](error expected, auto change) {
        writer_options options;
        change(options);
        error_code ec;
        writer::open(context.get_executor(), elsewhere.path(), options, ec);
        BOOST_TEST(ec == expected, ec.message());
        BOOST_TEST(ec == boost::system::errc::invalid_argument);
        auto future = writer::async_open(running.get_executor(), elsewhere.path(), options, asio::use_future);
        BOOST_CHECK_THROW(future.get(), boost::system::system_error);
    };
    constexpr std::size_t most_events = 4'194'304;
    constexpr std::size_t most_event_bytes = 16 * 1024 * 1024;
    refused(error::invalid_max_segment_bytes, [](auto& options) { options.max_segment_bytes = 0; });
    refused(error::invalid_max_pending_events, [](auto& options) { options.max_pending_events = 0; });
    refused(error::invalid_max_pending_events, [](auto& options) { options.max_pending_events = most_events + 1; });
    refused(error::invalid_max_pending_events, [](auto& options) { options.max_pending_events = ~std::size_t{0}; });
    refused(error::invalid_max_pending_bytes, [](auto& options) { options.max_pending_bytes = 0; });
    refused(error::invalid_max_waiting_events, [](auto& options) { options.max_waiting_events = most_events + 1; });
    refused(error::invalid_max_event_bytes, [](auto& options) { options.max_event_bytes = 0; });
    refused(error::invalid_max_event_bytes, [](auto& options) { options.max_event_bytes = 10; });
    refused(error::invalid_max_event_bytes, [](auto& options) { options.max_event_bytes = 1023; });
    refused(error::invalid_max_event_bytes, [](auto& options) { options.max_event_bytes = most_event_bytes + 1; });
    refused(error::invalid_max_batch_bytes, [](auto& options) { options.max_batch_bytes = 0; });
    refused(error::invalid_max_open_segments, [](auto& options) { options.max_open_segments = 0; });
    refused(error::invalid_sync_threads, [](auto& options) { options.sync_threads = 0; });
    refused(error::invalid_sync_threads, [](auto& options) { options.sync_threads = 1025; });
    refused(error::invalid_commit_log_bytes, [](auto& options) { options.commit_log_bytes = 8191; });
    refused(error::invalid_commit_log_bytes, [](auto& options) { options.commit_log_bytes = 268435457; });
    BOOST_TEST(!std::filesystem::exists(elsewhere.path()));
}

BOOST_AUTO_TEST_CASE(options_at_their_smallest_and_largest_values_are_accepted) {
    writer_options smallest;
    smallest.max_segment_bytes = smallest.max_pending_bytes = smallest.max_batch_bytes = 1;
    smallest.max_pending_events = smallest.max_open_segments = smallest.sync_threads = 1;
    smallest.max_waiting_events = smallest.max_waiting_bytes = 0;
    smallest.max_event_bytes = 1024;
    writer_options largest;
    largest.max_segment_bytes = ~std::uint64_t{0};
    largest.max_pending_bytes = largest.max_waiting_bytes = largest.max_batch_bytes = ~std::size_t{0};
    largest.max_pending_events = largest.max_waiting_events = 4'194'304;
    largest.max_open_segments = ~std::size_t{0};
    largest.sync_threads = 1024;
    largest.max_event_bytes = 16 * 1024 * 1024;
    for (writer_options const& options : {smallest, largest}) {
        temporary_root elsewhere;
        error_code ec;
        writer const opened = writer::open(context.get_executor(), elsewhere.path(), options, ec);
        BOOST_TEST(!ec, ec.message());
    }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(handlers_that_throw, handler_fixture)

BOOST_AUTO_TEST_CASE(the_exception_leaves_run_and_the_others_complete_in_order) {
    std::vector<std::uint64_t> order;
    for (int n = 1; n <= 100; ++n) {
        trail.async_record(make_draft(), must_be_called([&, n](error_code ec, receipt const& given) {
                               BOOST_TEST(!ec);
                               order.push_back(given.event_id);
                               if (n % 10 == 3) throw std::runtime_error("a handler's");
                           }));
    }
    int thrown = 0;
    while (order.size() != 100) {
        try {
            run_all(context);
        } catch (std::runtime_error const&) {
            ++thrown;
        }
    }
    BOOST_TEST(thrown == 10);
    BOOST_TEST(order == ids_up_to(100));
}

BOOST_AUTO_TEST_CASE(handlers_of_every_call_may_throw) {
    int called = 0;
    auto const thrower = [&] {
        return must_be_called([&](error_code, auto const&...) {
            ++called;
            throw std::runtime_error("a handler's");
        });
    };
    trail.async_append(make_draft(), thrower());
    trail.async_append(make_invalid_draft(), thrower());
    trail.async_append_batch(make_drafts(2), thrower());
    trail.async_flush(durability::synced, thrower());
    trail.async_close(thrower());
    trail.async_close(thrower());
    for (int n = 0; n != 6; ++n) BOOST_CHECK_THROW(run_all(context), std::runtime_error);
    BOOST_TEST(called == 6);
    BOOST_TEST(ids_in(root.path()) == ids_up_to(3));
    BOOST_TEST(trail.stats().queue_events == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(handlers_turns, handler_fixture)

BOOST_AUTO_TEST_CASE(a_timer_runs_between_ten_thousand_completions) {
    int completed = 0;
    for (int n = 0; n != 10'000; ++n)
        trail.async_record(make_draft(), [&](error_code, receipt const&) { ++completed; });
    wait_until([&] { return trail.stats().acknowledged == 10'000u; });
    int before_the_other = -1;
    asio::post(context, [&] { asio::post(context, [&] { before_the_other = completed; }); });
    context.run();
    BOOST_TEST(completed == 10'000);
    BOOST_TEST(before_the_other >= 0);
    BOOST_TEST(before_the_other < 1000);
}

BOOST_AUTO_TEST_CASE(each_of_a_thousand_strands_gets_its_own_completions) {
    std::vector<asio::strand<asio::io_context::executor_type>> strands;
    for (int n = 0; n != 1000; ++n) strands.push_back(asio::make_strand(context));
    int completed = 0;
    for (int round = 0; round != 3; ++round) {
        for (auto const& strand : strands) {
            trail.async_record(make_draft(), asio::bind_executor(strand, [&, strand](error_code ec, receipt const&) {
                                   BOOST_TEST(!ec);
                                   if (!strand.running_in_this_thread()) BOOST_ERROR("not on its strand");
                                   ++completed;
                               }));
        }
    }
    context.run();
    BOOST_TEST(completed == 3000);
}

BOOST_AUTO_TEST_CASE(thousands_of_futures_all_become_ready) {
    std::vector<std::future<receipt>> futures;
    for (int n = 0; n != 4000; ++n) futures.push_back(trail.async_record(make_draft(), asio::use_future));
    std::uint64_t expected = 0;
    for (auto& future : futures) {
        if (future.get().event_id != ++expected) BOOST_ERROR("another's receipt");
    }
}

BOOST_AUTO_TEST_CASE(a_handler_may_reuse_its_memory_for_the_next_call) {
    struct chain {
        writer& trail;
        allocation_count& count;
        int& left;
        void operator()(error_code ec, receipt const&) {
            BOOST_TEST(!ec);
            BOOST_TEST(count.now == 0u);
            if (left-- == 0) return;
            trail.async_record(make_draft(), asio::bind_allocator(counting_allocator<void>(count), chain(*this)));
        }
    };
    allocation_count count;
    int left = 100;
    asio::post(context, [&] { chain{trail, count, left}({}, {}); });
    context.run();
    BOOST_TEST(left == -1);
    BOOST_TEST(count.ever == 100u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace audit_trail::test::handlers_test
