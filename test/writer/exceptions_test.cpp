// Tests allocations that fail, and handlers that throw when they are moved: the exception reaches the caller, and the
// writer neither loses room nor does anything twice.
#include <array>
#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <optional>
#include <stdexcept>

#include "support/drafts.hpp"
#include "support/failing_allocations.hpp"
#include "support/handlers.hpp"
#include "support/printing.hpp"
#include "support/temporary_root.hpp"
#include "support/trail_files.hpp"
#include "support/waiting.hpp"

namespace audit_trail::test::exceptions_test {

namespace {

/// Runs `work` and lets its n-th allocation fail. Returns true if one failed.
template <class Work>
bool runs_out_of_memory(int n, Work work) {
    allocations_left = n;
    bool failed = false;
    try {
        work();
    } catch (std::bad_alloc const&) {
        failed = true;
    }
    failed |= allocations_left == -1;
    allocations_left = -1;
    return failed;
}

/// The number of moves before a move throws, counted for all handlers of this plan, and the number of calls.
struct move_plan {
    int left = -1;
    int calls = 0;
};

class thrown_when_moved : public std::runtime_error {
 public:
    thrown_when_moved() : std::runtime_error("a move") {}
};

template <std::size_t Size>
class restless_handler {
 public:
    explicit restless_handler(move_plan& plan) : plan_(&plan) {}
    restless_handler(restless_handler&& other) : plan_(other.plan_) {
        if (plan_->left >= 0 && plan_->left-- == 0) throw thrown_when_moved();
    }

    template <class... Answer>
    void operator()(error_code ec, Answer const&...) {
        BOOST_TEST(!ec, ec.message());
        ++plan_->calls;
    }

 private:
    move_plan* plan_;
    std::byte padding_[Size] = {};
};

using small_handler = restless_handler<1>;
using large_handler = restless_handler<400>;

/// A writer with room for only one event, so that any lost room is detected at once.
struct exceptions_fixture {
    temporary_root root;
    asio::io_context context;
    writer trail;

    exceptions_fixture() {
        writer_options options;
        options.durability = durability::written;
        options.overflow = overflow::reject;
        options.max_pending_events = 1;
        trail = writer::open(context.get_executor(), root.path(), options);
    }

    void check_room_for_one_more() {
        BOOST_TEST_REQUIRE(trail.stats().queue_events == 0u);
        BOOST_TEST_REQUIRE(trail.stats().queue_bytes == 0u);
        int answered = 0;
        trail.async_record(make_draft(), [&](error_code ec, receipt const& given) {
            BOOST_TEST_REQUIRE(!ec, ec.message());
            BOOST_TEST(given.event_id == ids_in(root.path()).back());
            ++answered;
        });
        run_all(context);
        BOOST_TEST_REQUIRE(answered == 1);
        auto const ids = ids_in(root.path());
        BOOST_TEST_REQUIRE((ids == ids_up_to(ids.size())));
        BOOST_TEST(trail.stats().accepted == trail.stats().acknowledged);
    }

    /// `start` makes a call with a handler that it gets as an rvalue. Each move of the handler throws in turn.
    template <class Handler, class Start>
    void check_every_move(Start start) {
        bool thrown = true;
        for (int n = 0; thrown; ++n) {
            move_plan plan{n};
            thrown = false;
            try {
                start(Handler(plan));
                run_all(context);
            } catch (thrown_when_moved const&) {
                thrown = true;
            }
            run_all(context);
            BOOST_TEST(plan.calls == (thrown ? 0 : 1));
            check_room_for_one_more();
        }
    }

    template <class Handler>
    void check_every_move_of_every_call() {
        check_every_move<Handler>([&](Handler&& handler) { trail.async_append(make_draft(), std::move(handler)); });
        check_every_move<Handler>([&](Handler&& handler) { trail.async_record(make_draft(), std::move(handler)); });
        check_every_move<Handler>(
            [&](Handler&& handler) { trail.async_append_batch(make_drafts(1), std::move(handler)); });
        check_every_move<Handler>(
            [&](Handler&& handler) { trail.async_flush(durability::synced, std::move(handler)); });
    }
};

/// A call that needs many allocations: its handler has a context that the writer does not know yet, and a cancellation
/// slot without memory.
struct costly_call {
    asio::io_context other;
    asio::cancellation_signal signal;
    int calls = 0;

    template <class Start>
    void make(Start start) {
        auto count = [this, padding = std::array<char, 500>()](error_code ec, auto const&...) {
            BOOST_TEST(!ec, ec.message());
            ++calls;
            static_cast<void>(padding);
        };
        start(asio::bind_cancellation_slot(signal.slot(), asio::bind_executor(other, std::move(count))));
    }

