// Tests P8: how much a writer holds at once, and what happens to further calls.
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/test/unit_test.hpp>
#include <functional>
#include <thread>

#include "support/drafts.hpp"
#include "support/handlers.hpp"
#include "support/printing.hpp"
#include "support/temporary_root.hpp"
#include "support/trail_files.hpp"
#include "support/waiting.hpp"

namespace audit_trail::test::p08_bounded_test {

namespace {

writer_options bounded(std::size_t pending, std::size_t waiting, overflow when_full) {
    writer_options options;
    options.durability = durability::written;
    options.max_pending_events = pending;
    options.max_waiting_events = waiting;
    options.overflow = when_full;
    return options;
}

event_draft make_large_draft(std::size_t bytes) {
    return make_draft(std::string(bytes, 'x'));
}

/// Handlers run only when the test runs the context.
struct bounded_fixture {
    temporary_root root;
    asio::io_context context;
    std::vector<std::uint64_t> ids;
    int full = 0;

    void record(writer& trail, event_draft draft = make_draft()) {
        trail.async_record(std::move(draft), must_be_called([this](error_code ec, receipt const& noted) {
                               if (ec) BOOST_TEST(ec == error::queue_full);
                               if (ec) ++full;
                               if (!ec) ids.push_back(noted.event_id);
                           }));
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(p08_bounded, bounded_fixture)

BOOST_AUTO_TEST_CASE(p08_reject_admits_only_the_pending_limit) {
    writer trail = writer::open(context.get_executor(), root.path(), bounded(4, 100, overflow::reject));
    for (int n = 0; n != 10; ++n) record(trail);
    BOOST_TEST(trail.stats().queue_events == 4u);
    BOOST_TEST(trail.stats().rejected == 6u);
    BOOST_TEST(trail.stats().accepted == 4u);
    context.run();
    BOOST_TEST(full == 6);
    BOOST_TEST(ids == ids_up_to(4));
    BOOST_TEST(trail.stats().queue_events == 0u);
    BOOST_TEST(trail.stats().queue_bytes == 0u);
}

BOOST_AUTO_TEST_CASE(p08_wait_admits_waiting_events_and_commits_them_in_order) {
    writer trail = writer::open(context.get_executor(), root.path(), bounded(2, 3, overflow::wait));
    for (int n = 0; n != 10; ++n) record(trail);
    BOOST_TEST(trail.stats().queue_events == 5u);
    BOOST_TEST(trail.stats().rejected == 5u);
    wait_until([&] { return trail.stats().acknowledged == 2u; });
    BOOST_TEST(ids_in(root.path()) == ids_up_to(2));
    context.run();
    BOOST_TEST(full == 5);
    BOOST_TEST(ids == ids_up_to(5));
    BOOST_TEST(trail.stats().queue_events == 0u);
}

BOOST_AUTO_TEST_CASE(p08_a_refused_call_does_not_wait_for_waiting_calls) {
    asio::io_context other;
    writer trail = writer::open(other.get_executor(), root.path(), bounded(1, 1, overflow::wait));
    int served = 0;
    auto const serve = [&](error_code ec, receipt const&) { served += !ec; };
    trail.async_record(make_draft(), serve);
    trail.async_record(make_draft(), serve);
    error_code refused;
    trail.async_record(make_draft(),
                       asio::bind_executor(context, [&](error_code ec, receipt const&) { refused = ec; }));
    context.run();
    BOOST_TEST(refused == error::queue_full);
    BOOST_TEST(served == 0);
    other.run();
    BOOST_TEST(served == 2);
}

BOOST_AUTO_TEST_CASE(p08_an_event_larger_than_the_limit_is_refused_by_an_empty_writer) {
    auto options = bounded(10, 10, overflow::wait);
    options.max_pending_bytes = 16 * 1024;
    writer trail = writer::open(context.get_executor(), root.path(), options);
    record(trail, make_large_draft(20 * 1024));
    context.run();
    BOOST_TEST(full == 1);
    record(trail, make_large_draft(4 * 1024));
    run_all(context);
    BOOST_TEST(ids == ids_up_to(1));
}

BOOST_AUTO_TEST_CASE(p08_a_batch_larger_than_the_limits_is_refused_by_an_empty_writer) {
    auto options = bounded(10, 100, overflow::wait);
    options.max_pending_bytes = 64 * 1024;
    writer trail = writer::open(context.get_executor(), root.path(), options);
    int refused = 0;
    auto const expect_full = [&](error_code ec, auto const&) {
        BOOST_TEST(ec == error::queue_full);
        ++refused;
    };
    trail.async_append_batch(make_drafts(11), expect_full);
    trail.async_append_batch(std::vector(5, make_large_draft(20 * 1024)), expect_full);
    context.run();
    BOOST_TEST(refused == 2);
    bool taken = false;
    trail.async_append_batch(make_drafts(10), [&](error_code ec, auto const&) { taken = !ec; });
    run_all(context);
    BOOST_TEST(taken);
    BOOST_TEST(ids_in(root.path()) == ids_up_to(10));
}

BOOST_AUTO_TEST_CASE(p08_bytes_count_like_events) {
    auto options = bounded(100, 0, overflow::reject);
    options.max_pending_bytes = 64 * 1024;
    writer trail = writer::open(context.get_executor(), root.path(), options);
    for (int n = 0; n != 10; ++n) record(trail, make_large_draft(20 * 1024));
    BOOST_TEST(trail.stats().queue_bytes <= options.max_pending_bytes);
    BOOST_TEST(trail.stats().queue_bytes >= trail.stats().queue_events * 20 * 1024);
    context.run();
    BOOST_TEST(ids.size() >= 1u);
    BOOST_TEST(ids.size() <= 3u);
    BOOST_TEST(full == 10 - static_cast<int>(ids.size()));
    BOOST_TEST(trail.stats().queue_bytes == 0u);
}

BOOST_AUTO_TEST_CASE(p08_a_chain_of_callbacks_is_never_refused_with_a_limit_of_one) {
    writer trail = writer::open(context.get_executor(), root.path(), bounded(1, 0, overflow::reject));
    int left = 1000;
    std::function<void()> next = [&] {
        trail.async_record(make_draft(), [&](error_code ec, receipt const&) {
            BOOST_TEST_REQUIRE(!ec);
            if (--left != 0) next();
        });
    };
    next();
    context.run();
    BOOST_TEST(left == 0);
    BOOST_TEST(trail.stats().rejected == 0u);
}

BOOST_AUTO_TEST_CASE(p08_a_waiting_batch_is_not_overtaken) {
    writer trail = writer::open(context.get_executor(), root.path(), bounded(3, 10, overflow::wait));
    record(trail);
    trail.async_append_batch(make_drafts(3), [&](error_code ec, std::vector<event> const& events) {
        BOOST_TEST_REQUIRE(!ec);
        for (event const& stored : events) ids.push_back(stored.event_id);
    });
    record(trail);
    wait_until([&] { return trail.stats().acknowledged == 1u; });
    BOOST_TEST(ids_in(root.path()) == ids_up_to(1));
    context.run();
    BOOST_TEST(ids == ids_up_to(5));
}

// At any time and from any thread, each call is answered once, and admitted events are in the files.
BOOST_AUTO_TEST_CASE(p08_nothing_is_lost_under_overload) {
    for (auto const when_full : {overflow::wait, overflow::reject}) {
        temporary_root own_root;
        running_context running;
        writer trail = writer::open(running.get_executor(), own_root.path(), bounded(16, 16, when_full));
        constexpr std::uint64_t each = 5000;
        std::atomic<std::uint64_t> admitted{0}, refused{0};
        {
            std::vector<std::jthread> threads;
            for (int t = 0; t != 3; ++t) {
                threads.emplace_back([&] {
                    for (std::uint64_t n = 0; n != each; ++n) {
                        trail.async_record(make_draft(), [&](error_code ec, receipt const&) {
                            ++(ec == error::queue_full ? refused : admitted);
                        });
                    }
                });
            }
        }
        wait_until([&] { return admitted + refused == 3 * each; });
        writer_stats const stats = trail.stats();
        BOOST_TEST(stats.accepted == admitted);
        BOOST_TEST(stats.rejected == refused);
        BOOST_TEST(stats.acknowledged == admitted);
        BOOST_TEST(stats.queue_events == 0u);
        BOOST_TEST(stats.queue_bytes == 0u);
        BOOST_TEST((ids_in(own_root.path()) == ids_up_to(admitted)));
    }
}

BOOST_AUTO_TEST_CASE(p08_flushes_are_bounded_too) {
    writer trail = writer::open(context.get_executor(), root.path(), bounded(1, 0, overflow::reject));
    record(trail);
    int completed = 0;
    int refused = 0;
    for (int n = 0; n != 5000; ++n) {
        trail.async_flush(durability::written, [&](error_code ec) { ++(ec ? refused : completed); });
    }
    context.run();
    BOOST_TEST(completed + refused == 5000);
    BOOST_TEST(completed >= 1000);
    BOOST_TEST(refused > 0);
    BOOST_TEST(ids == ids_up_to(1));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(statistics, bounded_fixture)

BOOST_AUTO_TEST_CASE(counts_add_up) {
    writer trail = writer::open(context.get_executor(), root.path());
    for (int n = 0; n != 10; ++n) record(trail);
    trail.async_append_batch(make_drafts(5), [](error_code ec, auto const&) { BOOST_TEST(!ec); });
    trail.async_append(make_invalid_draft(),
                       [](error_code ec, auto const&) { BOOST_TEST(ec == error::invalid_domain); });
    trail.async_flush(durability::synced, [](error_code ec) { BOOST_TEST(!ec); });
    context.run();
    writer_stats const stats = trail.stats();
    BOOST_TEST(stats.accepted == 15u);
    BOOST_TEST(stats.acknowledged == 15u);
    BOOST_TEST(stats.failed == 0u);
    BOOST_TEST(stats.cancelled == 0u);
    BOOST_TEST(stats.rejected == 1u);
    BOOST_TEST(stats.last_event_id == 15u);
    BOOST_TEST(stats.last_synced_event_id == 15u);
    BOOST_TEST(stats.batches >= 1u);
    BOOST_TEST(stats.batches <= 15u);
    BOOST_TEST(stats.batch_events.count == stats.batches);
    BOOST_TEST(stats.batch_events.sum == 15u);
    BOOST_TEST(stats.batch_bytes.count == stats.batches);
    BOOST_TEST(stats.batch_bytes.sum == stats.bytes);
    BOOST_TEST(stats.write_time_nanoseconds.count == stats.batches);
    BOOST_TEST(stats.sync_time_nanoseconds.count == stats.syncs);
    std::uint64_t bytes = 0;
    for (stored_line const& line : read_trail(root.path())) bytes += line.text.size() + 1;
    BOOST_TEST(stats.bytes == bytes);
}

BOOST_AUTO_TEST_CASE(a_reopened_writer_knows_the_last_id_and_resets_its_counters) {
    {
        writer trail = writer::open(context.get_executor(), root.path());
        record(trail);
        trail.async_close([](error_code ec) { BOOST_TEST(!ec); });
        context.run();
    }
    writer trail = writer::open(context.get_executor(), root.path());
    BOOST_TEST(trail.stats().last_event_id == 1u);
    BOOST_TEST(trail.stats().last_synced_event_id == 1u);
    BOOST_TEST(trail.stats().accepted == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace audit_trail::test::p08_bounded_test
