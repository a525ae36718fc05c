/// \file
/// Tests that `follow` prints events as they are committed, and when it ends.
#include <algorithm>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "cli/program.hpp"
#include "cli/scratch_directory.hpp"
#include "cli/trail_files.hpp"

namespace test::follow_test {
namespace {

using namespace test;
namespace data = boost::unit_test::data;

void append(std::string const& root, std::string const& drafts) {
    BOOST_REQUIRE_EQUAL(run({"append", root, "--print", "none"}, drafts).exit_code, 0);
}

/// The trail's lines in the order of ids.
std::vector<std::string> stored_lines(std::string const& root) {
    std::vector<std::string> lines;
    for (auto const& [path, content] : segments_in(root)) {
        auto const more = lines_of(content);
        lines.insert(lines.end(), more.begin(), more.end());
    }
    auto const id_of = [](std::string const& line) { return std::stoull(line.substr(line.find(':') + 1)); };
    std::sort(lines.begin(), lines.end(), [&](auto const& a, auto const& b) { return id_of(a) < id_of(b); });
    return lines;
}

BOOST_AUTO_TEST_CASE(p15_each_event_is_printed_before_the_next_one_comes) {
    scratch_directory const scratch;
    append(scratch.root(), draft("first"));
    running_program program({"follow", scratch.root(), "--from-id", "1"});
    for (int n = 0; n != 20; ++n) {
        auto const line = program.read_line();
        BOOST_REQUIRE(line);
        BOOST_TEST(*line == stored_lines(scratch.root()).back());
        append(scratch.root(), draft("m" + std::to_string(n)));
    }
    program.signal(SIGINT);
    BOOST_TEST(program.wait().err == "");
}

BOOST_AUTO_TEST_CASE(p15_all_that_a_busy_writer_commits_is_printed_as_stored) {
    scratch_directory const scratch;
    append(scratch.root(), draft());
    running_program program({"follow", scratch.root(), "--from-id", "2", "--max-id", "6001"});
    auto const appended = run({"append", scratch.root(), catalog_file(), "--max-segment-bytes", "65536"});
    BOOST_TEST(appended.exit_code == 0);
    std::vector<std::string> printed_lines;
    while (auto line = program.read_line()) printed_lines.push_back(std::move(*line));
    auto stored = stored_lines(scratch.root());
    stored.erase(stored.begin());
    BOOST_TEST(printed_lines.size() == 6000);
    BOOST_TEST((printed_lines == stored));
    auto const done = program.wait();
    BOOST_TEST(done.exit_code == 0);
    BOOST_TEST(done.err == "");
}

BOOST_AUTO_TEST_CASE(a_slow_reader_gets_every_line) {
    scratch_directory const scratch;
    BOOST_TEST(run({"append", scratch.root(), catalog_file()}).exit_code == 0);
    running_program program({"follow", scratch.root(), "--from-id", "1", "--max-id", "6000"});
    auto const first = program.read_line();
    append(scratch.root(), draft());
    std::size_t count = first ? 1 : 0;
    while (program.read_line()) ++count;
    BOOST_TEST(count == 6000);
    BOOST_TEST(program.wait().exit_code == 0);
}

BOOST_AUTO_TEST_CASE(filters_and_formats_are_those_of_query) {
    scratch_directory const scratch;
    BOOST_TEST(run({"append", scratch.root(), catalog_file()}).exit_code == 0);
    std::vector<std::string> const filters = {"--operation", "update", "--user", "u-102", "--max-id", "6000"};
    for (std::string const format : {"jsonl", "pretty", "csv"}) {
        std::vector<std::string> query = {"query", scratch.root(), "--format", format};
        std::vector<std::string> follow = {"follow", scratch.root(), "--format", format, "--from-id", "1"};
        query.insert(query.end(), filters.begin(), filters.end());
        follow.insert(follow.end(), filters.begin(), filters.end());
        auto const expected = lines_of(run(query).out);
        BOOST_TEST(!expected.empty());
        running_program program(follow);
        for (auto const& line : expected) BOOST_TEST(program.read_line().value_or("") == line);
        program.signal(SIGTERM);
        BOOST_TEST(program.wait().exit_code == 128 + SIGTERM);
    }
}

BOOST_AUTO_TEST_CASE(follow_begins_with_new_events_by_default) {
    scratch_directory const scratch;
    append(scratch.root(), draft("old") + draft("old"));
    running_program program({"follow", scratch.root()});
    // The program does not show when it begins to follow, so append events until it prints one.
    bool said_something = false;
    while (!said_something) {
        append(scratch.root(), draft("new"));
        said_something = program.has_output();
    }
    auto const line = program.read_line();
    BOOST_REQUIRE(line);
    BOOST_TEST(line->find("\"new\"") != std::string::npos, *line);
}

BOOST_AUTO_TEST_CASE(follow_begins_with_the_lowest_id_of_the_filter) {
    scratch_directory const scratch;
    append(scratch.root(), draft("one") + draft("two") + draft("three"));
    auto const done = run({"follow", scratch.root(), "--min-id", "2", "--max-id", "2"});
    BOOST_TEST(done.exit_code == 0);
    BOOST_TEST(done.out == stored_lines(scratch.root()).at(1) + '\n');
}

BOOST_AUTO_TEST_CASE(follow_begins_with_the_last_events) {
    scratch_directory const scratch;
    append(scratch.root(), draft("one") + draft("two") + draft("one") + draft("two"));
    auto const stored = stored_lines(scratch.root());
    BOOST_TEST(run({"follow", scratch.root(), "-n", "2", "--max-id", "4"}).out == stored[2] + '\n' + stored[3] + '\n');
    auto const done = run({"follow", scratch.root(), "-n", "9", "--model-name", "one", "--max-id", "3"});
    BOOST_TEST(done.out == stored[0] + '\n' + stored[2] + '\n');
    BOOST_TEST(run({"follow", scratch.root(), "-n", "2", "--user", "nobody", "--max-id", "4"}).out == "");
}

BOOST_AUTO_TEST_CASE(p15_no_event_is_lost_or_printed_twice_after_the_last_events) {
    scratch_directory const scratch;
    append(scratch.root(), draft());
    running_program writer({"append", scratch.root(), catalog_file(), "--durability", "written"});
    BOOST_REQUIRE(writer.read_line());
    running_program program({"follow", scratch.root(), "-n", "3", "--max-id", "6001"});
    while (writer.read_line()) continue;
    writer.wait();
    std::vector<std::string> printed_lines;
    while (auto line = program.read_line()) printed_lines.push_back(std::move(*line));
    auto const stored = stored_lines(scratch.root());
    BOOST_TEST_REQUIRE(printed_lines.size() >= 3u);
    BOOST_TEST_REQUIRE(printed_lines.size() <= stored.size());
    std::vector<std::string> const expected(stored.end() - static_cast<std::ptrdiff_t>(printed_lines.size()),
                                            stored.end());
    BOOST_TEST((printed_lines == expected));
    BOOST_TEST(program.wait().exit_code == 0);
}

BOOST_DATA_TEST_CASE(a_signal_ends_follow, data::make({SIGINT, SIGTERM, SIGHUP}), number) {
    scratch_directory const scratch;
    append(scratch.root(), draft());
    running_program program({"follow", scratch.root(), "--from-id", "1"});
    BOOST_TEST(program.read_line().has_value());
    program.signal(number);
    auto const done = program.wait();
    BOOST_TEST(done.exit_code == 128 + number);
    BOOST_TEST(done.err == "");
}

BOOST_AUTO_TEST_CASE(closing_the_output_pipe_ends_follow_while_it_waits) {
    scratch_directory const scratch;
    append(scratch.root(), draft());
    running_program program({"follow", scratch.root(), "--from-id", "1"});
    BOOST_TEST(program.read_line().has_value());
    program.close_output();
    auto const done = program.wait();
    BOOST_TEST(done.exit_code == 0);
    BOOST_TEST(done.err == "");
}

BOOST_AUTO_TEST_CASE(closing_the_output_pipe_early_ends_follow) {
    scratch_directory const scratch;
    BOOST_TEST(run({"append", scratch.root(), catalog_file()}).exit_code == 0);
    auto const done = run_shell("\"$PROGRAM\" follow " + scratch.root() + " --from-id 1 | head -n 3");
    BOOST_TEST(done.exit_code == 0);
    BOOST_TEST(lines_of(done.out).size() == 3);
    BOOST_TEST(done.err == "");
}

BOOST_AUTO_TEST_CASE(a_full_output_is_an_error_of_follow) {
    scratch_directory const scratch;
    append(scratch.root(), draft());
    auto const done = run_shell("\"$PROGRAM\" follow " + scratch.root() + " --from-id 1 >/dev/full");
    BOOST_TEST(done.exit_code == 1);
    BOOST_TEST(done.err.starts_with("standard output: "), done.err);
}

BOOST_AUTO_TEST_CASE(output_may_go_to_a_file) {
    scratch_directory const scratch;
    append(scratch.root(), draft() + draft());
    auto const done = run({"follow", scratch.root(), "--from-id", "1", "--max-id", "2"});
    BOOST_TEST(done.exit_code == 0);
    BOOST_TEST(lines_of(done.out).size() == 2);
}

BOOST_AUTO_TEST_CASE(damage_is_reported_with_file_and_offset_and_sets_the_exit_code) {
    scratch_directory const scratch;
    append(scratch.root(), draft());
    std::string const path = segments_in(scratch.root()).begin()->first;
    auto const offset = std::filesystem::file_size(scratch.root() + '/' + path);
    std::ofstream(scratch.root() + '/' + path, std::ios::app) << "damage\n";
    append(scratch.root(), draft());
    auto const done = run({"follow", scratch.root(), "--from-id", "1", "--max-id", "2"});
    BOOST_TEST(done.exit_code == 1);
    BOOST_TEST(lines_of(done.out).size() == 2);
    auto const told = "audit-trail: " + scratch.root() + '/' + path + ": offset " + std::to_string(offset) + ": ";
    BOOST_TEST(done.err.starts_with(told), done.err);
    BOOST_TEST(lines_of(done.err).size() == 1, done.err);
}

BOOST_AUTO_TEST_CASE(damage_is_reported_however_much_was_reported_before) {
    scratch_directory const scratch;
    append(scratch.root(), draft());
    std::string const path = scratch.root() + '/' + segments_in(scratch.root()).begin()->first;
    running_program program({"follow", scratch.root(), "--from-id", "1"});
    BOOST_REQUIRE(program.read_line());
    constexpr int rounds = 6;
    constexpr int damaged_lines = 40;  // twice this is less than a follower keeps
    for (int round = 0; round != rounds; ++round) {
        for (int n = 0; n != damaged_lines; ++n) std::ofstream(path, std::ios::app) << "damage\n";
        append(scratch.root(), draft());
        BOOST_REQUIRE(program.read_line());
    }
    program.signal(SIGINT);
    BOOST_TEST(lines_of(program.wait().err).size() == std::size_t{rounds * damaged_lines});
}

BOOST_AUTO_TEST_CASE(a_missing_root_is_an_error) {
    scratch_directory const scratch;
    auto const done = run({"follow", scratch.root()});
    BOOST_TEST(done.exit_code == 1);
    BOOST_TEST(done.out == "");
    BOOST_TEST(done.err == "audit-trail: " + scratch.root() + ": No such file or directory\n");
}

BOOST_AUTO_TEST_CASE(waiting_for_a_trail_is_reported) {
    scratch_directory const scratch;
    std::filesystem::create_directory(scratch.root());
    auto const done = run_shell("cd " + scratch.root() + "/.. && { $PROGRAM follow " + scratch.root() +
                                " 2> err & } && until grep -q . err; do :; done && kill $! && wait $!; cat err");
    BOOST_TEST(done.out ==
               "audit-trail: " + scratch.root() + ": no audit trail yet; waiting for a writer to begin it\n");
}

BOOST_AUTO_TEST_CASE(p15_writers_that_are_killed_are_followed) {
    scratch_directory const scratch;
    append(scratch.root(), draft());
    running_program program({"follow", scratch.root(), "--from-id", "1"});
    std::vector<std::string> printed_lines;
    for (int round = 0; round != 10; ++round) {
        running_program writer(
            {"append", scratch.root(), catalog_file(), "--durability", "written", "--max-segment-bytes", "65536"});
        for (int n = 0; n != 100 * round + 1; ++n) {
            auto line = program.read_line();
            BOOST_REQUIRE(line);
            printed_lines.push_back(std::move(*line));
        }
        writer.signal(SIGKILL);
        writer.wait();
    }
    append(scratch.root(), draft("last"));
    while (printed_lines.empty() || printed_lines.back().find("\"last\"") == std::string::npos) {
        auto line = program.read_line();
        BOOST_REQUIRE(line);
        printed_lines.push_back(std::move(*line));
    }
    BOOST_TEST((printed_lines == stored_lines(scratch.root())));
    program.signal(SIGINT);
    auto const done = program.wait();
    BOOST_TEST(done.exit_code == 128 + SIGINT);
    BOOST_TEST(done.err == "");
}

}  // namespace
}  // namespace test::follow_test
