/// \file
/// Tests `diff` and `blame`: how a record changed between two events, and which event set each field.
#include <boost/test/unit_test.hpp>

#include "cli/catalog_trail.hpp"
#include "cli/program.hpp"
#include "cli/scratch_directory.hpp"

namespace test::record_test {
namespace {

using namespace test;

std::string line(int id, std::string const& user, std::string const& operation, std::string const& payload,
                 std::string const& category = "c", std::string const& model = "m") {
    return R"({"event_id":)" + std::to_string(id) + R"(,"timestamp":)" + std::to_string(id * 60) +
           R"(,"domain":"d","category":")" + category + R"(","model_name":")" + model + R"(","operation":")" +
           operation + R"(","logical_user_id":")" + user + R"(","payload":)" + payload + "}\n";
}

/// A record that three users changed, beside other records.
struct trail {
    scratch_directory const scratch;

    trail() {
        scratch.write(
            "root/d/c/audit-000001.jsonl",
            line(1, "ann", "create", R"({"after":{"name":"Ada","role":"author","age":1}})") +
                line(2, "eve", "create", R"({"after":{"name":"Eve"}})", "c", "other") +
                line(3, "bob", "update", R"({"delta":{"role":{"old":"author","new":"editor"}}})") +
                line(4, "bob", "update", R"({"delta":{"age":{"old":1,"new":1}}})") +
                line(6, "cy", "update", R"({"delta":{"name":{"old":"Ada","new":"A"},"x":{"old":null,"new":[1]}}})"));
    }
    outcome command(std::vector<std::string> words, std::string const& model = "m") const {
        words.insert(words.begin() + 1, {scratch.root(), "--model-name", model});
        return run(words);
    }
    std::string output(std::vector<std::string> const& words) const {
        auto const done = command(words);
        BOOST_TEST(done.exit_code == 0, done.err);
        BOOST_TEST(done.err == "");
        return done.out;
    }
};

BOOST_AUTO_TEST_CASE(diff_shows_the_fields_that_differ) {
    trail const made;
    BOOST_TEST(made.output({"diff", "--from", "1", "--to", "5"}) ==
               "m in d/c: event 1 -> event 4\n"
               "    role: \"author\" -> \"editor\"\n");
    BOOST_TEST(made.output({"diff", "--from", "3"}) ==
               "m in d/c: event 3 -> event 6\n"
               "    name: \"Ada\" -> \"A\"\n"
               "    x: (absent) -> [1]\n");
    BOOST_TEST(made.output({"diff", "--to", "1"}) ==
               "m in d/c: before its first event (no record) -> event 1\n"
               "    name: (absent) -> \"Ada\"\n"
               "    role: (absent) -> \"author\"\n"
               "    age: (absent) -> 1\n");
    BOOST_TEST(made.output({"diff", "--from", "3", "--to", "4"}) ==
               "m in d/c: event 3 -> event 4\n"
               "    no field changed\n");
}

BOOST_AUTO_TEST_CASE(diff_prints_json_for_programs) {
    BOOST_TEST(trail().output({"diff", "--from", "2", "--to", "3", "--format", "json"}) ==
               R"({"model_name":"m","domain":"d","category":"c",)"
               R"("from":{"last_event_id":1,"record":{"name":"Ada","role":"author","age":1}},)"
               R"("to":{"last_event_id":3,"record":{"name":"Ada","role":"editor","age":1}},)"
               R"("delta":{"role":{"old":"author","new":"editor"}}})"
               "\n");
    std::string const first = trail().output({"diff", "--to", "1", "--format", "json"});
    BOOST_TEST(first.find(R"("from":{"last_event_id":0,"record":null})") != std::string::npos, first);
}

BOOST_AUTO_TEST_CASE(blame_names_the_event_that_set_each_field) {
    trail const made;
    BOOST_TEST(made.output({"blame"}) ==
               "FIELD  VALUE     ID  TIME                  USER\n"
               "name   \"A\"        6  1970-01-01T00:06:00Z  cy\n"
               "role   \"editor\"   3  1970-01-01T00:03:00Z  bob\n"
               "age    1          1  1970-01-01T00:01:00Z  ann\n"
               "x      [1]        6  1970-01-01T00:06:00Z  cy\n");
    BOOST_TEST(made.output({"blame", "--max-id", "3", "--format", "json"}) ==
               R"({"model_name":"m","domain":"d","category":"c","last_event_id":3,"fields":[)"
               R"({"field":"name","value":"Ada","event_id":1,"timestamp":60,"logical_user_id":"ann"},)"
               R"({"field":"role","value":"editor","event_id":3,"timestamp":180,"logical_user_id":"bob"},)"
               R"({"field":"age","value":1,"event_id":1,"timestamp":60,"logical_user_id":"ann"}]})"
               "\n");
}

