// Tests P15 while memory runs out: no event is lost.
#include <boost/asio/io_context.hpp>

#include "follower/fixture.hpp"
#include "support/failing_allocations.hpp"

namespace audit_trail::test::memory_test {

BOOST_FIXTURE_TEST_SUITE(follower_memory, follower_fixture)

BOOST_AUTO_TEST_CASE(p15_memory_may_run_out_at_any_allocation_of_the_reading_thread) {
    constexpr std::uint64_t events = 40;
    add(1, events);
    is_test_thread = true;
    bool failed = true;
    for (int n = 0; failed; ++n) {
        asio::io_context own;
        follower trail(own.get_executor(), root, {}, 1);
        allocation_failed = false;
        allocations_of_other_threads_left = n;
        std::uint64_t given = 0;
        while (given != events) {
            answer const next = next_answer(trail, own);
            if (next.ec) {
                BOOST_TEST_REQUIRE(next.ec == boost::system::errc::not_enough_memory, next.ec.message());
            } else {
                BOOST_TEST_REQUIRE(next.found.event.event_id == ++given);
            }
        }
        allocations_of_other_threads_left = -1;
        failed = allocation_failed;
    }
}

BOOST_AUTO_TEST_CASE(p15_memory_may_run_out_at_any_allocation_of_the_handlers_thread) {
    add(1, 2);
    error_code answered = boost::system::errc::make_error_code(boost::system::errc::not_enough_memory);
    for (int n = 0; answered; ++n) {
        asio::io_context own;
        follower trail(own.get_executor(), root, {}, 1);
        std::uint64_t first = 0;
        bool called = false;
        trail.async_next([&](error_code ec, entry const& found) {
            allocations_left = -1;
            called = true;
            answered = ec;
            first = found.event.event_id;
        });
        wait_until([&] { return trail.report().matched == 2u; });
        while (!called) {
            allocations_left = n;
            own.run_one();
            allocations_left = -1;
        }
        BOOST_TEST_REQUIRE((!answered || answered == boost::system::errc::not_enough_memory), answered.message());
        BOOST_TEST_REQUIRE(next_answer(trail, own).found.event.event_id == (answered ? 1u : 2u));
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace audit_trail::test::memory_test
