/// \file
/// Recovering what a crash left, and saying what would be done without doing it.
#define BOOST_TEST_MODULE cli_recover
#include <boost/test/unit_test.hpp>
#include <csignal>
#include <map>

#include "cli/program.hpp"
#include "cli/scratch_directory.hpp"
#include "cli/trail_files.hpp"

namespace {

using namespace test;
namespace fs = std::filesystem;

std::map<std::string, std::string> files_in(fs::path const& root) {
    std::map<std::string, std::string> found;
    for (auto const& place : fs::recursive_directory_iterator(root)) {
        if (place.is_regular_file()) found[place.path().string()] = read_file(place.path());
    }
    return found;
}

/// Three events, and a writer that was killed while a fourth line was torn.
struct crashed_trail {
    scratch_directory const scratch;
    std::string const root = scratch.root();
    fs::path const segment = fs::path(root) / "d/c/audit-000001.jsonl";
    std::string whole;

    crashed_trail() {
        running_program writer({"append", root});
        BOOST_REQUIRE(writer.write(draft() + draft() + draft()));
        for (int i = 0; i != 3; ++i) BOOST_REQUIRE(writer.read_line().has_value());
        writer.signal(SIGKILL);
        writer.wait();
        whole = read_file(segment);
        std::ofstream(segment, std::ios::app) << "{\"event_id\":4,";
    }

    std::string torn_text(std::string const& done) const {
        std::string const offset = std::to_string(whole.size());
        return "The last writer did not close the trail.\n"
               "d/c/audit-000001.jsonl: 14 bytes from offset " +
               offset + " on: no newline at the end; " + done + " .broken/d/c/audit-000001.jsonl." + offset +
               " and cut off\nThe last event is 3.\n";
    }
};

BOOST_FIXTURE_TEST_CASE(a_dry_run_changes_nothing, crashed_trail) {
    auto const before = files_in(root);
    auto const done = run({"recover", root, "--dry-run"});
    BOOST_TEST(done.exit_code == 0);
    BOOST_TEST(done.err == "");
    BOOST_TEST(done.out ==
               torn_text("would be copied to") + "Nothing was changed: this is what recovering would find.\n");
    BOOST_TEST((files_in(root) == before));
}

BOOST_FIXTURE_TEST_CASE(p06_a_torn_line_is_mended_and_told, crashed_trail) {
    auto const done = run({"recover", root});
    BOOST_TEST(done.exit_code == 0);
    BOOST_TEST(done.err == "");
    BOOST_TEST(done.out ==
               torn_text("copied to") + "All of this is on stable storage and recorded, and the trail is closed.\n");
    BOOST_TEST(read_file(segment) == whole);
    BOOST_TEST(run({"query", root}).exit_code == 0);

    auto const again = run({"recover", root});
    BOOST_TEST(again.exit_code == 0);
    BOOST_TEST(again.out.starts_with("The last writer closed the trail.\nNothing is torn, and no id is missing.\n"),
               again.out);
}

BOOST_FIXTURE_TEST_CASE(missing_ids_are_told, crashed_trail) {
    std::ofstream(segment, std::ios::trunc)
        << whole << R"({"event_id":6,"timestamp":5,"domain":"d","category":"c",)"
        << R"("model_name":"m","operation":"create","logical_user_id":"u"})" << '\n';
    scratch.write("root/index.json", R"({"last_event_id": 9})");
    auto const done = run({"recover", root, "--dry-run"});
    BOOST_TEST(done.exit_code == 0);
    BOOST_TEST(done.out ==
               "The last writer did not close the trail.\n"
               "ids 4 to 5: no segment holds them: the batch that they were given to did not reach its end\n"
               "ids 7 to 9: index.json names ids that no segment holds: events are missing\n"
               "The last event is 9.\n"
               "Nothing was changed: this is what recovering would find.\n");
}

BOOST_AUTO_TEST_CASE(p07_a_trail_that_a_writer_has_is_left_alone) {
    scratch_directory const scratch;
    running_program writer({"append", scratch.root()});
    BOOST_REQUIRE(writer.write(draft()));
    BOOST_REQUIRE(writer.read_line().has_value());
    for (auto const& arguments : {std::vector<std::string>{"recover", scratch.root()},
                                  std::vector<std::string>{"recover", scratch.root(), "--dry-run"}}) {
        auto const done = run(arguments);
        BOOST_TEST(done.exit_code == 1);
        BOOST_TEST(done.out == "");
        BOOST_TEST(done.err.starts_with("audit-trail: " + scratch.root() + ": another writer has the trail open"),
                   done.err);
    }
    writer.close_input();
    BOOST_TEST(writer.wait().exit_code == 0);
    BOOST_TEST(run({"recover", scratch.root()}).exit_code == 0);
}

BOOST_AUTO_TEST_CASE(what_is_no_trail_is_not_made_one) {
    scratch_directory const scratch;
    std::string const empty = (scratch.path() / "empty").string();
    fs::create_directory(empty);
    for (auto const& root : {scratch.root(), empty}) {
        for (auto const& arguments :
             {std::vector<std::string>{"recover", root}, std::vector<std::string>{"recover", root, "--dry-run"}}) {
            auto const done = run(arguments);
            BOOST_TEST(done.exit_code == 1);
            BOOST_TEST(done.out == "");
            BOOST_TEST(done.err.starts_with("audit-trail: " + root + ": "), done.err);
        }
    }
    BOOST_TEST(!fs::exists(scratch.root()));
    BOOST_TEST(fs::is_empty(empty));
}

BOOST_AUTO_TEST_CASE(an_empty_trail_is_said_to_be_empty) {
    scratch_directory const scratch;
    BOOST_REQUIRE_EQUAL(run({"append", scratch.root()}).exit_code, 0);
    auto const done = run({"recover", scratch.root()});
    BOOST_TEST(done.exit_code == 0);
    BOOST_TEST(done.out.find("There is no event yet.\n") != std::string::npos, done.out);
}

}  // namespace
