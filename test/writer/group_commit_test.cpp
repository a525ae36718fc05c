// Tests how long a batch waits for more events, without clocks and threads.
#include "writer/group_commit.hpp"

#include <boost/test/unit_test.hpp>

namespace audit_trail::test::group_commit_test {

using detail::group_commit;
using namespace std::chrono_literals;

namespace {

struct group_commit_fixture {
    group_commit policy;
    group_commit::time_point now{};

    /// Calls the policy with the given numbers of queued operations, one for each nap. Returns the number of naps.
    int naps(std::initializer_list<std::uint64_t> queued) {
        policy.begin_batch();
        int count = 0;
        for (std::uint64_t const in_queue : queued) {
            if (!policy.should_wait(in_queue, now)) return count;
            ++count;
            now += group_commit::nap;
        }
        return count;
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(group_commits, group_commit_fixture)

BOOST_AUTO_TEST_CASE(a_single_append_at_a_time_never_waits) {
    BOOST_TEST(naps({1}) == 0);
    policy.batch_answered(1, 0, 0ns, now);
    BOOST_TEST(naps({1}) == 0);
    policy.batch_answered(1, 0, 200us, now);
    BOOST_TEST(naps({1}) == 0);
}

BOOST_AUTO_TEST_CASE(an_unsynced_batch_waits_while_events_keep_arriving) {
    policy.batch_answered(50, 0, 0ns, now);
    BOOST_TEST(naps({10, 20, 30, 30, 40}) == 3);
}

BOOST_AUTO_TEST_CASE(an_unsynced_batch_waits_for_eight_naps_or_512_operations) {
    policy.batch_answered(50, 0, 0ns, now);
    BOOST_TEST(naps({1, 2, 3, 4, 5, 6, 7, 8, 9, 10}) == 8);
    BOOST_TEST(naps({100, 300, 511, 512, 900}) == 3);
}

BOOST_AUTO_TEST_CASE(after_an_empty_queue_the_next_batch_does_not_wait) {
    policy.batch_answered(50, 0, 0ns, now);
    policy.queue_was_empty();
    BOOST_TEST(naps({10, 20}) == 0);
}

BOOST_AUTO_TEST_CASE(after_a_synced_batch_the_next_one_waits_until_all_callers_are_back) {
    policy.batch_answered(64, 0, 1ms, now);
    BOOST_TEST(naps({4, 20, 40, 64, 64}) == 3);
}

BOOST_AUTO_TEST_CASE(an_empty_queue_after_a_sync_changes_nothing) {
    policy.batch_answered(64, 0, 1ms, now);
    policy.queue_was_empty();
    BOOST_TEST(naps({4, 20, 64}) == 2);
}

BOOST_AUTO_TEST_CASE(half_of_the_callers_back_after_the_sync_are_enough) {
    policy.batch_answered(64, 0, 1ms, now);
    BOOST_TEST(naps({32, 40}) == 0);
    BOOST_TEST(naps({0}) == 0);
}

BOOST_AUTO_TEST_CASE(the_wait_for_callers_is_limited_to_half_of_the_sync_time) {
    policy.batch_answered(64, 0, 100us, now);
    BOOST_TEST(naps({4, 10, 16, 22, 28, 34}) == 3);
}

BOOST_AUTO_TEST_CASE(the_wait_ends_after_the_second_nap_if_callers_return_slowly) {
    policy.batch_answered(64, 0, 1ms, now);
    BOOST_TEST(naps({1, 1, 2, 3}) == 2);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace audit_trail::test::group_commit_test