    /// If memory runs out late, the opening completes with that error.
    void make_opening(asio::io_context& home, std::filesystem::path const& root) {
        auto count = [this](error_code ec, writer const&) {
            if (ec) BOOST_TEST(ec == boost::system::errc::not_enough_memory, ec.message());
            ++calls;
        };
        writer::async_open(home.get_executor(), root, {}, asio::bind_executor(other, std::move(count)));
    }
};

event_draft long_draft() {
    return make_draft(std::string(5000, 'x'));
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(exceptions, exceptions_fixture)

BOOST_AUTO_TEST_CASE(a_handler_may_throw_at_any_move) {
    check_every_move_of_every_call<small_handler>();
    check_every_move_of_every_call<large_handler>();
}

BOOST_AUTO_TEST_CASE(a_handlers_allocator_may_throw) {
    for (int n = 0; n != 3; ++n) {
        allocation_count count;
        auto const record = [&] {
            auto handler = [](error_code, receipt const&) { BOOST_ERROR("called in spite of the exception"); };
            trail.async_record(make_draft(), asio::bind_allocator(counting_allocator<void>(count), handler));
        };
        BOOST_TEST(runs_out_of_memory(0, record));
        BOOST_TEST(count.now == 0u);
        run_all(context);
        check_room_for_one_more();
    }
}

BOOST_AUTO_TEST_CASE(the_memory_for_a_call_may_run_out_at_any_allocation) {
    auto const check = [&](auto start) {
        bool failed = true;
        for (int n = 0; failed; ++n) {
            costly_call call;
            bool thrown = true;
            failed = runs_out_of_memory(n, [&] {
                call.make(start);
                thrown = false;
            });
            call.other.run();
            BOOST_TEST_REQUIRE(call.calls == (thrown ? 0 : 1));
            call.signal.emit(asio::cancellation_type::terminal);
            check_room_for_one_more();
        }
    };
    check([&](auto handler) { trail.async_append(long_draft(), std::move(handler)); });
    check([&](auto handler) { trail.async_record(long_draft(), durability::synced, std::move(handler)); });
    check([&](auto handler) { trail.async_append_batch({long_draft()}, std::move(handler)); });
    check([&](auto handler) { trail.async_flush(durability::written, std::move(handler)); });
}

BOOST_AUTO_TEST_CASE(the_memory_for_a_completion_may_run_out_at_any_allocation) {
    bool failed = true;
    for (int n = 0; failed; ++n) {
        int calls = 0;
        trail.async_append(long_draft(), [&](error_code ec, event const& given) {
            bool const was_decoded = !ec;
            if (ec) BOOST_TEST(ec == boost::system::errc::not_enough_memory, ec.message());
            BOOST_TEST((was_decoded || ec == condition::outcome_unknown));
            BOOST_TEST(given.model_name.size() == (was_decoded ? 5000u : 0u));
            ++calls;
        });
        wait_until([&] { return trail.stats().acknowledged == trail.stats().accepted; });
        bool thrown = true;
        failed = runs_out_of_memory(n, [&] {
            run_all(context);
            thrown = false;
        });
        run_all(context);
        BOOST_TEST_REQUIRE(calls == (thrown ? 0 : 1));
        check_room_for_one_more();
    }
}

BOOST_AUTO_TEST_CASE(the_memory_for_an_opening_may_run_out_at_any_allocation) {
    temporary_root other_root;
    bool failed = true;
    for (int n = 0; failed; ++n) {
        asio::io_context home;
        costly_call call;
        bool thrown = true;
        failed = runs_out_of_memory(n, [&] {
            call.make_opening(home, other_root.path());
            thrown = false;
        });
        call.other.run();
        BOOST_TEST_REQUIRE(call.calls == (thrown ? 0 : 1));
    }
    error_code ec;
    writer const opened = writer::open(context.get_executor(), other_root.path(), {}, ec);
    BOOST_TEST(!ec, ec.message());
}

BOOST_AUTO_TEST_CASE(a_refused_call_may_throw_at_any_move_of_its_handler) {
    for (int n = 0, thrown = 1; thrown; ++n) {
        move_plan plan{n};
        thrown = 0;
        try {
            trail.async_record(make_invalid_draft(), [handler = small_handler(plan)](error_code ec, receipt const&) {
                BOOST_TEST(ec == error::invalid_domain);
            });
            run_all(context);
        } catch (thrown_when_moved const&) {
            thrown = 1;
        }
        run_all(context);
        check_room_for_one_more();
    }
}

BOOST_AUTO_TEST_SUITE_END()

// Waiting events become pending when others release their room. An exception must not change the amount of room.
BOOST_AUTO_TEST_CASE(exceptions_do_not_change_the_room_for_waiting_events) {
    temporary_root root;
    asio::io_context context;
    writer_options options;
    options.durability = durability::written;
    options.max_pending_events = 2;
    writer trail = writer::open(context.get_executor(), root.path(), options);
    for (int n = 0; n != 10; ++n) {
        move_plan plan{1};
        BOOST_CHECK_THROW(trail.async_record(make_draft(), small_handler(plan)), thrown_when_moved);
    }
    int answered = 0;
    for (int n = 0; n != 20; ++n) {
        trail.async_record(make_draft(), [&](error_code ec, receipt const&) {
            BOOST_TEST(!ec);
            ++answered;
        });
    }
    wait_until([&] { return trail.stats().acknowledged == 2u; });
    BOOST_TEST(trail.stats().queue_events == 20u);
    context.run();
    BOOST_TEST(answered == 20);
    BOOST_TEST(ids_in(root.path()) == ids_up_to(20));
}

}  // namespace audit_trail::test::exceptions_test
