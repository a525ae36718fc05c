// Tests P9: a call can be cancelled until a batch contains it; later it completes as usual.
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <functional>
#include <list>
#include <random>
#include <stdexcept>
#include <thread>

#include "support/unreliable_executor.hpp"
#include "writer/held_writer.hpp"

namespace audit_trail::test::p09_cancellation_test {

namespace {

using asio::cancellation_type;

constexpr cancellation_type every_type[] = {cancellation_type::terminal, cancellation_type::partial,
                                            cancellation_type::total, cancellation_type::all};

/// Returns a handler that stores the error, bound to the slot of `signal`.
auto keep(error_code& kept, int& called, asio::cancellation_signal& signal) {
    return asio::bind_cancellation_slot(signal.slot(), must_be_called([&](error_code ec, auto const&...) {
                                            kept = ec;
                                            ++called;
                                        }));
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(p09_cancellation, held_writer)

BOOST_AUTO_TEST_CASE(p09_every_cancellation_type_aborts_a_waiting_call) {
    for (auto const type : every_type) {
        asio::cancellation_signal signal;
        error_code ec;
        int called = 0;
        trail.async_record(make_draft("unwanted"), keep(ec, called, signal));
        signal.emit(type);
        BOOST_TEST(called == 0);
        run_all(context);
        BOOST_TEST(called == 1);
        BOOST_TEST(ec == asio::error::operation_aborted);
    }
    release();
    bool done = false;
    trail.async_record(make_draft(), [&](error_code, receipt const& noted) { done = noted.event_id == 2u; });
    run_all(context);
    BOOST_TEST(done);
    for (stored_line const& line : read_trail(root.path())) BOOST_TEST(line.text.find("unwanted") == std::string::npos);
    BOOST_TEST(ids_in(root.path()) == ids_up_to(2));
    BOOST_TEST(trail.stats().cancelled == 4u);
    BOOST_TEST(trail.stats().queue_events == 0u);
}

BOOST_AUTO_TEST_CASE(p09_type_none_has_no_effect) {
    asio::cancellation_signal signal;
    error_code ec = error::closed;
    int called = 0;
    trail.async_record(make_draft(), keep(ec, called, signal));
    signal.emit(cancellation_type::none);
    release();
    context.run();
    BOOST_TEST(called == 1);
    BOOST_TEST(!ec);
    BOOST_TEST(ids_in(root.path()) == ids_up_to(2));
}

BOOST_AUTO_TEST_CASE(p09_appends_batches_and_flushes_can_be_cancelled) {
    asio::cancellation_signal append, append_written, record, record_written, batch, flush;
    error_code ec[6];
    int called = 0;
    trail.async_append(make_draft(), keep(ec[0], called, append));
    trail.async_append(make_draft(), durability::written, keep(ec[1], called, append_written));
    trail.async_record(make_draft(), keep(ec[2], called, record));
    trail.async_record(make_draft(), durability::synced, keep(ec[3], called, record_written));
    trail.async_append_batch(make_drafts(1), keep(ec[4], called, batch));
    trail.async_flush(durability::synced, keep(ec[5], called, flush));
    for (auto* const signal : {&flush, &append, &record_written, &append_written, &batch, &record}) {
        signal->emit(cancellation_type::total);
    }
    context.run();
    BOOST_TEST(called == 6);
    for (error_code const& each : ec) BOOST_TEST(each == asio::error::operation_aborted);
    release();
    BOOST_TEST(ids_in(root.path()) == ids_up_to(1));
    BOOST_TEST(trail.stats().cancelled == 5u);
}

BOOST_AUTO_TEST_CASE(p09_close_is_not_cancellable) {
    asio::cancellation_signal signal;
    error_code ec = error::closed;
    int called = 0;
    trail.async_close(keep(ec, called, signal));
    BOOST_TEST(!signal.slot().has_handler());
    signal.emit(cancellation_type::terminal);
    context.run();
    BOOST_TEST(called == 1);
    BOOST_TEST(!ec);
}

BOOST_AUTO_TEST_CASE(p09_an_event_of_a_batch_cannot_be_cancelled) {
    release();
    for (auto const type : every_type) {
        auto const before = trail.stats().acknowledged;
        asio::cancellation_signal signal;
        error_code ec = error::closed;
        int called = 0;
        trail.async_record(make_draft(), keep(ec, called, signal));
        wait_until([&] { return trail.stats().acknowledged == before + 1; });
        signal.emit(type);
        run_all(context);
        BOOST_TEST(called == 1);
        BOOST_TEST(!ec);
    }
    BOOST_TEST(trail.stats().cancelled == 0u);
    BOOST_TEST(ids_in(root.path()) == ids_up_to(5));
}

BOOST_AUTO_TEST_CASE(p09_a_second_signal_has_no_effect) {
    asio::cancellation_signal signal;
    error_code ec;
    int called = 0;
    trail.async_record(make_draft(), keep(ec, called, signal));
    signal.emit(cancellation_type::total);
    signal.emit(cancellation_type::terminal);
    context.run();
    signal.emit(cancellation_type::terminal);
    BOOST_TEST(called == 1);
    BOOST_TEST(ec == asio::error::operation_aborted);
    BOOST_TEST(trail.stats().cancelled == 1u);
}

BOOST_AUTO_TEST_CASE(p09_a_signal_cancels_only_its_own_call) {
    asio::cancellation_signal signal;
    error_code ec;
    int called = 0;
    std::vector<std::uint64_t> ids;
    auto const note = [&](error_code, receipt const& noted) { ids.push_back(noted.event_id); };
    trail.async_record(make_draft("first"), note);
    trail.async_record(make_draft("unwanted"), keep(ec, called, signal));
    trail.async_record(make_draft("last"), note);
    signal.emit(cancellation_type::total);
    release();
    context.run();
    BOOST_TEST(ec == asio::error::operation_aborted);
    BOOST_TEST((ids == std::vector<std::uint64_t>{2, 3}));
    auto const lines = read_trail(root.path());
    BOOST_TEST_REQUIRE(lines.size() == 3u);
    BOOST_TEST(lines[1].text.find("first") != std::string::npos);
    BOOST_TEST(lines[2].text.find("last") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(p09_a_cancelled_call_makes_room_after_its_handler_has_run) {
    for (int round = 0; round != 5; ++round) {
        std::list<asio::cancellation_signal> signals(10);
        int aborted = 0;
        for (auto& signal : signals) {
            trail.async_record(make_draft(), asio::bind_cancellation_slot(signal.slot(), [&](error_code ec, receipt) {
                                   BOOST_TEST(ec == asio::error::operation_aborted);
                                   ++aborted;
                               }));
        }
        for (auto& signal : signals) signal.emit(cancellation_type::total);
        run_all(context);
        BOOST_TEST(aborted == 10);
        BOOST_TEST(trail.stats().queue_events == 1u);
    }
}

BOOST_AUTO_TEST_CASE(p09_a_coroutine_may_race_an_append_against_a_timer) {
    using namespace asio::experimental::awaitable_operators;
    bool timed_out = false;
    auto body = [&]() -> asio::awaitable<void> {
        asio::steady_timer timer(context);
        timer.expires_at(asio::steady_timer::time_point::min());
        auto append = trail.async_append(make_draft("unwanted"), asio::use_awaitable);
        auto expiry = timer.async_wait(asio::use_awaitable);
        auto either = std::move(append) || std::move(expiry);
        auto const outcome = co_await std::move(either);
        timed_out = outcome.index() == 1;
    };
    asio::co_spawn(context, body, [](std::exception_ptr failure) { BOOST_TEST(!failure); });
    context.run();
    BOOST_TEST(timed_out);
    release();
    BOOST_TEST(ids_in(root.path()) == ids_up_to(1));
    BOOST_TEST(trail.stats().cancelled == 1u);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(p09_progress)

BOOST_AUTO_TEST_CASE(p09_calls_after_a_cancelled_call_do_not_wait_for_its_room) {
    auto options = one_at_a_time();
    options.max_pending_events = 10;
    options.max_pending_bytes = 300 * 1024;  // room for one large event, but not for two
    held_writer held(options);
    std::string const long_name(100 * 1024, 'x');
    held.trail.async_record(make_draft(long_name),
                            asio::bind_executor(held.holding, [](error_code, receipt const&) {}));
    wait_until([&] { return held.trail.stats().acknowledged == 2u; });
    asio::cancellation_signal signal;
    error_code large = error::closed;
    int called = 0;
    held.trail.async_record(make_draft(long_name), keep(large, called, signal));
    error_code small = error::closed;
    held.trail.async_record(make_draft(), [&](error_code ec, receipt const&) { small = ec; });
    BOOST_TEST(held.trail.stats().queue_events == 4u);
    signal.emit(cancellation_type::total);
    run_until(held.context, [&] { return !small; });
    BOOST_TEST(large == asio::error::operation_aborted);
    held.release();
}

BOOST_AUTO_TEST_CASE(p09_calls_after_a_cancelled_call_do_not_wait_if_its_executor_throws) {
    writer_options options;
    options.durability = durability::written;
    options.max_pending_events = 2;
    held_writer held(options);
    executor_faults faults;
    faults.throws_from = 0;
    faults.throws_to = 1;
    asio::cancellation_signal signal;
    handler_fate fate;
    held.trail.async_append_batch(
        {make_draft("unwanted"), make_draft("unwanted")},
        asio::bind_cancellation_slot(
            signal.slot(), asio::bind_executor(unreliable_executor(held.context, faults), fateful_handler<>(fate))));
    bool done = false;
    held.trail.async_record(make_draft(), [&](error_code, receipt const& noted) { done = noted.event_id == 2u; });
    std::this_thread::sleep_for(std::chrono::milliseconds(50));  // the batch now waits for the first handler
    BOOST_CHECK_THROW(signal.emit(cancellation_type::total), std::runtime_error);
    BOOST_TEST(fate.destroyed_uncalled == 1);
    run_until(held.context, [&] { return done; });
    held.release();
}

// The step and the signals race for every event: it is either stored or cancelled, and the files agree.
BOOST_AUTO_TEST_CASE(p09_either_the_batch_or_the_cancellation_wins) {
    temporary_root root;
    asio::io_context context;
    writer_options options;
    options.durability = durability::written;
    options.max_pending_events = 64;
    writer trail = writer::open(context.get_executor(), root.path(), options);
    constexpr int calls = 20'000;
    std::list<asio::cancellation_signal> signals;
    std::vector<std::string> stored;
    int aborted = 0;
    int started = 0;
    std::mt19937 random(7);
    std::function<void()> next = [&] {
        if (started == calls) return;
        auto& signal = signals.emplace_back();
        std::string const name = "number-" + std::to_string(started++);
        trail.async_record(make_draft(name),
                           asio::bind_cancellation_slot(signal.slot(), [&, name](error_code ec, receipt const&) {
                               BOOST_TEST_REQUIRE((!ec || ec == asio::error::operation_aborted));
                               ec ? static_cast<void>(++aborted) : stored.push_back(name);
                               next();
                           }));
        if (random() % 2 == 0) signal.emit(cancellation_type::total);
        if (random() % 8 == 0)
            std::next(signals.rbegin(), random() % std::min<std::size_t>(signals.size(), 20))
                ->emit(cancellation_type::total);
    };
    for (int n = 0; n != 100; ++n) next();
    context.run();
    BOOST_TEST(aborted + static_cast<int>(stored.size()) == calls);
    BOOST_TEST(trail.stats().cancelled == static_cast<std::uint64_t>(aborted));
    BOOST_TEST(trail.stats().queue_events == 0u);
    auto const lines = read_trail(root.path());
    BOOST_TEST((ids_of(lines) == ids_up_to(stored.size())));
    BOOST_TEST_REQUIRE(lines.size() == stored.size());
    for (std::size_t n = 0; n != lines.size(); ++n) {
        if (lines[n].text.find('"' + stored[n] + '"') == std::string::npos) BOOST_ERROR("another event was stored");
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace audit_trail::test::p09_cancellation_test
