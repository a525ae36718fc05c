/// \file
/// Tests that `append` continues an existing trail with the right id in the right segment, whatever index.json says.
#include <boost/json/parse.hpp>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "cli/program.hpp"
#include "cli/scratch_directory.hpp"
#include "cli/trail_files.hpp"

namespace test::continuation_test {
namespace {

using namespace test;
namespace data = boost::unit_test::data;
namespace fs = std::filesystem;

std::string line_of(std::uint64_t id, std::string const& category = "c") {
    return R"({"event_id":)" + std::to_string(id) + R"(,"timestamp":1700000000,"domain":"d","category":")" + category +
           R"(","model_name":"m","operation":"create","logical_user_id":"u"})" + '\n';
}

std::uint64_t last_id_of_index(scratch_directory const& scratch) {
    auto const index = boost::json::parse(read_file(scratch.root() + "/index.json"));
    return index.at("last_event_id").to_number<std::uint64_t>();
}

/// What another writer leaves: an index without a newline, segments, and nothing of ours.
void write_foreign_trail(scratch_directory const& scratch) {
    scratch.write("root/index.json", "{\n  \"last_event_id\": 7\n}");
    scratch.write("root/d/c/audit-000001.jsonl", line_of(1) + line_of(2));
    scratch.write("root/d/c/audit-000002.jsonl", line_of(4) + line_of(7));
    scratch.write("root/d/other/audit-000001.jsonl", line_of(3, "other") + line_of(5, "other") + line_of(6, "other"));
}

BOOST_AUTO_TEST_CASE(p02_the_trail_of_another_writer_is_continued) {
    scratch_directory const scratch;
    write_foreign_trail(scratch);
    auto const done = run({"append", scratch.root()}, draft() + draft());
    BOOST_TEST(done.exit_code == 0);
    BOOST_TEST(done.out == "8\n9\n");
    auto const segments = segments_in(scratch.root());
    BOOST_TEST(segments.size() == 3);
    BOOST_TEST(segments.at("d/c/audit-000001.jsonl") == line_of(1) + line_of(2));
    BOOST_TEST(segments.at("d/c/audit-000002.jsonl") == line_of(4) + line_of(7) + line_of(8) + line_of(9));
    BOOST_TEST(last_id_of_index(scratch) == 9);
}

BOOST_AUTO_TEST_CASE(a_full_segment_of_another_writer_is_followed_by_the_next) {
    scratch_directory const scratch;
    write_foreign_trail(scratch);
    std::string const limit = std::to_string(line_of(4).size() + line_of(7).size());
    auto const done = run({"append", scratch.root(), "--max-segment-bytes", limit}, draft());
    BOOST_TEST(done.exit_code == 0);
    BOOST_TEST(segments_in(scratch.root()).at("d/c/audit-000002.jsonl") == line_of(4) + line_of(7));
    BOOST_TEST(segments_in(scratch.root()).at("d/c/audit-000003.jsonl") == line_of(8));
}

BOOST_AUTO_TEST_CASE(the_newest_segment_is_the_one_with_the_highest_number) {
    scratch_directory const scratch;
    scratch.write("root/d/c/audit-999999.jsonl", line_of(1));
    scratch.write("root/d/c/audit-1000000.jsonl", line_of(2));
    auto const done = run({"append", scratch.root()}, draft());
    BOOST_TEST(done.out == "3\n");
    BOOST_TEST(segments_in(scratch.root()).at("d/c/audit-1000000.jsonl") == line_of(2) + line_of(3));
}

BOOST_AUTO_TEST_CASE(a_seventh_digit_follows_six_nines) {
    scratch_directory const scratch;
    scratch.write("root/d/c/audit-999999.jsonl", line_of(1));
    auto const done = run({"append", scratch.root(), "--max-segment-bytes", "1"}, draft());
    BOOST_TEST(done.out == "2\n");
    BOOST_TEST(segments_in(scratch.root()).at("d/c/audit-1000000.jsonl") == line_of(2));
}

struct index_fault {
    char const* content;  // null: the file is deleted
};
std::ostream& operator<<(std::ostream& out, index_fault const& fault) {
    return out << (fault.content ? fault.content : "(deleted)");
}

index_fault const index_faults[] = {{nullptr},
                                    {""},
                                    {"\n"},
                                    {"garbage"},
                                    {"{\"last_event_id\": 3}"},
                                    {"{\"last_event_id\": 0}"},
                                    {"{\"last_event_id\": -1}"},
                                    {"{\"last_event_id\": \"9\"}"},
                                    {"{\"last_event_id\": 9.5}"},
                                    {"{\"last_event_id\": 18446744073709551615}"},
                                    {"{\"last_event_id\": 9007199254740993}"},
                                    {"{\"last_event_id\": 99"},
                                    {"[]"},
                                    {"null"}};

void damage_index(scratch_directory const& scratch, index_fault const& fault) {
    fs::remove(scratch.root() + "/index.json");
    if (fault.content) scratch.write("root/index.json", fault.content);
}

