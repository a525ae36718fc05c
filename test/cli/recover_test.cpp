/// \file
/// Tests `recover` after a crash, its dry run, and the acceptance of losses.
#include <boost/test/unit_test.hpp>
#include <csignal>
#include <map>

#include "cli/program.hpp"
#include "cli/scratch_directory.hpp"
#include "cli/trail_files.hpp"

namespace test::recover_test {
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

/// A writer that was killed when the commit log had its last lines, and a segment that lost the last one.
struct logged_trail {
    scratch_directory const scratch;
    std::string const root = scratch.root();
    fs::path const segment = fs::path(root) / "d/c/audit-000001.jsonl";
    std::string whole;

    logged_trail() {
        running_program writer({"append", root});
        for (int after = 0; after != 3; after += log_is_used()) {
            BOOST_REQUIRE(writer.write(draft()));
            BOOST_REQUIRE(writer.read_line().has_value());
        }
        writer.signal(SIGKILL);
        writer.wait();
        whole = read_file(segment);
        fs::resize_file(segment, whole.rfind('\n', whole.size() - 2) + 1);
    }

    bool log_is_used() const { return read_file(fs::path(root) / ".lock").find("\"log\": 0 ") == std::string::npos; }
};

BOOST_FIXTURE_TEST_CASE(p01_lines_that_only_the_commit_log_has_are_reported_and_restored, logged_trail) {
    auto const told = run({"verify", root});
    BOOST_TEST(told.exit_code == 1);
    BOOST_TEST(told.out.find("the commit log has lines that the segment lacks") != std::string::npos);
    BOOST_TEST(run({"query", root}).exit_code == 1);
    auto const planned = run({"recover", root, "--dry-run"});
    BOOST_TEST(planned.exit_code == 0);
    BOOST_TEST(planned.out.find("; would be restored\n") != std::string::npos);
    auto const done = run({"recover", root});
    BOOST_TEST(done.exit_code == 0);
    BOOST_TEST(done.out.find("; restored\n") != std::string::npos);
    BOOST_TEST(read_file(segment) == whole);
    BOOST_TEST(run({"verify", root}).exit_code == 0);
}

BOOST_FIXTURE_TEST_CASE(a_commit_log_that_cannot_be_used_is_a_loss_and_later_a_note, logged_trail) {
    std::ofstream(segment, std::ios::trunc) << whole;
    std::ofstream(root + "/.commit-log", std::ios::trunc) << "not a log";
    BOOST_TEST(run({"recover", root, "--dry-run"}).exit_code == 1);
    auto const done = run({"recover", root});
    BOOST_TEST(done.exit_code == 1);
    BOOST_TEST(done.out.find("; moved to .broken/commit-log.1\n") != std::string::npos, done.out);
    BOOST_TEST(run({"recover", root, "--accept-loss"}).exit_code == 0);
    auto const checked = run({"verify", root});
    BOOST_TEST(checked.exit_code == 0);
    BOOST_TEST(checked.out.find("note: " + root + "/.recovery.jsonl: offset ") != std::string::npos, checked.out);
    BOOST_TEST(checked.out.find("the log was moved to .broken/commit-log.1") != std::string::npos, checked.out);
}

BOOST_FIXTURE_TEST_CASE(a_dry_run_changes_nothing, crashed_trail) {
    auto const before = files_in(root);
    auto const done = run({"recover", root, "--dry-run"});
    BOOST_TEST(done.exit_code == 0);
    BOOST_TEST(done.err == "");
    BOOST_TEST(done.out ==
               torn_text("would be copied to") + "Nothing was changed: this is what recovering would find.\n");
    BOOST_TEST((files_in(root) == before));
}

BOOST_FIXTURE_TEST_CASE(p06_a_torn_line_is_repaired_and_reported, crashed_trail) {
    auto const done = run({"recover", root});
    BOOST_TEST(done.exit_code == 0);
    BOOST_TEST(done.err == "");
    BOOST_TEST(done.out ==
               torn_text("copied to") + "All of this is on stable storage and recorded, and the trail is closed.\n");
    BOOST_TEST(read_file(segment) == whole);
    BOOST_TEST(run({"query", root}).exit_code == 0);

    auto const again = run({"recover", root});
    BOOST_TEST(again.exit_code == 0);
    BOOST_TEST(
        again.out.starts_with(
            "The end of the trail is clean.\nNo line is incomplete at the end of a segment. To check the whole trail, run "
            "verify.\n"),
        again.out);
}

BOOST_FIXTURE_TEST_CASE(missing_ids_are_reported, crashed_trail) {
    std::ofstream(segment, std::ios::trunc)
        << whole << R"({"event_id":6,"timestamp":5,"domain":"d","category":"c",)"
        << R"("model_name":"m","operation":"create","logical_user_id":"u"})" << '\n';
    scratch.write("root/index.json", R"({"last_event_id": 9})");
    auto const done = run({"recover", root, "--dry-run"});
    BOOST_TEST(done.exit_code == 1);
    std::string const reason =
        ": .lock or index.json shows that they were acknowledged, but they are not at the end of any category: events "
        "are lost or damaged\n";
    BOOST_TEST(done.out ==
               "The last writer did not close the trail.\nids 4 to 5" + reason + "ids 7 to 9" + reason +
                   "The last event is 9.\nNothing was changed: this is what recovering would find.\n"
                   "Events are lost. verify reports this until 'audit-trail recover --accept-loss' is run.\n");
}

BOOST_FIXTURE_TEST_CASE(a_loss_is_a_finding_until_it_is_accepted, crashed_trail) {
    std::string const removed = read_file(segment);
    fs::remove(segment);
    BOOST_TEST(run({"recover", root}).exit_code == 1);
    BOOST_TEST(run({"append", root}, draft()).exit_code == 0);
    for (auto const& arguments :
         {std::vector<std::string>{"recover", root}, std::vector<std::string>{"recover", root, "--dry-run"}}) {
        auto const later = run(arguments);
        BOOST_TEST(later.exit_code == 1);
        std::string const reported =
            "ids 1 to 3: lost, as an earlier recovery recorded in .recovery.jsonl\n"
            "Events are lost. verify reports this until 'audit-trail recover --accept-loss' is run.\n";
        BOOST_TEST(later.out.ends_with(reported), later.out);
    }
    auto const next = read_file(segment);
    std::ofstream(segment, std::ios::trunc) << removed.substr(0, removed.rfind('\n') + 1) << next;
    BOOST_TEST(run({"recover", root}).exit_code == 0);
    std::ofstream(segment, std::ios::trunc) << next;
    auto const found = run({"verify", root});
    BOOST_TEST(found.exit_code == 1);
    BOOST_TEST(found.out.find("ids 1 to 3, recorded as lost in .recovery.jsonl") != std::string::npos, found.out);

    auto const accepted = run({"recover", root, "--accept-loss"});
    BOOST_TEST(accepted.exit_code == 0);
    BOOST_TEST(accepted.out.find("ids 1 to 3: accepted as lost by ") != std::string::npos, accepted.out);
    std::string const records = read_file(root + "/.recovery.jsonl");
    BOOST_TEST(records.find(R"("kind":"accepted_loss","first_id":1,"last_id":3,"user":")") != records.npos, records);
    BOOST_TEST(run({"verify", root}).exit_code == 0);

    auto const again = run({"recover", root, "--accept-loss"});
    BOOST_TEST(again.exit_code == 0);
    BOOST_TEST(again.out.find("There is no loss to accept.\n") != std::string::npos, again.out);
}

BOOST_FIXTURE_TEST_CASE(a_loss_of_all_events_can_be_accepted_before_the_next_append, crashed_trail) {
    fs::remove_all(fs::path(root) / "d");
    BOOST_TEST(run({"recover", root, "--accept-loss"}).exit_code == 0);
    BOOST_TEST(run({"verify", root}).exit_code == 0);
    BOOST_TEST(run({"recover", root}).exit_code == 0);
    BOOST_TEST(run({"append", root}, draft()).out == "4\n");
}

BOOST_FIXTURE_TEST_CASE(an_id_that_no_writer_gives_is_named, crashed_trail) {
    std::ofstream(segment, std::ios::trunc)
        << whole << R"({"event_id":18446744073709551615,"timestamp":5,"domain":"d","category":"c",)"
        << R"("model_name":"m","operation":"create","logical_user_id":"u"})" << '\n';
    auto const found = run({"verify", root, "--format", "json"});
    BOOST_TEST(found.exit_code == 1);
    BOOST_TEST(found.out.find(R"("reason":"id_too_high")") != std::string::npos, found.out);
    BOOST_TEST(found.out.find("index_behind") == std::string::npos, found.out);
    auto const done = run({"recover", root});
    BOOST_TEST(done.exit_code == 1);
    BOOST_TEST(done.err.find("verify names the line") != std::string::npos, done.err);
}

/// Checks that `recover`, its dry run and `append` name the file and what to do, and restore nothing.
void check_obstacle(logged_trail const& trail, std::string const& path, std::string const& advice) {
    auto const before = files_in(trail.root);
    std::string const expected = "audit-trail: " + trail.root + '/' + path + ": ";
    for (auto const& arguments : {std::vector<std::string>{"recover", trail.root, "--dry-run"},
                                  std::vector<std::string>{"recover", trail.root}}) {
        auto const done = run(arguments);
        BOOST_TEST(done.exit_code == 1);
        BOOST_TEST(done.err.starts_with(expected), done.err);
        BOOST_TEST(done.err.find(advice) != std::string::npos, done.err);
    }
    BOOST_TEST((files_in(trail.root) == before));
    auto const appended = run({"append", trail.root}, draft());
    BOOST_TEST(appended.exit_code == 1);
    BOOST_TEST(appended.err.starts_with(expected), appended.err);
}

BOOST_FIXTURE_TEST_CASE(p11_a_file_of_the_writer_with_another_link_is_named, logged_trail) {
    for (auto const* const name : {".lock", ".commit-log"}) {
        auto const link = scratch.path() / "link";
        fs::create_hard_link(fs::path(root) / name, link);
        check_obstacle(*this, name, "replace it by a copy of its file (cp -p FILE COPY, then mv -T COPY FILE)");
        fs::remove(link);
    }
    BOOST_TEST(run({"recover", root}).exit_code == 0);
}

BOOST_FIXTURE_TEST_CASE(p11_a_file_of_the_writer_with_another_type_is_named, logged_trail) {
    auto const index = fs::path(root) / "index.json";
    fs::remove(index);
    fs::create_directory(index);
    check_obstacle(*this, "index.json", "otherwise move it away");
    fs::remove(index);
    auto const lock = fs::path(root) / ".lock";
    fs::rename(lock, scratch.path() / "lock");
    fs::create_symlink(scratch.path() / "lock", lock);
    check_obstacle(*this, ".lock", "replace it by a copy");
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

BOOST_AUTO_TEST_CASE(recover_creates_no_trail) {
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

BOOST_AUTO_TEST_CASE(an_empty_trail_is_reported_as_empty) {
    scratch_directory const scratch;
    BOOST_REQUIRE_EQUAL(run({"append", scratch.root()}).exit_code, 0);
    auto const done = run({"recover", scratch.root()});
    BOOST_TEST(done.exit_code == 0);
    BOOST_TEST(done.out.find("There is no event yet.\n") != std::string::npos, done.out);
}

}  // namespace
}  // namespace test::recover_test