BOOST_AUTO_TEST_CASE(a_field_that_was_removed_has_no_blame_until_it_comes_back) {
    trail const made;
    made.scratch.write("root/d/c/audit-000002.jsonl", line(7, "dan", "delete", "{}"));
    BOOST_TEST(made.output({"blame"}) ==
               "There is no record: event 7 of user dan deleted it at 1970-01-01T00:07:00Z.\n");
    BOOST_TEST(made.output({"blame", "--format", "json"})
                   .ends_with(R"("last_event_id":7,"fields":null})"
                              "\n"));
    BOOST_TEST(made.output({"diff", "--from", "6"}).starts_with("m in d/c: event 6 -> event 7 (no record)\n"));
    made.scratch.write("root/d/c/audit-000003.jsonl", line(8, "ann", "create", R"({"after":{"age":1}})"));
    BOOST_TEST(made.output({"blame"}).ends_with("\nage    1       8  1970-01-01T00:08:00Z  ann\n"));
}

BOOST_AUTO_TEST_CASE(a_model_of_several_categories_needs_a_category) {
    trail const made;
    made.scratch.write("root/d/e/audit-000001.jsonl", line(9, "ann", "create", R"({"after":{}})", "e"));
    for (std::string const command : {"diff", "blame"}) {
        auto const done = made.command({command});
        BOOST_TEST(done.exit_code == 1);
        BOOST_TEST(done.out == "");
        BOOST_TEST(done.err == "audit-trail: " + made.scratch.root() +
                                   ": several categories have the model 'm'; choose one with --domain and --category: "
                                   "d/c d/e\n");
        BOOST_TEST(made.command({command, "--domain", "d", "--category", "c"}).exit_code == 0);
        auto const unknown = made.command({command}, "nobody");
        BOOST_TEST(unknown.exit_code == 1);
        BOOST_TEST(unknown.err == "audit-trail: " + made.scratch.root() + ": no event of model 'nobody'\n");
    }
}

BOOST_AUTO_TEST_CASE(skipped_events_and_damage_are_reported) {
    trail const made;
    made.scratch.write("root/d/c/audit-000002.jsonl",
                       line(7, "ann", "update", R"({"delta":{"a":{"old":1,"new":2}}})", "c", "n") + "damage\n");
    auto const done = made.command({"blame"}, "n");
    BOOST_TEST(done.exit_code == 1);
    BOOST_TEST(done.err.find("event 7 is skipped: ") != std::string::npos, done.err);
    BOOST_TEST(done.err.find("the text is not JSON") != std::string::npos, done.err);
    BOOST_TEST(made.command({"diff"}).exit_code == 1);
}

BOOST_AUTO_TEST_CASE(the_examples_of_the_readme) {
    BOOST_TEST(run({"diff", catalog_root(), "--model-name", "Panim", "--from", "51"}).out ==
               "Panim in v2/iso_639_3: event 51 -> event 615\n"
               "    revision: 1 -> 3\n");
    auto const blamed = lines_of(run({"blame", catalog_root(), "--model-name", "Panim", "--max-id", "51"}).out);
    BOOST_TEST_REQUIRE(blamed.size() == 9u);
    BOOST_TEST(blamed[1] == "alpha_3   \"pnr\"                                40  2023-11-14T22:14:26Z  u-126");
}

BOOST_AUTO_TEST_CASE(the_end_of_a_diff_is_the_state_of_replay) {
    std::vector<std::string> const of = {catalog_root(), "--model-name", "Panim",    "--domain",
                                         "v2",           "--category",   "iso_639_3"};
    auto const with = [&](std::string const& command, std::vector<std::string> words) {
        words.insert(words.begin(), of.begin(), of.end());
        words.insert(words.begin(), command);
        return run(words).out;
    };
    std::string const state = with("replay", {});
    std::string const record = state.substr(std::string(R"({"state":{"Panim":)").size());
    std::string const diff = with("diff", {"--format", "json"});
    BOOST_TEST(diff.find(R"("record":)" + record.substr(0, record.find(R"(},"last_event_id")"))) != std::string::npos,
               diff);
}

}  // namespace
}  // namespace test::record_test
