/// \file
/// Tests that `append` prints an id as soon as, and only when, its event is acknowledged, however the program ends.
#include <algorithm>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <csignal>
#include <thread>

#include "cli/program.hpp"
#include "cli/scratch_directory.hpp"
#include "cli/trail_files.hpp"

namespace test::acknowledgement_test {
namespace {

using namespace test;
namespace data = boost::unit_test::data;

std::vector<std::uint64_t> read_ids(running_program& program, std::size_t at_most) {
    std::vector<std::uint64_t> ids;
    while (ids.size() < at_most) {
        auto const line = program.read_line();
        if (!line) break;
        ids.push_back(std::stoull(*line));
    }
    return ids;
}

constexpr std::size_t all = static_cast<std::size_t>(-1);

bool has_all(std::vector<std::uint64_t> const& stored, std::vector<std::uint64_t> const& wanted) {
    return std::includes(stored.begin(), stored.end(), wanted.begin(), wanted.end());
}

BOOST_AUTO_TEST_CASE(p01_an_id_is_printed_while_the_input_stays_open) {
    scratch_directory const scratch;
    running_program program({"append", scratch.root()});
    for (std::uint64_t id = 1; id != 20; ++id) {
        BOOST_REQUIRE(program.write(draft()));
        BOOST_TEST(program.read_line().value_or("") == std::to_string(id));
        BOOST_TEST((ids_in(scratch.root()) == ids_from_to(1, id)));
    }
    program.close_input();
    BOOST_TEST(program.wait().exit_code == 0);
}

BOOST_AUTO_TEST_CASE(the_shared_input_stays_blocking) {
    scratch_directory const scratch;
    running_program program({"append", scratch.root(), "--durability", "written"});
    for (int n = 0; n != 20; ++n) {
        BOOST_REQUIRE(program.write(draft()));
        BOOST_REQUIRE(program.read_line().has_value());
        BOOST_TEST(program.input_is_blocking());
    }
    program.close_input();
    BOOST_TEST(program.wait().exit_code == 0);
}

BOOST_AUTO_TEST_CASE(an_incomplete_line_waits_for_its_end) {
    scratch_directory const scratch;
    running_program program({"append", scratch.root()});
    std::string const text = draft();
    BOOST_REQUIRE(program.write(draft() + text.substr(0, 10)));
    BOOST_TEST(program.read_line().value_or("") == "1");
    BOOST_REQUIRE(program.write(text.substr(10)));
    BOOST_TEST(program.read_line().value_or("") == "2");
    program.close_input();
    BOOST_TEST(program.wait().exit_code == 0);
}

BOOST_AUTO_TEST_CASE(p01_ids_printed_before_a_kill_are_in_the_files) {
    constexpr int rounds = 20;
    scratch_directory const scratch;
    std::vector<std::uint64_t> before;
    for (int round = 0; round != rounds; ++round) {
        running_program program({"append", scratch.root(), catalog_file(), "--max-segment-bytes", "65536", "--window",
                                 round % 2 ? "64" : "1024", "--durability", round % 3 ? "synced" : "written"});
        auto ids = read_ids(program, static_cast<std::size_t>(1 + round * 131 % 1500));
        program.signal(SIGKILL);
        auto const rest = read_ids(program, all);
        ids.insert(ids.end(), rest.begin(), rest.end());
        program.wait();

        BOOST_REQUIRE(!ids.empty());
        BOOST_TEST(std::is_sorted(ids.begin(), ids.end()));
        BOOST_TEST((before.empty() || ids.front() > before.back()), "an id was given twice");
        // The next writer cuts off the torn line.
        BOOST_REQUIRE_EQUAL(run({"append", scratch.root()}).exit_code, 0);
        auto stored = ids_in(scratch.root());
        BOOST_TEST(has_all(stored, before), "an older event is gone");
        BOOST_TEST(has_all(stored, ids), "a printed id is not in the files");
        BOOST_TEST((std::adjacent_find(stored.begin(), stored.end()) == stored.end()), "an id stands twice");
        before = std::move(stored);
    }

    auto accounted = unused_ids_in(scratch.root());
    accounted.insert(accounted.end(), before.begin(), before.end());
    std::sort(accounted.begin(), accounted.end());
    BOOST_TEST((accounted == ids_from_to(1, accounted.back())), "a gap that no record accounts for");
}

BOOST_DATA_TEST_CASE(a_signal_ends_the_reading_and_nothing_in_flight_is_lost, data::make({SIGINT, SIGTERM}), number) {
    scratch_directory const scratch;
    running_program program({"append", scratch.root(), catalog_file(), "-"});
    // Standard input stays open and empty, so only the signal can end the program.
    auto ids = read_ids(program, 100);
    program.signal(number);
    auto const rest = read_ids(program, all);
    ids.insert(ids.end(), rest.begin(), rest.end());
    auto const done = program.wait();
    BOOST_TEST(done.exit_code == 128 + number);
    BOOST_TEST(done.err == "");
    BOOST_TEST((ids_in(scratch.root()) == ids));
    BOOST_TEST((ids == ids_from_to(1, ids.size())));
    // A clean end: there is nothing to recover.
    auto const again = run({"append", scratch.root()}, draft());
    BOOST_TEST(again.out == std::to_string(ids.size() + 1) + "\n");
    BOOST_TEST(again.err == "");
}

BOOST_AUTO_TEST_CASE(a_signal_ends_the_wait_for_input) {
    scratch_directory const scratch;
    running_program program({"append", scratch.root()});
    BOOST_REQUIRE(program.write(draft() + "half a li"));
    BOOST_TEST(program.read_line().value_or("") == "1");
    program.signal(SIGTERM);
    BOOST_TEST(program.wait().exit_code == 128 + SIGTERM);
    BOOST_TEST((ids_in(scratch.root()) == ids_from_to(1, 1)));
}

BOOST_AUTO_TEST_CASE(closing_the_output_pipe_ends_the_program_cleanly) {
    scratch_directory const scratch;
    running_program program({"append", scratch.root()});
    BOOST_REQUIRE(program.write(draft()));
    BOOST_TEST(program.read_line().value_or("") == "1");
    program.close_output();
    // The program may end before it has read all of this.
    std::string const drafts = read_file(catalog_file());
    program.write(drafts);
    program.close_input();
    auto const done = program.wait();
    BOOST_TEST(done.exit_code == 128 + SIGPIPE);
    BOOST_TEST(done.err == "");
    auto const ids = ids_in(scratch.root());
    BOOST_TEST((ids == ids_from_to(1, ids.size())));
    auto const again = run({"append", scratch.root()}, draft());
    BOOST_TEST(again.out == std::to_string(ids.size() + 1) + "\n");
    BOOST_TEST(again.err == "");
}

BOOST_AUTO_TEST_CASE(a_slow_reader_gets_every_id) {
    scratch_directory const scratch;
    running_program program({"append", scratch.root(), "--print", "events", "--durability", "written"});
    // More than two pipes hold: the program waits for this test at one end, this test for the program at the other.
    std::string const drafts = read_file(catalog_file());
    std::thread feeder([&] {
        program.write(drafts);
        program.close_input();
    });
    std::size_t count = 0;
    while (program.read_line()) ++count;
    feeder.join();
    BOOST_TEST(count == 6000);
    BOOST_TEST(program.wait().exit_code == 0);
}

BOOST_AUTO_TEST_CASE(a_full_output_is_an_error_of_append) {
    scratch_directory const scratch;
    auto const done = run_shell("\"$PROGRAM\" append " + scratch.root() + " " + catalog_file() + " >/dev/full");
    BOOST_TEST(done.exit_code == 1);
    BOOST_TEST(lines_of(done.err).size() == 1, done.err);
    BOOST_TEST(done.err.starts_with("standard output: "), done.err);
    auto const ids = ids_in(scratch.root());
    BOOST_TEST((ids == ids_from_to(1, ids.size())));
}

BOOST_AUTO_TEST_CASE(a_closed_output_never_becomes_a_segment) {
    scratch_directory const scratch;
    auto const done = run_shell("\"$PROGRAM\" append " + scratch.root() + " " + catalog_file() + " <&- >&-");
    BOOST_TEST(done.exit_code == 1);
    BOOST_TEST(done.err.starts_with("standard output: "), done.err);
    auto const ids = ids_in(scratch.root());
    BOOST_TEST((ids == ids_from_to(1, ids.size())));
}

BOOST_AUTO_TEST_CASE(p04_lines_that_a_file_size_limit_refuses_are_named_and_leave_nothing) {
    scratch_directory const scratch;
    // No file may grow past 64 KiB. The output goes through a pipe to a process without that limit.
    auto const done = run_shell("(trap '' XFSZ; ulimit -f 128; \"$PROGRAM\" append " + scratch.root() + " " +
                                catalog_file() + " --window 16 --on-error skip) 2>&1 | cat");
    auto const ids = ids_in(scratch.root());
    BOOST_TEST(!ids.empty());
    BOOST_TEST(ids.size() < 6000);
    BOOST_TEST((ids == ids_from_to(1, ids.size())));

    std::string printed_ids;
    std::size_t messages = 0;
    for (std::string const& line : lines_of(done.out)) {
        if (line.find_first_not_of("0123456789") == std::string::npos) {
            printed_ids += line + '\n';
        } else {
            ++messages;
            BOOST_TEST(line.starts_with(catalog_file() + ":"), line);
        }
    }
    BOOST_TEST((printed_ids == printed(ids)));
    BOOST_TEST(messages == 6000 - ids.size());
}

}  // namespace
}  // namespace test::acknowledgement_test
