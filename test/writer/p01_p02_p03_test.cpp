// Tests the writer's part of P1 acknowledgement, P2 ids and P3 order.
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/test/unit_test.hpp>
#include <functional>
#include <memory>
#include <thread>

#include "support/drafts.hpp"
#include "support/handlers.hpp"
#include "support/printing.hpp"
#include "support/temporary_root.hpp"
#include "support/trail_files.hpp"
#include "support/waiting.hpp"

#ifndef AUDIT_TRAIL_TEST_EVENTS
#define AUDIT_TRAIL_TEST_EVENTS 1'000'000
#endif

namespace audit_trail::test::p01_p02_p03_test {

namespace {

writer_options with(durability wanted) {
    writer_options options;
    options.durability = wanted;
    return options;
}

struct running_fixture {
    temporary_root root;
    running_context context;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(p01_acknowledgement, running_fixture)

BOOST_AUTO_TEST_CASE(p01_the_line_is_in_the_file_when_the_handler_runs) {
    writer trail = writer::open(context.get_executor(), root.path());
    for (auto const wanted : {durability::written, durability::synced}) {
        auto const noted = trail.async_record(make_draft(), wanted, asio::use_future).get();
        BOOST_TEST(ids_in(root.path()).back() == noted.event_id);
    }
}

BOOST_AUTO_TEST_CASE(p01_written_does_not_wait_for_the_disk) {
    writer trail = writer::open(context.get_executor(), root.path(), with(durability::written));
    auto const before = trail.stats().syncs;
    trail.async_append(make_draft(), asio::use_future).get();
    trail.async_record(make_draft(), asio::use_future).get();
    trail.async_append_batch(make_drafts(3), asio::use_future).get();
    BOOST_TEST(trail.stats().syncs == before);
    BOOST_TEST(trail.stats().last_event_id == 5u);
    BOOST_TEST(trail.stats().last_synced_event_id == 0u);
}

BOOST_AUTO_TEST_CASE(p01_synced_is_the_default_and_waits_for_the_disk) {
    writer trail = writer::open(context.get_executor(), root.path());
    for (std::uint64_t n = 1; n <= 3; ++n) {
        trail.async_append(make_draft(), asio::use_future).get();
        BOOST_TEST(trail.stats().syncs == n);
        BOOST_TEST(trail.stats().last_synced_event_id == n);
    }
    trail.async_append_batch(make_drafts(2), asio::use_future).get();
    BOOST_TEST(trail.stats().last_synced_event_id == 5u);
}

BOOST_AUTO_TEST_CASE(p01_a_call_may_name_its_own_durability) {
    writer trail = writer::open(context.get_executor(), root.path(), with(durability::written));
    trail.async_append(make_draft(), asio::use_future).get();
    BOOST_TEST(trail.stats().last_synced_event_id == 0u);
    trail.async_append(make_draft(), durability::synced, asio::use_future).get();
    BOOST_TEST(trail.stats().last_synced_event_id == 2u);
    trail.async_record(make_draft(), durability::written, asio::use_future).get();
    BOOST_TEST(trail.stats().last_synced_event_id == 2u);
}

BOOST_AUTO_TEST_CASE(p01_a_synced_flush_syncs_written_events) {
    writer trail = writer::open(context.get_executor(), root.path(), with(durability::written));
    trail.async_append(make_draft(), asio::use_future).get();
    trail.async_flush(durability::written, asio::use_future).get();
    BOOST_TEST(trail.stats().last_synced_event_id == 0u);
    trail.async_flush(durability::synced, asio::use_future).get();
    BOOST_TEST(trail.stats().last_synced_event_id == 1u);
}

BOOST_AUTO_TEST_CASE(p01_a_flush_completes_after_all_appends_initiated_before_it) {
    writer trail = writer::open(context.get_executor(), root.path(), with(durability::written));
    int completed = 0;
    std::promise<int> completed_at_flush;
    asio::post(context.get(), [&] {
        for (int n = 0; n != 1000; ++n) {
            trail.async_record(make_draft(), [&](error_code, receipt const&) { ++completed; });
        }
        trail.async_flush(durability::synced, [&](error_code) { completed_at_flush.set_value(completed); });
    });
    BOOST_TEST(completed_at_flush.get_future().get() == 1000);
    BOOST_TEST(trail.stats().last_synced_event_id == 1000u);
}

BOOST_AUTO_TEST_CASE(p01_the_returned_event_is_the_event_on_disk) {
    writer trail = writer::open(context.get_executor(), root.path());
    event_draft draft = make_draft("Gr\u00f6\u00dfe \U0001F600 \"quoted\"").with_request_id("request-7");
    draft.operation = operation::update;
    json::object before{{"a", 1}, {"b", 0.1}, {"c", ~std::uint64_t{0}}};
    json::object after{{"a", 2}, {"b", 0.1}, {"d", nullptr}};
    draft.payload = payload::from_update(before, after);
    event const stored = trail.async_append(draft, asio::use_future).get();
    BOOST_TEST(stored.event_id == 1u);
    BOOST_TEST(stored.timestamp == *draft.timestamp);
    BOOST_TEST(stored.domain == draft.domain);
    BOOST_TEST(stored.category == draft.category);
    BOOST_TEST(stored.model_name == draft.model_name);
    BOOST_TEST((stored.operation == draft.operation));
    BOOST_TEST(stored.logical_user_id == draft.logical_user_id);
    BOOST_TEST((stored.request_id == draft.request_id));
    BOOST_TEST((stored.payload->delta == draft.payload->delta));
    BOOST_TEST(!stored.payload->before.has_value());
    BOOST_TEST(!stored.payload->after.has_value());
}

BOOST_AUTO_TEST_CASE(p01_an_event_without_a_time_gets_the_time_of_the_call) {
    writer trail = writer::open(context.get_executor(), root.path());
    event_draft draft = make_draft();
    draft.timestamp.reset();
    auto const before = std::time(nullptr);
    receipt const noted = trail.async_record(draft, asio::use_future).get();
    BOOST_TEST(noted.timestamp >= before);
    BOOST_TEST(noted.timestamp <= std::time(nullptr));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(p02_ids, running_fixture)

BOOST_AUTO_TEST_CASE(p02_one_sequence_for_the_root_across_restarts) {
    std::uint64_t expected = 0;
    for (int run = 0; run != 4; ++run) {
        writer trail = writer::open(context.get_executor(), root.path());
        BOOST_TEST(trail.recovery().last_event_id == expected);
        for (int n = 0; n != 5; ++n) {
            event_draft draft = make_draft();
            draft.category = n % 2 == 0 ? "orders" : "invoices";
            BOOST_TEST(trail.async_record(draft, asio::use_future).get().event_id == ++expected);
        }
        trail.async_close(asio::use_future).get();
    }
    BOOST_TEST(ids_in(root.path()) == ids_up_to(expected));
}

BOOST_AUTO_TEST_CASE(p02_a_refused_event_uses_no_id) {
    writer trail = writer::open(context.get_executor(), root.path());
    auto const id = [&](auto draft) { return trail.async_record(std::move(draft), asio::use_future).get().event_id; };
    BOOST_TEST(id(make_draft()) == 1u);
    BOOST_CHECK_THROW(id(make_invalid_draft()), boost::system::system_error);
    BOOST_TEST(id(make_draft()) == 2u);
    auto drafts = make_drafts(3);
    drafts.back() = make_invalid_draft();
    BOOST_CHECK_THROW(trail.async_append_batch(drafts, asio::use_future).get(), boost::system::system_error);
    BOOST_TEST(id(make_draft()) == 3u);
}

BOOST_AUTO_TEST_CASE(p02_a_batch_gets_successive_ids_while_other_threads_append) {
    writer trail = writer::open(context.get_executor(), root.path(), with(durability::written));
    std::jthread const other([&] {
        for (int n = 0; n != 500; ++n) trail.async_record(make_draft(), asio::use_future).get();
    });
    for (int n = 0; n != 50; ++n) {
        auto const events = trail.async_append_batch(make_drafts(20), asio::use_future).get();
        BOOST_TEST_REQUIRE(events.size() == 20u);
        for (std::size_t i = 0; i != events.size(); ++i) {
            BOOST_TEST(events[i].event_id == events[0].event_id + i);
            BOOST_TEST(events[i].model_name == "order-" + std::to_string(i));
        }
    }
}

BOOST_AUTO_TEST_CASE(p02_an_empty_batch_completes_without_an_event) {
    writer trail = writer::open(context.get_executor(), root.path());
    BOOST_TEST(trail.async_append_batch({}, asio::use_future).get().empty());
    BOOST_TEST(trail.async_record(make_draft(), asio::use_future).get().event_id == 1u);
    BOOST_TEST(trail.stats().queue_bytes == 0u);
}

BOOST_AUTO_TEST_CASE(p02_a_batch_that_fills_several_segments_is_whole) {
    writer_options options;
    options.max_segment_bytes = 1000;
    writer trail = writer::open(context.get_executor(), root.path(), options);
    auto const events = trail.async_append_batch(make_drafts(100), asio::use_future).get();
    BOOST_TEST(events.back().event_id == 100u);
    BOOST_TEST(ids_in(root.path()) == ids_up_to(100));
    BOOST_TEST(std::filesystem::exists(root.path() / "shop/orders/audit-000005.jsonl"));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(p03_order)

namespace {

/// Appends numbered events on one executor, with a window of calls in flight. The receipts must arrive in their order.
class producer {
 public:
    producer(writer& trail, asio::any_io_executor executor, std::string name, int events)
        : trail_(trail), executor_(std::move(executor)), name_(std::move(name)), events_(events) {}

    void start() {
        asio::post(executor_, [this] {
            for (int n = 0; n != 2000 && n != events_; ++n) append();
        });
    }
    std::future<void> done() { return done_.get_future(); }
    bool in_order() const { return in_order_; }

 private:
    void append() {
        if (appended_ == events_) return;
        int const number = appended_++;
        event_draft draft("shop", name_, std::to_string(number), operation::create, "somebody");
        trail_.async_record(std::move(draft), asio::bind_executor(executor_, [this, number](error_code ec, receipt r) {
                                completed(ec, number, r.event_id);
                            }));
    }
    void completed(error_code ec, int number, std::uint64_t id) {
        in_order_ = in_order_ && !ec && number == completed_ && id > last_id_;
        last_id_ = id;
        if (++completed_ == events_) return done_.set_value();
        append();
    }

    writer& trail_;
    asio::any_io_executor executor_;
    std::string name_;
    int const events_;
    int appended_ = 0;
    int completed_ = 0;
    std::uint64_t last_id_ = 0;
    bool in_order_ = true;
    std::promise<void> done_;
};

/// Checks that the model names of a category's lines count up from 0.
bool counts_up(std::vector<stored_line> const& lines, std::string const& category) {
    std::string const here = "\"category\":\"" + category + "\"";
    std::size_t next = 0;
    for (stored_line const& line : lines) {
        if (line.text.find(here) == std::string::npos) continue;
        if (line.text.find("\"model_name\":\"" + std::to_string(next++) + "\"") == std::string::npos) return false;
    }
    return next != 0;
}

}  // namespace

BOOST_FIXTURE_TEST_CASE(p03_one_thread, running_fixture) {
    writer trail = writer::open(context.get_executor(), root.path(), with(durability::written));
    producer one(trail, context.get_executor(), "one", 20'000);
    one.start();
    one.done().get();
    BOOST_TEST(one.in_order());
    auto const lines = read_trail(root.path());
    BOOST_TEST((ids_of(lines) == ids_up_to(20'000)));
    BOOST_TEST(counts_up(lines, "one"));
}

BOOST_FIXTURE_TEST_CASE(p03_one_strand_over_a_pool_of_threads, running_fixture) {
    writer trail = writer::open(context.get_executor(), root.path(), with(durability::written));
    asio::thread_pool pool(3);
    producer one(trail, asio::make_strand(pool), "one", 20'000);
    one.start();
    one.done().get();
    pool.join();
    BOOST_TEST(one.in_order());
    auto const lines = read_trail(root.path());
    BOOST_TEST((ids_of(lines) == ids_up_to(20'000)));
    BOOST_TEST(counts_up(lines, "one"));
}

BOOST_FIXTURE_TEST_CASE(p03_two_threads_and_a_strand_over_a_million_events, running_fixture) {
    constexpr int each = AUDIT_TRAIL_TEST_EVENTS / 3;
    writer trail = writer::open(context.get_executor(), root.path(), with(durability::written));
    running_context other_context;
    asio::thread_pool pool(2);
    producer one(trail, context.get_executor(), "one", each);
    producer two(trail, other_context.get_executor(), "two", each);
    producer three(trail, asio::make_strand(pool), "three", each);
    one.start();
    two.start();
    three.start();
    one.done().get();
    two.done().get();
    three.done().get();
    pool.join();
    trail.async_close(asio::use_future).get();
    BOOST_TEST(one.in_order());
    BOOST_TEST(two.in_order());
    BOOST_TEST(three.in_order());
    auto const lines = read_trail(root.path());
    BOOST_TEST((ids_of(lines) == ids_up_to(3 * each)));
    BOOST_TEST(counts_up(lines, "one"));
    BOOST_TEST(counts_up(lines, "two"));
    BOOST_TEST(counts_up(lines, "three"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace audit_trail::test::p01_p02_p03_test
