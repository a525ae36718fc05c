/// \file
/// Tests that damage is reported with file, offset and reason, and hides no other event.
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include "cli/program.hpp"
#include "cli/scratch_directory.hpp"

namespace test::query_damage_test {
namespace {

using namespace test;

std::string line(int id) {
    return R"({"event_id":)" + std::to_string(id) +
           R"(,"timestamp":5,"domain":"d","category":"c","model_name":"m","operation":"create","logical_user_id":"u"})"
           "\n";
}

BOOST_AUTO_TEST_CASE(damage_is_named_and_the_events_around_it_are_printed) {
    scratch_directory const scratch;
    std::string const file = scratch.write("root/d/c/audit-000001.jsonl", line(1) + "{nothing\n" + line(2) + "torn");
    auto const done = run({"query", scratch.root()});
    BOOST_TEST(done.exit_code == 1);
    BOOST_TEST(done.out == line(1) + line(2));
    auto const messages = lines_of(done.err);
    BOOST_REQUIRE_EQUAL(messages.size(), 2u);
    std::string const first = "audit-trail: " + file + ": offset " + std::to_string(line(1).size()) + ": ";
    BOOST_TEST(messages[0].starts_with(first + "the text is not JSON"), messages[0]);
    std::string const second =
        "audit-trail: " + file + ": offset " + std::to_string(line(1).size() + 9 + line(2).size()) + ": ";
    BOOST_TEST(messages[1].starts_with(second + "the segment does not end with a newline"), messages[1]);
}

BOOST_AUTO_TEST_CASE(a_count_reports_damage_too) {
    scratch_directory const scratch;
    scratch.write("root/d/c/audit-000001.jsonl", line(1) + "{nothing\n" + line(2));
    auto const done = run({"query", scratch.root(), "--count"});
    BOOST_TEST(done.exit_code == 1);
    BOOST_TEST(done.out == "2\n");
    BOOST_TEST(lines_of(done.err).size() == 1u);
}

BOOST_AUTO_TEST_CASE(the_first_of_each_kind_are_shown_and_the_others_counted) {
    scratch_directory const scratch;
    std::string lines = line(1);
    for (int i = 0; i != 20; ++i) lines += "{nothing\n";
    for (int i = 0; i != 6; ++i) lines += "\n";
    std::string const file = scratch.write("root/d/c/audit-000001.jsonl", lines);
    auto const done = run({"query", scratch.root()});
    BOOST_TEST(done.exit_code == 1);
    BOOST_TEST(done.out == line(1));
    auto const messages = lines_of(done.err);
    BOOST_REQUIRE_EQUAL(messages.size(), 12u);
    for (int i = 0; i != 10; ++i) BOOST_TEST(messages[i].starts_with("audit-trail: " + file + ": offset "));
    BOOST_TEST(messages[10] == "audit-trail: " + scratch.root() + ": 15 more: the text is not JSON");
    BOOST_TEST(messages[11] == "audit-trail: " + scratch.root() + ": 1 more: the line is blank");
}

BOOST_AUTO_TEST_CASE(findings_about_whole_files_have_no_offset) {
    scratch_directory const scratch;
    scratch.write("root/d/c/audit-000001.jsonl", line(1));
    scratch.write("root/d/c/audit-000003.jsonl", line(2));
    auto const done = run({"query", scratch.root()});
    BOOST_TEST(done.exit_code == 1);
    BOOST_TEST(done.out == line(1) + line(2));
    BOOST_TEST(
        done.err.find("/d/c/audit-000003.jsonl: segments are missing before this one: 2 to 2\n") != std::string::npos,
        done.err);
}

BOOST_AUTO_TEST_CASE(files_that_are_no_part_of_a_trail_are_no_damage) {
    scratch_directory const scratch;
    scratch.write("root/d/c/audit-000001.jsonl", line(1));
    scratch.write("root/d/c/audit-000001.jsonl.gz", "");
    scratch.write("root/d/README", "");
    scratch.write("root/README.md", "");
    std::filesystem::create_directory(scratch.root() + "/lost+found");
    for (std::vector<std::string> const& command : {std::vector<std::string>{"query"},
                                                    {"query", "--count"},
                                                    {"query", "--order", "segment"},
                                                    {"stats"},
                                                    {"replay", "--domain", "d", "--category", "c"}}) {
        auto arguments = command;
        arguments.insert(arguments.begin() + 1, scratch.root());
        auto const done = run(arguments);
        BOOST_TEST(done.exit_code == 0, command.front());
        BOOST_TEST(done.err == "");
    }
}

BOOST_AUTO_TEST_CASE(what_is_not_read_is_not_reported) {
    scratch_directory const scratch;
    scratch.write("root/d/c/audit-000001.jsonl", line(1) + "{nothing\n");
    auto const done = run({"query", scratch.root(), "--limit", "1"});
    BOOST_TEST(done.exit_code == 0);
    BOOST_TEST(done.err == "");
}

BOOST_AUTO_TEST_CASE(damage_between_the_last_events_is_reported) {
    scratch_directory const scratch;
    scratch.write("root/d/c/audit-000001.jsonl", "{nothing\n" + line(1) + "{nothing\n" + line(2) + line(3));
    for (std::string const count : {"1", "2"}) {
        auto const done = run({"query", scratch.root(), "-n", count});
        BOOST_TEST(done.exit_code == 0);
        BOOST_TEST(done.err == "");
    }
    auto const done = run({"query", scratch.root(), "-n", "3", "--reverse"});
    BOOST_TEST(done.exit_code == 1);
    BOOST_TEST(done.out == line(3) + line(2) + line(1));
    std::string const offset = ": offset " + std::to_string(9 + line(1).size()) + ": ";
    BOOST_TEST(done.err.find(offset) != std::string::npos, done.err);
    BOOST_TEST(lines_of(done.err).size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_directory_that_is_no_trail_is_reported) {
    scratch_directory const scratch;
    auto const missing = run({"query", scratch.root()});
    BOOST_TEST(missing.exit_code == 1);
    BOOST_TEST(missing.out == "");
    BOOST_TEST(missing.err == "audit-trail: " + scratch.root() + ": No such file or directory\n");
    BOOST_TEST(!std::filesystem::exists(scratch.root()));

    std::string const file = scratch.write("file", line(1));
    BOOST_TEST(run({"query", file})
                   .err.starts_with("audit-trail: " + file + ": the root, or a path in it, has the wrong file type"));

    scratch.write("some/where/else.txt", "");
    std::string const other = (scratch.path() / "some").string();
    auto const done = run({"query", other});
    BOOST_TEST(done.exit_code == 1);
    BOOST_TEST(done.out == "");
    BOOST_TEST(done.err == "audit-trail: " + other +
                               ": no audit trail: the directory has no index.json, no .lock and no segment\n");
}

/// Runs the program as a user for whom file modes apply.
outcome run_unprivileged(std::string const& arguments) {
    std::string const as_nobody = ::geteuid() == 0 ? "setpriv --reuid 65534 --regid 65534 --clear-groups -- " : "";
    return run_shell(as_nobody + "\"$PROGRAM\" " + arguments);
}

BOOST_AUTO_TEST_CASE(a_missing_permission_is_reported) {
    scratch_directory const scratch;
    std::filesystem::permissions(scratch.path(), std::filesystem::perms(0755));
    if (run_unprivileged("--help").exit_code != 0) {
        BOOST_TEST_MESSAGE("skipped: the program can't be run as another user");
        return;
    }
    scratch.write("root/index.json", "{\"last_event_id\": 1}");
    scratch.write("root/d/c/audit-000001.jsonl", line(1));
    std::filesystem::permissions(scratch.root(), std::filesystem::perms(0000));
    for (std::string const& command :
         {std::string("query ") + scratch.root(), "stats " + scratch.root(), "recover " + scratch.root(),
          "recover --dry-run " + scratch.root(), "replay --domain d --category c " + scratch.root()}) {
        auto const done = run_unprivileged(command);
        BOOST_TEST(done.exit_code == 1, command);
        BOOST_TEST(done.out == "");
        BOOST_TEST(done.err.starts_with("audit-trail: " + scratch.root() + ": Permission denied: "), done.err);
    }
    std::filesystem::permissions(scratch.root(), std::filesystem::perms(0755));
    std::filesystem::remove(scratch.root() + "/index.json");
    std::filesystem::permissions(scratch.root() + "/d", std::filesystem::perms(0000));
    auto const done = run_unprivileged("query " + scratch.root());
    BOOST_TEST(done.exit_code == 1);
    BOOST_TEST(done.err.starts_with("audit-trail: " + scratch.root() + "/d: Permission denied: "), done.err);
    std::filesystem::permissions(scratch.root() + "/d", std::filesystem::perms(0755));
}

BOOST_AUTO_TEST_CASE(an_empty_trail_has_no_events) {
    scratch_directory const scratch;
    BOOST_REQUIRE_EQUAL(run({"append", scratch.root()}).exit_code, 0);
    auto const done = run({"query", scratch.root()});
    BOOST_TEST(done.exit_code == 0);
    BOOST_TEST(done.out == "");
    BOOST_TEST(done.err == "");
    BOOST_TEST(run({"query", scratch.root(), "--count"}).out == "0\n");
}

BOOST_AUTO_TEST_CASE(segments_alone_are_a_trail) {
    scratch_directory const scratch;
    scratch.write("root/d/c/audit-000001.jsonl", line(1));
    auto const done = run({"query", scratch.root()});
    BOOST_TEST(done.exit_code == 0);
    BOOST_TEST(done.out == line(1));
}

}  // namespace
}  // namespace test::query_damage_test
