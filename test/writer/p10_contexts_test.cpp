// Tests P10: execution contexts that are destroyed while events and handlers wait.
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>
#include <optional>
#include <thread>

#include "writer/held_writer.hpp"

namespace audit_trail::test::p10_contexts_test {

namespace {

constexpr int waiting = 5;

void record_several(writer& trail, handler_fate& fate) {
    for (int n = 0; n != waiting; ++n) trail.async_record(make_draft(), fateful_handler<>(fate));
}

template <class Executor>
void record_several(writer& trail, handler_fate& fate, Executor&& executor) {
    for (int n = 0; n != waiting; ++n) {
        trail.async_record(make_draft(), asio::bind_executor(executor, fateful_handler<>(fate)));
    }
}

void check_destroyed(handler_fate const& fate, int count) {
    BOOST_TEST(fate.called == 0);
    BOOST_TEST(fate.destroyed_uncalled == count);
}

/// A handler that appends further events when it is destroyed without a call.
class appending_handler {
 public:
    appending_handler(writer& trail, asio::any_io_executor executor, handler_fate& fate, int appends)
        : trail_(&trail), executor_(std::move(executor)), fate_(&fate), appends_(appends) {}
    appending_handler(appending_handler&& other) noexcept
        : trail_(std::exchange(other.trail_, nullptr)),
          executor_(std::move(other.executor_)),
          fate_(other.fate_),
          appends_(other.appends_) {}
    appending_handler& operator=(appending_handler&&) = delete;
    ~appending_handler() {
        if (!trail_) return;
        ++fate_->destroyed_uncalled;
        if (appends_ == 0) return;
        trail_->async_record(make_invalid_draft(), asio::bind_executor(executor_, fateful_handler<>(*fate_)));
        trail_->async_record(
            make_draft(), asio::bind_executor(executor_, appending_handler(*trail_, executor_, *fate_, appends_ - 1)));
    }

    void operator()(error_code, receipt const&) {
        trail_ = nullptr;
        ++fate_->called;
    }

