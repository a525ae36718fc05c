/// \file
/// Tests `stats` against a plain reading of the same files.
#include <sys/stat.h>

#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

#include "cli/catalog_trail.hpp"
#include "cli/program.hpp"
#include "cli/scratch_directory.hpp"
#include "cli/terminal_program.hpp"
#include "cli/trail_files.hpp"

namespace test::stats_test {
namespace {

using namespace test;
namespace json = boost::json;

std::string line(int id, std::string_view operation, std::string_view payload = "{}") {
    return R"({"event_id":)" + std::to_string(id) + R"(,"timestamp":)" + std::to_string(id * 60) +
           R"(,"domain":"d","category":"c","model_name":"m","operation":")" + std::string(operation) +
           R"(","logical_user_id":"u","payload":)" + std::string(payload) + "}\n";
}

json::value stats_of(std::string const& root) {
    auto const done = run({"stats", root, "--format", "json"});
    BOOST_TEST(done.exit_code == 0, done.err);
    BOOST_TEST(done.err == "");
    BOOST_TEST(lines_of(done.out).size() == 1u);
    return json::parse(done.out);
}

BOOST_AUTO_TEST_CASE(statistics_are_those_of_a_plain_reading) {
    auto const plain = run_shell("python3 " PLAIN_STATS " " + catalog_root());
    if (plain.exit_code == 127) {
        BOOST_TEST_MESSAGE("skipped: no python3");
        return;
    }
    BOOST_REQUIRE_EQUAL(plain.exit_code, 0);
    BOOST_TEST(stats_of(catalog_root()) == json::parse(plain.out));
}

BOOST_AUTO_TEST_CASE(tables_are_for_people) {
    scratch_directory const scratch;
    scratch.write("root/d/c/audit-000001.jsonl", line(7, "create") + line(9, "update"));
    scratch.write("root/d/c/audit-000002.jsonl", line(10, "update"));
    scratch.write("root/d/empty/audit-000001.jsonl", "");
    scratch.write("root/index.json", "{\"last_event_id\": 10}");
    auto const done = run({"stats", scratch.root()});
    BOOST_TEST(done.exit_code == 0);
    BOOST_TEST(done.err == "");
    BOOST_TEST(done.out ==
               "CATEGORY  SEGMENTS   SIZE  EVENTS  CREATE  UPDATE  DELETE\n"
               "d/c              2  397 B       3       1       2       0\n"
               "d/empty          1    0 B       0       0       0       0\n"
               "total            3  397 B       3       1       2       0\n"
               "\n"
               "CATEGORY  FIRST ID  LAST ID  FIRST TIME            LAST TIME\n"
               "d/c              7       10  1970-01-01T00:07:00Z  1970-01-01T00:10:00Z\n"
               "d/empty          -        -  -                     -\n"
               "total            7       10  1970-01-01T00:07:00Z  1970-01-01T00:10:00Z\n"
               "\n"
               "index.json: last_event_id 10\n"
               "writer: none\n");
}

BOOST_AUTO_TEST_CASE(events_are_counted_by_user_operation_or_day) {
    scratch_directory const scratch;
    std::string second = line(9, "update");
    second.replace(second.find("\"u\""), 3, "\"a b\"");
    scratch.write("root/d/c/audit-000001.jsonl", line(7, "create") + second + line(1440, "update"));
    auto const stats = [&](std::vector<std::string> words) {
        words.insert(words.begin(), {"stats", scratch.root(), "--by"});
        auto const done = run(words);
        BOOST_TEST(done.exit_code == 0, done.err);
        return done.out;
    };
    BOOST_TEST(
        stats({"user"}) ==
        "USER   EVENTS  CREATE  UPDATE  DELETE  FIRST ID  LAST ID  FIRST TIME            LAST TIME\n"
        "\"a b\"       1       0       1       0         9        9  1970-01-01T00:09:00Z  1970-01-01T00:09:00Z\n"
        "u           2       1       1       0         7     1440  1970-01-01T00:07:00Z  1970-01-02T00:00:00Z\n"
        "total       3       1       2       0         7     1440  1970-01-01T00:07:00Z  1970-01-02T00:00:00Z\n");
    BOOST_TEST(stats({"operation"}).find("\nupdate          2       0       2       0 ") != std::string::npos);
    BOOST_TEST(lines_of(stats({"day"})).size() == 4u);
    BOOST_TEST(stats({"day", "--format", "json"}) ==
               R"({"groups":[{"day":"1970-01-01","events":2,"by_operation":{"create":1,"update":1,"delete":0},)"
               R"("first_id":7,"last_id":9,"first_time":420,"last_time":540},)"
               R"({"day":"1970-01-02","events":1,"by_operation":{"create":0,"update":1,"delete":0},)"
               R"("first_id":1440,"last_id":1440,"first_time":86400,"last_time":86400}],)"
               R"("total":{"events":3,"by_operation":{"create":1,"update":2,"delete":0},)"
               R"("first_id":7,"last_id":1440,"first_time":420,"last_time":86400}})"
               "\n");
    auto const local = run_shell("TZ=XXX-1 \"$PROGRAM\" stats --local --by day " + scratch.root());
    BOOST_TEST(local.out.find("1970-01-02T01:00:00+01:00") != std::string::npos, local.out);
    BOOST_TEST(run({"stats", catalog_root(), "--by", "user", "--format", "json"}).err == "");
}

