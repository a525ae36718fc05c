// Tests the parts of the writer, each one alone.
#include <algorithm>
#include <atomic>
#include <audit_trail/writer_stats.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/test/unit_test.hpp>
#include <memory>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

#include "writer/admission.hpp"
#include "writer/completion_run.hpp"
#include "writer/group_commit.hpp"
#include "writer/operation_phase.hpp"
#include "writer/operation_pool.hpp"
#include "writer/statistics.hpp"
#include "writer/step_schedule.hpp"
#include "writer/submission_queue.hpp"

namespace audit_trail::test::pieces_test {

using detail::admission;
using detail::operation_list;
using detail::operation_pool;
using detail::step_schedule;
using detail::submission_queue;
using detail::wait_reason;
namespace asio = boost::asio;
namespace phase = detail::operation_phase;

namespace {

std::vector<std::unique_ptr<detail::operation>> make_operations(std::size_t count) {
    std::vector<std::unique_ptr<detail::operation>> operations;
    for (std::size_t n = 0; n != count; ++n) {
        operations.push_back(std::make_unique<detail::operation>());
        operations.back()->first_id = n;
    }
    return operations;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(pieces_submission_queue)

BOOST_AUTO_TEST_CASE(operations_are_popped_in_the_order_in_which_they_were_pushed) {
    auto const operations = make_operations(3);
    submission_queue queue(4);
    BOOST_TEST(queue.front() == nullptr);
    for (int round = 0; round != 5; ++round) {
        for (auto const& op : operations) BOOST_TEST(queue.push(*op));
        for (auto const& op : operations) {
            BOOST_TEST(queue.front() == op.get());
            queue.pop();
        }
        BOOST_TEST(queue.front() == nullptr);
    }
    BOOST_TEST(queue.taken() == 15u);
    BOOST_TEST(queue.put() == 15u);
}

BOOST_AUTO_TEST_CASE(a_closed_queue_refuses_operations_and_returns_those_it_has) {
    auto const operations = make_operations(3);
    submission_queue queue(4);
    BOOST_TEST(queue.push(*operations[0]));
    BOOST_TEST(!queue.closed());
    queue.close();
    queue.close();
    BOOST_TEST(queue.closed());
    BOOST_TEST(!queue.push(*operations[1]));
    BOOST_TEST(!queue.push(*operations[2]));
    BOOST_TEST(queue.put() == 1u);
    BOOST_TEST(!queue.exhausted());
    BOOST_TEST(queue.front() == operations[0].get());
    queue.pop();
    BOOST_TEST(queue.exhausted());
}

BOOST_AUTO_TEST_CASE(an_empty_queue_is_exhausted_when_it_is_closed) {
    submission_queue queue(4);
    BOOST_TEST(!queue.exhausted());
    queue.close();
    BOOST_TEST(queue.exhausted());
}

BOOST_AUTO_TEST_CASE(keeps_the_order_of_each_of_many_producers) {
    constexpr std::size_t producers = 4;
    constexpr std::size_t each = 5000;
    submission_queue queue(producers * each);
    std::vector<std::vector<std::unique_ptr<detail::operation>>> operations;
    for (std::size_t p = 0; p != producers; ++p) {
        operations.push_back(make_operations(each));
        for (auto const& op : operations.back()) op->charged_bytes = p;
    }
    std::vector<std::thread> threads;
    for (auto const& own : operations) {
        threads.emplace_back([&] {
            for (auto const& op : own) queue.push(*op);
        });
    }
    std::vector<std::uint64_t> next(producers, 0);
    bool in_order = true;
    for (std::size_t taken = 0; taken != producers * each;) {
        detail::operation const* const op = queue.front();
        if (!op) continue;
        in_order = in_order && op->first_id == next[op->charged_bytes]++;
        queue.pop();
        ++taken;
    }
    for (auto& thread : threads) thread.join();
    BOOST_TEST(in_order);
    BOOST_TEST(queue.front() == nullptr);
}

// At whatever moment it closes: the operations that were pushed come out, and no others.
BOOST_AUTO_TEST_CASE(every_push_before_the_closing_succeeds_and_no_later_one) {
    constexpr std::size_t each = 2000;
    for (int round = 0; round != 20; ++round) {
        auto const first = make_operations(each);
        auto const second = make_operations(each);
        submission_queue queue(2 * each);
        std::atomic<std::size_t> pushed{0};
        auto const produce = [&](auto const& operations) {
            for (auto const& op : operations) pushed += queue.push(*op);
        };
        std::thread one([&] { produce(first); });
        std::thread other([&] { produce(second); });
        std::thread closer([&] { queue.close(); });
        while (!queue.exhausted()) {
            if (queue.front()) queue.pop();
        }
        one.join();
        other.join();
        closer.join();
        BOOST_TEST(queue.taken() == pushed);
        BOOST_TEST(queue.put() == pushed);
    }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(pieces_operation_pool)

BOOST_AUTO_TEST_CASE(returns_each_operation_once_up_to_the_capacity) {
    operation_pool pool(200);
    std::set<detail::operation*> out;
    while (detail::operation* const op = pool.take()) BOOST_TEST_REQUIRE(out.insert(op).second);
    BOOST_TEST(out.size() >= 200u);
    BOOST_TEST(out.size() < 200u + 128u);
    for (detail::operation* const op : out) pool.release(*op);
    std::set<detail::operation*> again;
    while (detail::operation* const op = pool.take()) again.insert(op);
    BOOST_TEST((again == out));
}

BOOST_AUTO_TEST_CASE(the_operation_released_last_is_taken_next) {
    operation_pool pool(10);
    detail::operation* const first = pool.take();
    detail::operation* const second = pool.take();
    pool.release(*first);
    pool.release(*second);
    BOOST_TEST(pool.take() == second);
    BOOST_TEST(pool.take() == first);
}

// An operation that two threads hold at once is detected here, and as a data race.
BOOST_AUTO_TEST_CASE(never_returns_one_operation_to_two_threads) {
    operation_pool pool(64);
    std::atomic<bool> shared{false};
    std::vector<std::thread> threads;
    for (std::uint64_t self = 1; self != 5; ++self) {
        threads.emplace_back([&, self] {
            std::vector<detail::operation*> held;
            for (int round = 0; round != 20'000; ++round) {
                if (detail::operation* const op = pool.take()) {
                    op->first_id = self;
                    held.push_back(op);
                }
                if (held.size() < 8 && round % 3 != 0) continue;
                if (held.empty()) continue;
                if (held.back()->first_id != self) shared = true;
                pool.release(*held.back());
                held.pop_back();
            }
            for (detail::operation* const op : held) pool.release(*op);
        });
    }
    for (auto& thread : threads) thread.join();
    BOOST_TEST(!shared);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(pieces_operation_phase)

BOOST_AUTO_TEST_CASE(either_the_batch_or_the_cancellation_gets_the_operation) {
    detail::operation op;
    auto const queued = phase::make_cancellable(op);
    BOOST_TEST(phase::try_settle(op));
    BOOST_TEST(!phase::try_cancel(op, queued));
    BOOST_TEST(!phase::is_cancelled(op));

    detail::operation other;
    auto const waiting = phase::make_cancellable(other);
    BOOST_TEST(phase::try_cancel(other, waiting));
    BOOST_TEST(!phase::try_cancel(other, waiting));
    BOOST_TEST(!phase::try_settle(other));
    BOOST_TEST(phase::is_cancelled(other));
}

BOOST_AUTO_TEST_CASE(the_second_party_to_leave_releases_the_operation) {
    for (auto const first : {phase::handler_left, phase::queue_left}) {
        detail::operation op;
        phase::try_cancel(op, phase::make_cancellable(op));
        BOOST_TEST(!phase::leave(op, first));
        BOOST_TEST(phase::leave(op, phase::handler_left + phase::queue_left - first));
    }
}

BOOST_AUTO_TEST_CASE(a_late_cancellation_does_not_affect_the_next_use) {
    detail::operation op;
    auto const earlier = phase::make_cancellable(op);
    BOOST_TEST(phase::try_settle(op));
    phase::begin_next_generation(op);
    auto const later = phase::make_cancellable(op);
    BOOST_TEST(!phase::try_cancel(op, earlier));
    BOOST_TEST(!phase::is_cancelled(op));
    BOOST_TEST(phase::try_cancel(op, later));
    phase::begin_next_generation(op);
    BOOST_TEST(!phase::is_cancelled(op));
    BOOST_TEST(phase::try_settle(op));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(pieces_admission)

namespace {

writer_options limits(overflow when_full) {
    writer_options options;
    options.max_pending_events = 2;
    options.max_pending_bytes = 100;
    options.max_waiting_events = 3;
    options.max_waiting_bytes = 50;
    options.overflow = when_full;
    return options;
}

}  // namespace

BOOST_AUTO_TEST_CASE(with_reject_only_the_pending_limit_is_admitted) {
    admission counts(limits(overflow::reject));
    BOOST_TEST(counts.admit({1, 10}));
    BOOST_TEST(!counts.exhausted());
    BOOST_TEST(!counts.admit({1, 91}));
    BOOST_TEST(counts.admit({1, 90}));
    BOOST_TEST(counts.exhausted());
    BOOST_TEST(!counts.admit({1, 0}));
    counts.release({1, 10});
    BOOST_TEST(counts.inside().events == 1u);
    BOOST_TEST(counts.inside().bytes == 90u);
    BOOST_TEST(counts.admit({1, 10}));
}

BOOST_AUTO_TEST_CASE(with_wait_the_waiting_limit_is_admitted_too) {
    admission counts(limits(overflow::wait));
    for (int n = 0; n != 5; ++n) BOOST_TEST(counts.admit({1, 1}));
    BOOST_TEST(counts.exhausted());
    BOOST_TEST(!counts.admit({1, 1}));
    counts.release({1, 1});
    BOOST_TEST(counts.admit({1, 100}));
    counts.release({1, 1});
    BOOST_TEST(!counts.admit({1, 48}));
    BOOST_TEST(counts.admit({1, 47}));
}

/// A thread that is preempted between two reads compares the new admitted amount with an old released amount.
BOOST_AUTO_TEST_CASE(p08_no_call_is_refused_while_there_is_always_room) {
    constexpr std::size_t holders = 16;
    writer_options options = limits(overflow::reject);
    options.max_pending_events = holders;
    admission counts(options);
    std::atomic<std::size_t> refused{0};
    std::vector<std::thread> threads;
    for (std::size_t holder = 0; holder != holders; ++holder) {
        threads.emplace_back([&] {
            for (int n = 0; n != 500000; ++n) {
                counts.admit({1, 1}) ? counts.release({1, 1}) : static_cast<void>(++refused);
            }
        });
    }
    for (auto& thread : threads) thread.join();
    BOOST_TEST(refused == 0u);
}

BOOST_AUTO_TEST_CASE(p08_a_large_append_that_is_refused_never_refuses_a_small_append_of_another_thread) {
    writer_options options = limits(overflow::reject);
    options.max_pending_events = 16;
    admission counts(options);
    BOOST_TEST(counts.admit({1, 1}));
    std::atomic<bool> done{false};
    std::size_t admitted = 0;
    std::thread large([&] {
        while (!done) admitted += counts.admit({1, options.max_pending_bytes});
    });
    std::size_t refused = 0;
    for (int n = 0; n != 500000; ++n) {
        counts.admit({1, 1}) ? counts.release({1, 1}) : static_cast<void>(++refused);
    }
    done = true;
    large.join();
    BOOST_TEST(admitted == 0u);
    BOOST_TEST(refused == 0u);
}

BOOST_AUTO_TEST_CASE(an_amount_above_the_pending_limit_is_never_admitted) {
    admission counts(limits(overflow::wait));
    BOOST_TEST(!counts.admit({3, 1}));
    BOOST_TEST(!counts.admit({1, 101}));
    BOOST_TEST(counts.inside().events == 0u);
    BOOST_TEST(counts.inside().bytes == 0u);
}

BOOST_AUTO_TEST_CASE(released_amounts_make_room_for_waiting_amounts) {
    admission counts(limits(overflow::wait));
    BOOST_TEST(counts.may_become_pending({2, 100}));
    counts.take({1, 50});
    BOOST_TEST(!counts.may_become_pending({2, 50}));
    BOOST_TEST(!counts.may_become_pending({1, 51}));
    counts.release({1, 50});
    BOOST_TEST(counts.may_become_pending({2, 100}));
}

BOOST_AUTO_TEST_CASE(a_cancelled_waiting_amount_makes_room_to_wait_but_not_to_become_pending) {
    admission counts(limits(overflow::wait));
    for (int n = 0; n != 5; ++n) BOOST_TEST(counts.admit({1, 1}));
    counts.take({2, 2});
    BOOST_TEST(!counts.may_become_pending({1, 1}));
    counts.withdraw({1, 1});
    BOOST_TEST(counts.inside().events == 4u);
    BOOST_TEST(counts.admit({1, 1}));
    BOOST_TEST(!counts.may_become_pending({1, 1}));
}

BOOST_AUTO_TEST_CASE(differences_are_correct_after_the_sums_wrap_around) {
    writer_options options;
    options.max_pending_bytes = options.max_waiting_bytes = std::size_t{1} << 36;
    admission counts(options);
    for (int n = 0; n != 100; ++n) {
        BOOST_TEST_REQUIRE(counts.admit({1, std::size_t{1} << 35}));
        BOOST_TEST_REQUIRE(counts.admit({2, std::size_t{1} << 36}));
        BOOST_TEST(counts.inside().events == 3u);
        BOOST_TEST(counts.inside().bytes == 3 * (std::size_t{1} << 35));
        counts.release({1, std::size_t{1} << 35});
        counts.release({2, std::size_t{1} << 36});
    }
    BOOST_TEST(counts.inside().events == 0u);
    BOOST_TEST(counts.inside().bytes == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(pieces_step_schedule)

BOOST_AUTO_TEST_CASE(a_posted_step_is_claimed_once) {
    step_schedule schedule;
    BOOST_TEST(schedule.claim());
    BOOST_TEST(!schedule.claim());
    schedule.repost();
    BOOST_TEST(schedule.claim());
    schedule.end();
    BOOST_TEST(!schedule.claim());
    BOOST_TEST(!schedule.wake());
}

BOOST_AUTO_TEST_CASE(only_the_awaited_reason_wakes) {
    step_schedule schedule;
    schedule.claim();
    BOOST_TEST(!schedule.wake());
    schedule.wait_for(wait_reason::room);
    BOOST_TEST(!schedule.wake(wait_reason::input));
    BOOST_TEST(schedule.wake(wait_reason::room));
    BOOST_TEST(!schedule.wake(wait_reason::room));
    BOOST_TEST(schedule.is_posted());
    schedule.post_failed(wait_reason::room);
    BOOST_TEST(schedule.wake());
}

BOOST_AUTO_TEST_CASE(every_wake_leads_to_a_step_and_steps_never_overlap) {
    constexpr int rounds = 20'000;
    step_schedule schedule;
    std::atomic<int> put{0};
    int taken = 0;  // a data race unless steps exclude each other
    auto const step = [&] {
        while (schedule.claim()) {
            int const seen = taken = put.load();
            schedule.wait_for(wait_reason::input);
            if (put.load() == seen || !schedule.wake(wait_reason::input)) return;
        }
    };
    step();
    auto const produce = [&] {
        for (int n = 0; n != rounds; ++n) {
            ++put;
            if (schedule.wake(wait_reason::input)) step();
        }
    };
    std::thread first(produce), second(produce);
    first.join();
    second.join();
    BOOST_TEST(taken == 2 * rounds);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(pieces_completion_run)

namespace {

/// Operations whose handlers record their number.
struct noted_operations {
    std::vector<std::unique_ptr<detail::operation>> operations;
    std::vector<std::uint64_t> invoked, abandoned;
    std::uint64_t throws_at = ~std::uint64_t{0};

    explicit noted_operations(std::size_t count) : operations(make_operations(count)) {
        for (auto const& op : operations) {
            op->handler = this;
            op->finish = &finish;
        }
    }

    static void finish(detail::operation& op, detail::operation::ending how) {
        auto& self = *static_cast<noted_operations*>(op.handler);
        (how == detail::operation::ending::invoke ? self.invoked : self.abandoned).push_back(op.first_id);
        if (op.first_id == self.throws_at) throw std::runtime_error("thrown by a handler");
    }

    void add_to(detail::completion_run& run) {
        operation_list all;
        for (auto const& op : operations) all.push_back(*op);
        run.add(std::move(all));
    }

    bool all_invoked_in_order() const { return invoked.size() == operations.size() && std::ranges::is_sorted(invoked); }
};

auto make_run(asio::io_context& context) {
    return std::make_shared<detail::completion_run>(context.get_executor(), nullptr);
}

}  // namespace

BOOST_AUTO_TEST_CASE(calls_all_handlers_in_order) {
    asio::io_context context;
    noted_operations noted(100);
    noted.add_to(*make_run(context));
    BOOST_TEST(noted.invoked.empty());
    context.run();
    BOOST_TEST(noted.all_invoked_in_order());
}

BOOST_AUTO_TEST_CASE(other_functions_run_between_the_turns) {
    asio::io_context context;
    noted_operations noted(10'000);
    noted.add_to(*make_run(context));
    std::size_t before_the_other = 0;
    asio::post(context, [&] { before_the_other = noted.invoked.size(); });
    context.run();
    BOOST_TEST(before_the_other > 0u);
    BOOST_TEST(before_the_other <= 100u);
    BOOST_TEST(noted.all_invoked_in_order());
}

BOOST_AUTO_TEST_CASE(functions_posted_after_seal_run_after_all_handlers) {
    asio::io_context context;
    noted_operations noted(1000);
    auto const run = make_run(context);
    noted.add_to(*run);
    run->seal();
    std::size_t before_the_other = 0;
    asio::post(context, [&] { before_the_other = noted.invoked.size(); });
    context.run();
    BOOST_TEST(before_the_other == 1000u);
    BOOST_TEST(noted.all_invoked_in_order());
}

BOOST_AUTO_TEST_CASE(operations_added_while_handlers_run_follow_them) {
    asio::io_context context;
    noted_operations noted(100), more(100);
    for (auto const& op : more.operations) op->handler = &noted, op->first_id += 100;
    auto const run = make_run(context);
    noted.add_to(*run);
    context.run_one();
    more.add_to(*run);
    context.run();
    BOOST_TEST(noted.invoked.size() == 200u);
    BOOST_TEST(std::ranges::is_sorted(noted.invoked));
}

BOOST_AUTO_TEST_CASE(while_a_handler_runs_and_others_wait_the_executor_has_another_turn) {
    asio::io_context context;
    noted_operations noted(3);
    noted.add_to(*make_run(context));
    std::size_t seen_inside = 0;
    noted.operations[1]->handler = &seen_inside;
    asio::io_context* const asked = &context;
    static asio::io_context* the_context;
    the_context = asked;
    noted.operations[1]->finish = [](detail::operation& op, detail::operation::ending) {
        *static_cast<std::size_t*>(op.handler) = the_context->poll_one();
    };
    context.run();
    BOOST_TEST(seen_inside == 1u);
    BOOST_TEST(noted.invoked.size() == 2u);
}

BOOST_AUTO_TEST_CASE(handlers_after_a_handler_that_throws_are_called) {
    asio::io_context context;
    noted_operations noted(100);
    noted.throws_at = 40;
    noted.add_to(*make_run(context));
    BOOST_CHECK_THROW(context.run(), std::runtime_error);
    context.run();
    BOOST_TEST(noted.all_invoked_in_order());
}

BOOST_AUTO_TEST_CASE(a_run_whose_last_handler_throws_may_be_used_again) {
    asio::io_context context;
    auto const run = make_run(context);
    noted_operations noted(1), more(1);
    noted.throws_at = 0;
    noted.add_to(*run);
    BOOST_CHECK_THROW(context.run(), std::runtime_error);
    more.add_to(*run);
    context.restart();
    context.run();
    BOOST_TEST(more.invoked.size() == 1u);
}

BOOST_AUTO_TEST_CASE(destroying_the_context_destroys_the_handlers) {
    noted_operations noted(100);
    {
        asio::io_context context;
        noted.add_to(*make_run(context));
    }
    BOOST_TEST(noted.invoked.empty());
    BOOST_TEST(noted.abandoned.size() == 100u);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(pieces_statistics)

BOOST_AUTO_TEST_CASE(values_are_counted_by_magnitude) {
    using histogram = magnitude_histogram;
    BOOST_TEST(histogram::bucket_of(0) == 0u);
    BOOST_TEST(histogram::bucket_of(1) == 1u);
    BOOST_TEST(histogram::bucket_of(2) == 2u);
    BOOST_TEST(histogram::bucket_of(3) == 2u);
    BOOST_TEST(histogram::bucket_of(4) == 3u);
    BOOST_TEST(histogram::bucket_of(~std::uint64_t{0}) == histogram::bucket_count - 1);
}

BOOST_AUTO_TEST_CASE(a_quantile_is_a_bound_at_most_twice_too_high) {
    detail::live_histogram live;
    for (std::uint64_t value = 1; value <= 1000; ++value) live.add(value);
    magnitude_histogram const values = live.snapshot();
    BOOST_TEST(values.count == 1000u);
    BOOST_TEST(values.sum == 500'500u);
    BOOST_TEST(values.max == 1000u);
    for (double const share : {0.01, 0.1, 0.25, 0.5, 0.9, 0.99}) {
        BOOST_TEST(static_cast<double>(values.quantile(share)) >= share * 1000);
        BOOST_TEST(static_cast<double>(values.quantile(share)) <= 2 * share * 1000);
    }
    BOOST_TEST(values.quantile(1.0) == 1000u);
}

BOOST_AUTO_TEST_CASE(a_quantile_of_nothing_or_of_zeros_is_zero) {
    BOOST_TEST(magnitude_histogram().quantile(0.5) == 0u);
    detail::live_histogram live;
    live.add(0);
    BOOST_TEST(live.snapshot().quantile(0.5) == 0u);
}

BOOST_AUTO_TEST_CASE(a_value_past_the_last_bucket_counts_as_the_maximum) {
    detail::live_histogram live;
    live.add(~std::uint64_t{0});
    BOOST_TEST(live.snapshot().quantile(1.0) == ~std::uint64_t{0});
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace audit_trail::test::pieces_test
