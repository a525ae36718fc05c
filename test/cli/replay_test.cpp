/// \file
/// Tests `replay`: one line of JSON on standard output; skipped events and damage on standard error.
#include <boost/test/unit_test.hpp>

#include "cli/program.hpp"
#include "cli/scratch_directory.hpp"
#include "cli/trail_files.hpp"

namespace test::replay_test {
namespace {

using namespace test;

std::string change(std::string const& model_name, std::string const& operation, std::string const& payload) {
    return R"({"timestamp":1,"domain":"d","category":"c","model_name":")" + model_name + R"(","operation":")" +
           operation + R"(","logical_user_id":"u","payload":)" + payload + "}\n";
}

/// A trail of these drafts.
struct trail {
    scratch_directory const scratch;

    explicit trail(std::string const& drafts) {
        BOOST_REQUIRE_EQUAL(run({"append", scratch.root()}, drafts).exit_code, 0);
    }
    outcome replay(std::vector<std::string> const& more = {}) const {
        std::vector<std::string> arguments = {"replay", scratch.root(), "--domain", "d", "--category", "c"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return run(arguments);
    }
};

std::string const some_drafts =
    change("a", "create", R"({"after":{"x":1,"y":1.0}})") + change("b", "create", R"({"after":{}})") +
    change("a", "update", R"({"delta":{"x":{"old":1,"new":null}}})") + change("b", "delete", "{}");

BOOST_AUTO_TEST_CASE(the_state_is_one_line_of_json) {
    auto const done = trail(some_drafts).replay();
    BOOST_TEST(done.exit_code == 0);
    BOOST_TEST(done.err == "");
    BOOST_TEST(done.out == R"({"state":{"a":{"x":null,"y":1.0}},"last_event_id":4,"applied_events":4})"
                           "\n");
}

BOOST_AUTO_TEST_CASE(options_choose_the_events) {
    trail const made(some_drafts);
    BOOST_TEST(made.replay({"--max-id", "2"}).out ==
               R"({"state":{"a":{"x":1,"y":1.0},"b":{}},"last_event_id":2,"applied_events":2})"
               "\n");
    BOOST_TEST(made.replay({"--model-name", "b", "--max-id", "3"}).out ==
               R"({"state":{"b":{}},"last_event_id":2,"applied_events":1})"
               "\n");
    BOOST_TEST(made.replay({"--model-name", "b", "--model-name", "a"}).out == made.replay().out);
    BOOST_TEST(run({"replay", made.scratch.root(), "--domain", "d", "--category", "other"}).out ==
               R"({"state":{},"last_event_id":0,"applied_events":0})"
               "\n");
}

BOOST_AUTO_TEST_CASE(numbers_and_text_are_those_of_the_events) {
    std::string const record =
        R"({"f":[1.0,1e-05,1e+16,5e-324,-0.0,0.1],"i":[-9223372036854775808,18446744073709551615,0],"\u00e9":"\u001b\n\ud83d\uddfa"})";
    auto const done = trail(change("a", "create", R"({"after":)" + record + "}")).replay();
    BOOST_TEST(done.out == R"({"state":{"a":)" + record +
                               R"(},"last_event_id":1,"applied_events":1})"
                               "\n");
}

BOOST_AUTO_TEST_CASE(a_record_of_the_greatest_depth_is_printed) {
    std::string const deep = std::string(125, '[') + std::string(125, ']');
    auto const done = trail(change("a", "create", R"({"after":{"x":)" + deep + "}}")).replay();
    BOOST_TEST(done.exit_code == 0);
    BOOST_TEST(done.out == R"({"state":{"a":{"x":)" + deep +
                               R"(}},"last_event_id":1,"applied_events":1})"
                               "\n");
}

BOOST_AUTO_TEST_CASE(skipped_events_are_named) {
    trail const made(some_drafts);
    auto const done = made.replay({"--min-id", "3"});
    BOOST_TEST(done.exit_code == 1);
    BOOST_TEST(done.out == R"({"state":{},"last_event_id":4,"applied_events":2})"
                           "\n");
    auto const lines = lines_of(done.err);
    BOOST_REQUIRE_EQUAL(lines.size(), 1);
    auto const offset = segments_in(made.scratch.root()).at("d/c/audit-000001.jsonl").find(R"({"event_id":3)");
    BOOST_TEST(lines[0].starts_with("audit-trail: " + made.scratch.root() + "/d/c/audit-000001.jsonl: offset " +
                                    std::to_string(offset) + ": event 3 is skipped: "),
               lines[0]);
}

BOOST_AUTO_TEST_CASE(damage_is_named_a_few_times_and_then_counted) {
    trail const made(some_drafts);
    std::string damage;
    for (int i = 0; i != 9; ++i) damage += "damage\n";
    made.scratch.write("root/d/c/audit-000002.jsonl", damage);
    auto const done = made.replay();
    BOOST_TEST(done.exit_code == 1);
    BOOST_TEST(done.out.starts_with(R"({"state":{"a":)"), done.out);
    auto const lines = lines_of(done.err);
    BOOST_REQUIRE_EQUAL(lines.size(), 6);
    BOOST_TEST(lines[1].find("/d/c/audit-000002.jsonl: offset 7: the text is not JSON") != std::string::npos, lines[1]);
    BOOST_TEST(lines[5].find(": 4 more: the text is not JSON") != std::string::npos, lines[5]);
}

BOOST_AUTO_TEST_CASE(wrong_usage) {
    scratch_directory const scratch;
    std::string const root = scratch.root();
    for (std::vector<std::string> const& arguments :
         {std::vector<std::string>{"replay"},
          {"replay", root},
          {"replay", root, "--domain", "d"},
          {"replay", root, "--domain", "d", "--category", "a/b"},
          {"replay", root, "--domain", "", "--category", "c"},
          {"replay", root, "--domain", "d", "--category", "c", "--min-id", "-1"}}) {
        auto const done = run(arguments);
        BOOST_TEST(done.exit_code == 2);
        BOOST_TEST(done.out == "");
        BOOST_TEST(done.err.starts_with("audit-trail: "), done.err);
    }
}

BOOST_AUTO_TEST_CASE(a_missing_root_is_named) {
    scratch_directory const scratch;
    auto const done = run({"replay", scratch.root(), "--domain", "d", "--category", "c"});
    BOOST_TEST(done.exit_code == 1);
    BOOST_TEST(done.out == "");
    BOOST_TEST(done.err.starts_with("audit-trail: " + scratch.root() + ": "), done.err);
}

BOOST_AUTO_TEST_CASE(a_full_output_is_an_error_and_a_closed_pipe_is_not) {
    trail const made(some_drafts);
    std::string const command = "\"$PROGRAM\" replay " + made.scratch.root() + " --domain d --category c";
    auto const full = run_shell(command + " >/dev/full");
    BOOST_TEST(full.exit_code == 1);
    BOOST_TEST(full.err.starts_with("standard output: "), full.err);
    auto const closed = run_shell("(" + command + "; echo $? >&2) | true");
    BOOST_TEST(closed.err == "0\n");
}

}  // namespace
}  // namespace test::replay_test
