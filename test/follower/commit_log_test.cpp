// Checks that a follower returns no event behind lines that only the commit log has, until they are restored.
#include "follower/fixture.hpp"
#include "storage/trail_session.hpp"

namespace audit_trail::test::follower_commit_log_test {

using boost::test_tools::per_element;

struct crashed_trail : follower_fixture {
    fs::path const in_odd = root / "d" / "odd" / "audit-000001.jsonl";

    crashed_trail() {
        trail_session session(root, with_log());
        for (std::uint64_t id = 1; id != 9; ++id) {
            std::string const category = id % 2 == 0 ? "even" : "odd";
            auto const line = line_of(make_event(id, "d", category));
            session.append("d", category, durability::synced, line.substr(line.find(',')));
        }
        session.crash();
    }

    static writer_options with_log() {
        writer_options options;
        options.commit_log_bytes = 64 * 1024;
        return options;
    }
    /// As after a power cut: the lines of 5 and 7 are lost.
    void lose_lines() {
        auto const text = read_file(in_odd);
        fs::resize_file(in_odd, text.find("{\"event_id\":5"));
    }
};

BOOST_FIXTURE_TEST_SUITE(follower_commit_log, crashed_trail)

BOOST_AUTO_TEST_CASE(p15_events_behind_a_line_that_only_the_log_has_wait_until_it_is_restored) {
    lose_lines();
    auto trail = follow();
    BOOST_TEST(next_ids(trail, 4) == range(1, 4), per_element());
    auto const findings = trail.take_findings();
    BOOST_TEST_REQUIRE(!findings.empty());
    BOOST_TEST(findings.front().reason == error::not_restored);
    bool called = false;
    trail.async_next([&](error_code ec, entry const& found) {
        BOOST_TEST(!ec);
        BOOST_TEST(found.event.event_id == 5u);
        called = true;
    });
    context.poll();
    BOOST_TEST(!called);
    trail_session next_writer(root, with_log());
    BOOST_TEST_REQUIRE(next_writer.is_open());
    run_until(context, [&] { return called; });
    BOOST_TEST(next_ids(trail, 3) == range(6, 8), per_element());
}

BOOST_AUTO_TEST_CASE(p15_after_a_crash_without_loss_all_events_are_returned) {
    auto trail = follow();
    BOOST_TEST(next_ids(trail, 8) == range(1, 8), per_element());
    BOOST_TEST(trail.report().total == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace audit_trail::test::follower_commit_log_test