BOOST_AUTO_TEST_CASE(an_empty_trail_has_no_first_and_no_last) {
    scratch_directory const scratch;
    BOOST_REQUIRE_EQUAL(run({"append", scratch.root()}).exit_code, 0);
    json::value const stats = stats_of(scratch.root());
    BOOST_TEST(stats.at("categories").as_array().empty());
    BOOST_TEST(stats.at("total").at("events") == 0);
    BOOST_TEST(stats.at("total").at("first_id").is_null());
    BOOST_TEST(stats.at("total").at("last_time").is_null());
}

BOOST_AUTO_TEST_CASE(an_invalid_index_is_null) {
    scratch_directory const scratch;
    scratch.write("root/d/c/audit-000001.jsonl", line(1, "create"));
    BOOST_TEST(stats_of(scratch.root()).at("index_last_event_id").is_null());
    scratch.write("root/index.json", "{\"last_event_id\": 1.5}");
    BOOST_TEST(stats_of(scratch.root()).at("index_last_event_id").is_null());
    BOOST_TEST(run({"stats", scratch.root()}).out.find("index.json: absent, or not well-formed\n") !=
               std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_writer_is_seen_while_it_has_the_trail) {
    scratch_directory const scratch;
    running_program writer({"append", scratch.root()});
    BOOST_REQUIRE(writer.write(draft()));
    BOOST_REQUIRE(writer.read_line().has_value());
    json::value const during = stats_of(scratch.root());
    BOOST_TEST(during.at("has_writer").as_bool());
    BOOST_TEST(during.at("index_last_event_id") == 1);
    BOOST_TEST(during.at("total").at("events") == 1);
    BOOST_TEST(run({"stats", scratch.root()}).out.ends_with("writer: a process has the trail open\n"));
    writer.close_input();
    BOOST_TEST(writer.wait().exit_code == 0);
    BOOST_TEST(!stats_of(scratch.root()).at("has_writer").as_bool());
}

BOOST_AUTO_TEST_CASE(payloads_are_not_checked) {
    scratch_directory const scratch;
    scratch.write("root/d/c/audit-000001.jsonl", line(1, "create", "{\"after\":{\"x\":nonsense}}"));
    BOOST_TEST(stats_of(scratch.root()).at("total").at("events") == 1);
    BOOST_TEST(run({"query", scratch.root()}).exit_code == 1);
}

BOOST_AUTO_TEST_CASE(other_damage_is_reported) {
    scratch_directory const scratch;
    std::string const file = scratch.write("root/d/c/audit-000001.jsonl", line(1, "create") + "{nothing\n");
    auto const done = run({"stats", scratch.root(), "--format", "json"});
    BOOST_TEST(done.exit_code == 1);
    BOOST_TEST(json::parse(done.out).at("total").at("events") == 1);
    BOOST_TEST(done.err.starts_with("audit-trail: " + file + ": offset " + std::to_string(line(1, "create").size())),
               done.err);
}

BOOST_AUTO_TEST_CASE(an_index_that_is_no_file_is_not_read) {
    for (bool const is_fifo : {true, false}) {
        scratch_directory const scratch;
        scratch.write("root/d/c/audit-000001.jsonl", line(1, "create"));
        std::string const index = scratch.root() + "/index.json";
        std::string const outside = scratch.write("outside.json", "{\"last_event_id\": 77}");
        if (is_fifo) BOOST_REQUIRE_EQUAL(::mkfifo(index.c_str(), 0600), 0);
        if (!is_fifo) std::filesystem::create_symlink(outside, index);
        json::value const stats = stats_of(scratch.root());
        BOOST_TEST(stats.at("index_last_event_id").is_null());
        BOOST_TEST(stats.at("total").at("events") == 1);
    }
}

BOOST_AUTO_TEST_CASE(links_are_not_followed) {
    scratch_directory const scratch;
    scratch.write("root/d/c/audit-000001.jsonl", line(1, "create"));
    scratch.write("elsewhere/c/audit-000001.jsonl", line(2, "create"));
    std::filesystem::create_directory_symlink(scratch.path() / "elsewhere", scratch.root() + "/linked");
    auto const done = run({"stats", scratch.root(), "--format", "json"});
    BOOST_TEST(done.exit_code == 1);
    json::value const stats = json::parse(done.out);
    BOOST_TEST(stats.at("categories").as_array().size() == 1u);
    BOOST_TEST(stats.at("total").at("segments") == 1);
}

BOOST_AUTO_TEST_CASE(a_directory_that_is_no_trail_has_no_statistics) {
    scratch_directory const scratch;
    auto const done = run({"stats", scratch.root()});
    BOOST_TEST(done.exit_code == 1);
    BOOST_TEST(done.out == "");
    BOOST_TEST(done.err == "audit-trail: " + scratch.root() + ": No such file or directory\n");
}

BOOST_AUTO_TEST_CASE(a_terminal_gets_colour_unless_it_is_not_wanted) {
    terminal_program coloured({"stats", catalog_root()});
    BOOST_TEST(coloured.read_all().find("\x1b[1mCATEGORY\x1b[0m") != std::string::npos);
    terminal_program plain({"stats", catalog_root()}, {80, {"NO_COLOR=1"}});
    BOOST_TEST(plain.read_all() == run({"stats", catalog_root()}).out);
}

}  // namespace
}  // namespace test::stats_test