BOOST_DATA_TEST_CASE(p02_the_index_has_no_influence_after_a_writer_of_this_library, data::make(index_faults), fault) {
    scratch_directory const scratch;
    BOOST_REQUIRE_EQUAL(run({"append", scratch.root()}, draft() + draft() + draft() + draft()).exit_code, 0);
    damage_index(scratch, fault);
    auto const done = run({"append", scratch.root()}, draft());
    BOOST_TEST(done.exit_code == 0);
    BOOST_TEST(done.out == "5\n");
    BOOST_TEST((ids_in(scratch.root()) == ids_from_to(1, 5)));
    BOOST_TEST(last_id_of_index(scratch) == 5);
}

BOOST_DATA_TEST_CASE(p02_the_index_has_no_influence_after_another_writer, data::make(index_faults), fault) {
    scratch_directory const scratch;
    write_foreign_trail(scratch);
    damage_index(scratch, fault);
    auto const done = run({"append", scratch.root()}, draft());
    BOOST_TEST(done.exit_code == 0);
    BOOST_TEST(done.out == "8\n");
    BOOST_TEST((ids_in(scratch.root()) == ids_from_to(1, 8)));
    BOOST_TEST(last_id_of_index(scratch) == 8);
}

BOOST_AUTO_TEST_CASE(p02_an_index_ahead_is_reported_and_its_ids_are_not_used_again) {
    scratch_directory const scratch;
    write_foreign_trail(scratch);
    scratch.write("root/index.json", "{\"last_event_id\": 20}");
    auto const done = run({"append", scratch.root()}, draft());
    BOOST_TEST(done.exit_code == 0);
    BOOST_TEST(done.out == "21\n");
    BOOST_TEST(read_file(scratch.root() + "/.recovery.jsonl").find("\"kind\":\"lost_ids\"") != std::string::npos);
    BOOST_TEST(done.err != "");
    BOOST_TEST(run({"verify", scratch.root()}).exit_code == 1);
}

BOOST_AUTO_TEST_CASE(p06_a_torn_tail_is_saved_and_cut_off) {
    scratch_directory const scratch;
    write_foreign_trail(scratch);
    scratch.write("root/d/c/audit-000002.jsonl", line_of(4) + line_of(7) + line_of(8).substr(0, 30));
    auto const done = run({"append", scratch.root()}, draft());
    BOOST_TEST(done.exit_code == 0);
    BOOST_TEST(done.out == "8\n");
    BOOST_TEST((ids_in(scratch.root()) == ids_from_to(1, 8)));
    BOOST_TEST(read_file(scratch.root() + "/.recovery.jsonl").find("torn_tail") != std::string::npos);
    BOOST_TEST(done.err != "");
}

BOOST_AUTO_TEST_CASE(p07_a_second_writer_is_refused) {
    scratch_directory const scratch;
    running_program first({"append", scratch.root()});
    BOOST_REQUIRE(first.write(draft()));
    BOOST_TEST(first.read_line().value_or("") == "1");
    auto const second = run({"append", scratch.root()}, draft());
    BOOST_TEST(second.exit_code == 1);
    BOOST_TEST(second.out == "");
    BOOST_TEST(second.err.find("another writer") != std::string::npos, second.err);
    first.close_input();
    BOOST_TEST(first.wait().exit_code == 0);
    BOOST_TEST(run({"append", scratch.root()}, draft()).out == "2\n");
}

BOOST_AUTO_TEST_CASE(no_create_refuses_a_missing_directory_and_one_without_a_trail) {
    scratch_directory const scratch;
    auto const missing = run({"append", "--no-create", scratch.root()}, draft());
    BOOST_TEST(missing.exit_code == 1);
    BOOST_TEST(missing.err == "audit-trail: " + scratch.root() + ": No such file or directory\n");
    BOOST_TEST(!fs::exists(scratch.root()));

    fs::create_directory(scratch.root());
    auto const empty = run({"append", "--no-create", scratch.root()}, draft());
    BOOST_TEST(empty.exit_code == 1);
    BOOST_TEST(empty.err.find("no audit trail: the directory has no index.json, .lock or segment") != std::string::npos,
               empty.err);
    BOOST_TEST(fs::is_empty(scratch.root()));
}

BOOST_AUTO_TEST_CASE(no_create_continues_a_trail) {
    scratch_directory const scratch;
    write_foreign_trail(scratch);
    auto const done = run({"append", "--no-create", scratch.root()}, draft());
    BOOST_TEST(done.exit_code == 0);
    BOOST_TEST(done.out == "8\n");
}

BOOST_AUTO_TEST_CASE(a_root_inside_another_trail_is_refused) {
    scratch_directory const scratch;
    write_foreign_trail(scratch);
    auto const done = run({"append", scratch.root() + "/d/misspelt"}, draft());
    BOOST_TEST(done.exit_code == 1);
    BOOST_TEST(done.err.find("is the root of another trail") != std::string::npos, done.err);
    BOOST_TEST(!fs::exists(scratch.root() + "/d/misspelt"));
}

BOOST_AUTO_TEST_CASE(allow_empty_names_accepts_them) {
    scratch_directory const scratch;
    std::string const nameless =
        R"({"domain":"d","category":"c","model_name":"","operation":"create","logical_user_id":""})";
    auto const done = run({"append", "--allow-empty-names", scratch.root()}, nameless + '\n');
    BOOST_TEST(done.exit_code == 0);
    BOOST_TEST(done.out == "1\n");
}

}  // namespace
}  // namespace test::continuation_test