 private:
    writer* trail_;
    asio::any_io_executor executor_;
    handler_fate* fate_;
    int appends_;
};

struct root_fixture {
    temporary_root root;
    handler_fate fate;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(p10_contexts, root_fixture)

BOOST_AUTO_TEST_CASE(p10_a_context_destroyed_after_the_handle_waits_until_the_writer_has_ended) {
    {
        asio::io_context context;
        writer trail = writer::open(context.get_executor(), root.path(), one_at_a_time());
        record_several(trail, fate);
    }
    BOOST_TEST(can_be_opened(root.path()));
    check_destroyed(fate, waiting);
    BOOST_TEST(ids_in(root.path()) == ids_up_to(waiting));
}

BOOST_AUTO_TEST_CASE(p10_a_context_destroyed_before_the_handle_waits_until_all_admitted_events_are_written) {
    auto context = std::make_unique<asio::io_context>();
    writer trail = writer::open(context->get_executor(), root.path(), one_at_a_time());
    record_several(trail, fate);
    context.reset();
    check_destroyed(fate, waiting);
    BOOST_TEST(ids_in(root.path()) == ids_up_to(waiting));
    BOOST_TEST(!can_be_opened(root.path()));
    trail = writer();
    wait_until([&] { return can_be_opened(root.path()); });
}

BOOST_AUTO_TEST_CASE(p10_every_kind_of_call_may_wait_in_the_context) {
    {
        asio::io_context context;
        writer trail = writer::open(context.get_executor(), root.path(), one_at_a_time());
        record_several(trail, fate);
        trail.async_append(make_draft(), fateful_handler<>(fate));
        trail.async_append(make_invalid_draft(), fateful_handler<>(fate));
        trail.async_append_batch(make_drafts(1), fateful_handler<>(fate));
        trail.async_flush(durability::synced, fateful_handler<>(fate));
        trail.async_close(fateful_handler<>(fate));
        trail.async_append(make_draft(), fateful_handler<>(fate));
        trail.async_close(fateful_handler<>(fate));
    }
    BOOST_TEST(can_be_opened(root.path()));
    check_destroyed(fate, waiting + 7);
    BOOST_TEST(ids_in(root.path()) == ids_up_to(waiting + 2));
}

BOOST_AUTO_TEST_CASE(p10_posted_handlers_are_destroyed_with_their_context) {
    {
        asio::io_context context;
        writer trail = writer::open(context.get_executor(), root.path());
        record_several(trail, fate);
        wait_until([&] { return trail.stats().acknowledged == waiting; });
    }
    check_destroyed(fate, waiting);
}

BOOST_AUTO_TEST_CASE(p10_a_stopped_context_may_be_destroyed) {
    int completed = 0;
    {
        asio::io_context context;
        writer trail = writer::open(context.get_executor(), root.path(), one_at_a_time());
        trail.async_record(make_draft(), [&](error_code, receipt const&) {
            ++completed;
            context.stop();
        });
        record_several(trail, fate);
        context.run();
    }
    BOOST_TEST(completed == 1);
    BOOST_TEST(can_be_opened(root.path()));
    BOOST_TEST(fate.called + fate.destroyed_uncalled == waiting);
    BOOST_TEST(ids_in(root.path()) == ids_up_to(waiting + 1));
}

BOOST_AUTO_TEST_CASE(p10_a_stopped_context_may_be_restarted) {
    asio::io_context context;
    writer trail = writer::open(context.get_executor(), root.path(), one_at_a_time());
    int completed = 0;
    for (int n = 0; n != 10; ++n) {
        trail.async_record(make_draft(), [&](error_code, receipt const&) {
            ++completed;
            context.stop();
        });
    }
    while (completed != 10) {
        int const before = completed;
        run_all(context);
        BOOST_TEST_REQUIRE(completed > before);
    }
}

BOOST_AUTO_TEST_CASE(p10_cancelled_calls_do_not_block_the_destruction_of_a_context) {
    asio::cancellation_signal signals[waiting];
    {
        asio::io_context context;
        writer trail = writer::open(context.get_executor(), root.path(), one_at_a_time());
        trail.async_record(make_draft(), fateful_handler<>(fate));
        wait_until([&] { return trail.stats().acknowledged == 1u; });
        for (auto& signal : signals) {
            trail.async_record(make_draft(), asio::bind_cancellation_slot(signal.slot(), fateful_handler<>(fate)));
        }
        for (auto& signal : signals) signal.emit(asio::cancellation_type::total);
    }
    BOOST_TEST(can_be_opened(root.path()));
    check_destroyed(fate, waiting + 1);
    BOOST_TEST(ids_in(root.path()) == ids_up_to(1));
}

BOOST_AUTO_TEST_CASE(p10_cancelled_calls_do_not_block_the_destruction_of_a_handlers_context) {
    asio::io_context home;
    writer trail = writer::open(home.get_executor(), root.path(), one_at_a_time());
    asio::cancellation_signal signals[waiting];
    {
        asio::io_context context;
        trail.async_record(make_draft(), asio::bind_executor(context, fateful_handler<>(fate)));
        wait_until([&] { return trail.stats().acknowledged == 1u; });
        for (auto& signal : signals) {
            trail.async_record(make_draft(), asio::bind_cancellation_slot(
                                                 signal.slot(), asio::bind_executor(context, fateful_handler<>(fate))));
        }
        for (auto& signal : signals) signal.emit(asio::cancellation_type::total);
    }
    check_destroyed(fate, waiting + 1);
    BOOST_TEST(trail.stats().queue_events == 0u);
    bool done = false;
    trail.async_record(make_draft(), [&](error_code ec, receipt const&) { done = !ec; });
    home.run();
    BOOST_TEST(done);
    BOOST_TEST(ids_in(root.path()) == ids_up_to(2));
}

BOOST_AUTO_TEST_CASE(p10_late_signals_to_destroyed_handlers_have_no_effect) {
    asio::cancellation_signal signal;
    asio::io_context home;
    writer trail = writer::open(home.get_executor(), root.path(), one_at_a_time());
    {
        asio::io_context context;
        trail.async_record(make_draft(), asio::bind_cancellation_slot(
                                             signal.slot(), asio::bind_executor(context, fateful_handler<>(fate))));
    }
    check_destroyed(fate, 1);
    error_code outcome = error::closed;
    trail.async_record(make_draft(), [&](error_code ec, receipt const&) { outcome = ec; });
    signal.emit(asio::cancellation_type::terminal);
    home.run();
    BOOST_TEST(!outcome);
}

BOOST_AUTO_TEST_CASE(p10_a_handlers_context_may_be_destroyed_while_the_writer_stays_open) {
    asio::io_context home;
    writer trail = writer::open(home.get_executor(), root.path(), one_at_a_time());
    std::optional<asio::io_context> other;
    for (int round = 0; round != 5; ++round) {
        other.emplace();
        record_several(trail, fate, *other);
        other.reset();
        check_destroyed(fate, (round + 1) * waiting);
    }
    other.emplace();
    bool done = false;
    trail.async_record(make_draft(), asio::bind_executor(*other, [&](error_code ec, receipt const&) { done = !ec; }));
    other->run();
    BOOST_TEST(done);
    BOOST_TEST(ids_in(root.path()) == ids_up_to(5 * waiting + 1));
}

BOOST_AUTO_TEST_CASE(p10_a_new_context_may_have_the_address_of_the_destroyed_context) {
    std::optional<asio::io_context> context(std::in_place);
    writer trail = writer::open(context->get_executor(), root.path(), one_at_a_time());
    for (int round = 1; round <= 5; ++round) {
        record_several(trail, fate, context->get_executor());
        context.reset();
        check_destroyed(fate, round * waiting);
        BOOST_TEST(ids_in(root.path()) == ids_up_to(static_cast<std::uint64_t>(round) * waiting));
        context.emplace();
    }
}

BOOST_AUTO_TEST_CASE(p10_handlers_may_append_when_they_are_destroyed) {
    for (bool const own : {true, false}) {
        temporary_root own_root;
        handler_fate own_fate;
        auto home = std::make_unique<asio::io_context>();
        auto other = std::make_unique<asio::io_context>();
        auto& dying = own ? home : other;
        writer trail = writer::open(home->get_executor(), own_root.path(), one_at_a_time());
        for (int n = 0; n != waiting; ++n) {
            appending_handler handler(trail, dying->get_executor(), own_fate, 3);
            trail.async_record(make_draft(), asio::bind_executor(*dying, std::move(handler)));
        }
        asio::post(*dying, [handler = appending_handler(trail, dying->get_executor(), own_fate, 3)] {});
        dying.reset();
        check_destroyed(own_fate, (waiting + 1) * (4 + 3));
        BOOST_TEST(ids_in(own_root.path()) == ids_up_to(waiting * 4 + 3));
        BOOST_TEST(trail.stats().queue_events == 0u);
    }
}

BOOST_AUTO_TEST_CASE(p10_two_contexts_with_waiting_events_may_be_destroyed_in_any_order) {
    for (bool const home_first : {true, false}) {
        temporary_root own_root;
        handler_fate own_fate;
        auto home = std::make_unique<asio::io_context>();
        auto other = std::make_unique<asio::io_context>();
        {
            writer trail = writer::open(home->get_executor(), own_root.path(), one_at_a_time());
            for (int n = 0; n != 2; ++n) {
                trail.async_record(make_draft(), fateful_handler<>(own_fate));
                trail.async_record(make_draft(), asio::bind_executor(*other, fateful_handler<>(own_fate)));
            }
        }
        (home_first ? home : other).reset();
        (home_first ? other : home).reset();
        check_destroyed(own_fate, 4);
        BOOST_TEST(can_be_opened(own_root.path()));
        BOOST_TEST(ids_in(own_root.path()) == ids_up_to(4));
    }
}

BOOST_AUTO_TEST_CASE(p10_two_writers_may_share_a_context_that_is_destroyed) {
    temporary_root other_root;
    {
        asio::io_context context;
        writer one = writer::open(context.get_executor(), root.path(), one_at_a_time());
        writer two = writer::open(context.get_executor(), other_root.path(), one_at_a_time());
        record_several(one, fate);
        record_several(two, fate);
    }
    check_destroyed(fate, 2 * waiting);
    BOOST_TEST(can_be_opened(root.path()));
    BOOST_TEST(can_be_opened(other_root.path()));
    BOOST_TEST(ids_in(root.path()) == ids_up_to(waiting));
    BOOST_TEST(ids_in(other_root.path()) == ids_up_to(waiting));
}

BOOST_AUTO_TEST_CASE(p10_only_the_waiting_handlers_may_own_the_handle) {
    {
        asio::io_context context;
        auto const trail = std::make_shared<writer>(writer::open(context.get_executor(), root.path(), one_at_a_time()));
        for (int n = 0; n != waiting; ++n) {
            trail->async_record(make_draft(), fateful_handler<std::shared_ptr<writer>>(fate, trail));
        }
    }
    check_destroyed(fate, waiting);
    BOOST_TEST(can_be_opened(root.path()));
    BOOST_TEST(ids_in(root.path()) == ids_up_to(waiting));
}

BOOST_AUTO_TEST_CASE(p10_a_handler_that_waits_in_another_context_may_own_the_handle) {
    auto home = std::make_unique<asio::io_context>();
    asio::io_context other;
    {
        auto const trail = std::make_shared<writer>(writer::open(home->get_executor(), root.path(), one_at_a_time()));
        trail->async_record(make_draft(), fateful_handler<>(fate));
        trail->async_record(make_draft(),
                            asio::bind_executor(other, fateful_handler<std::shared_ptr<writer>>(fate, trail)));
    }
    home.reset();
    BOOST_TEST(fate.destroyed_uncalled == 1);
    other.run();
    BOOST_TEST(fate.called == 1);
    wait_until([&] { return can_be_opened(root.path()); });
    BOOST_TEST(ids_in(root.path()) == ids_up_to(2));
}

BOOST_AUTO_TEST_CASE(p10_a_context_may_be_destroyed_during_an_opening) {
    for (int round = 0; round != 20; ++round) {
        temporary_root own_root;
        handler_fate own_fate;
        {
            asio::io_context context;
            writer::async_open(context.get_executor(), own_root.path(), {}, fateful_handler<>(own_fate));
        }
        check_destroyed(own_fate, 1);
        BOOST_TEST(can_be_opened(own_root.path()));
    }
}

BOOST_AUTO_TEST_CASE(p10_a_context_may_be_destroyed_during_an_opening_that_fails) {
    asio::io_context home;
    writer const first = writer::open(home.get_executor(), root.path());
    for (int round = 0; round != 20; ++round) {
        handler_fate own_fate;
        {
            asio::io_context context;
            writer::async_open(context.get_executor(), root.path(), {}, fateful_handler<>(own_fate));
        }
        check_destroyed(own_fate, 1);
    }
}

BOOST_AUTO_TEST_CASE(p10_the_context_of_an_openings_handler_may_be_destroyed) {
    asio::io_context home;
    {
        asio::io_context other;
        writer::async_open(home.get_executor(), root.path(), {}, asio::bind_executor(other, fateful_handler<>(fate)));
    }
    check_destroyed(fate, 1);
    wait_until([&] { return can_be_opened(root.path()); });
}

BOOST_AUTO_TEST_CASE(p10_a_thread_pool_may_be_destroyed) {
    {
        asio::thread_pool pool(2);
        writer trail = writer::open(pool.get_executor(), root.path(), one_at_a_time());
        record_several(trail, fate);
        pool.stop();
        pool.join();
    }
    BOOST_TEST(fate.called + fate.destroyed_uncalled == waiting);
    BOOST_TEST(can_be_opened(root.path()));
    BOOST_TEST(ids_in(root.path()) == ids_up_to(waiting));
}

// The writer's executor is a strand, whose destructor needs its context. So no thread may hold it after the context.
BOOST_AUTO_TEST_CASE(p10_a_strand_does_not_outlive_its_context) {
    for (int round = 0; round != 100; ++round) {
        temporary_root own_root;
        handler_fate own_fate;
        auto const context = std::make_unique<asio::io_context>();
        {
            writer trail = writer::open(asio::make_strand(*context), own_root.path(), one_at_a_time());
            record_several(trail, own_fate);
            record_several(trail, own_fate, asio::make_strand(*context));
        }
    }
    BOOST_TEST(can_be_opened(root.path()));
}

BOOST_AUTO_TEST_CASE(p10_the_strand_of_a_failed_opening_does_not_outlive_its_context) {
    asio::io_context home;
    writer const first = writer::open(home.get_executor(), root.path());
    for (int round = 0; round != 100; ++round) {
        handler_fate own_fate;
        {
            asio::io_context context;
            writer::async_open(asio::make_strand(context), root.path(), {}, fateful_handler<>(own_fate));
        }
        check_destroyed(own_fate, 1);
    }
}

BOOST_AUTO_TEST_CASE(p10_a_strand_created_after_the_first_writer_does_not_outlive_its_context) {
    temporary_root other_root;
    {
        asio::io_context context;
        writer first = writer::open(context.get_executor(), other_root.path());
        writer second = writer::open(asio::make_strand(context), root.path(), one_at_a_time());
        record_several(second, fate);
    }
    check_destroyed(fate, waiting);
    BOOST_TEST(can_be_opened(root.path()));
    BOOST_TEST(ids_in(root.path()) == ids_up_to(waiting));
}

BOOST_AUTO_TEST_CASE(p10_a_strand_does_not_outlive_its_context_with_a_longer_lived_handle) {
    writer trail;
    {
        asio::io_context context;
        trail = writer::open(asio::make_strand(context), root.path(), one_at_a_time());
        record_several(trail, fate);
    }
    check_destroyed(fate, waiting);
    BOOST_TEST(!trail.get_executor());
}

BOOST_AUTO_TEST_CASE(p10_a_strand_does_not_outlive_its_context_with_a_longer_lived_cancellation_slot) {
    asio::cancellation_signal signal;
    {
        asio::io_context context;
        writer trail = writer::open(asio::make_strand(context), root.path());
        trail.async_record(make_draft(), asio::bind_cancellation_slot(signal.slot(), fateful_handler<>(fate)));
    }
    check_destroyed(fate, 1);
    signal.emit(asio::cancellation_type::terminal);
    BOOST_TEST(ids_in(root.path()) == ids_up_to(1));
}

BOOST_AUTO_TEST_CASE(p10_a_writer_that_has_ended_does_not_block_its_context) {
    asio::io_context home;
    std::optional<writer> trail = writer::open(home.get_executor(), root.path());
    trail->async_close([](error_code ec) { BOOST_TEST(!ec); });
    home.run();
    {
        asio::io_context other;
        trail->async_close(asio::bind_executor(other, fateful_handler<>(fate)));
        trail->async_append(make_draft(), asio::bind_executor(other, fateful_handler<>(fate)));
    }
    check_destroyed(fate, 2);
    trail.reset();
    BOOST_TEST(can_be_opened(root.path()));
}

BOOST_AUTO_TEST_CASE(p10_nothing_of_a_writer_remains_after_its_context_is_destroyed) {
    {
        running_context context;
        for (int round = 0; round != 10; ++round) {
            temporary_root own_root;
            writer trail = writer::open(context.get_executor(), own_root.path());
            trail.async_record(make_draft(), asio::use_future).get();
        }
    }
    BOOST_TEST(can_be_opened(root.path()));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace audit_trail::test::p10_contexts_test
