/// \file
/// Tests how each format prints an event.
#include <boost/test/unit_test.hpp>
#include <set>

#include "cli/program.hpp"
#include "cli/scratch_directory.hpp"
#include "cli/trail_files.hpp"

namespace test::query_formats_test {
namespace {

using namespace test;

/// One segment with these lines, written by hand.
class small_trail {
 public:
    explicit small_trail(std::string_view lines) { scratch_.write("root/d/c/audit-000001.jsonl", lines); }
    std::string root() const { return scratch_.root(); }

    std::string query(std::vector<std::string> const& more) const {
        std::vector<std::string> arguments{"query", root()};
        arguments.insert(arguments.end(), more.begin(), more.end());
        auto const done = run(arguments);
        BOOST_TEST(done.exit_code == 0, done.err);
        BOOST_TEST(done.err == "");
        return done.out;
    }

 private:
    scratch_directory scratch_;
};

std::string line(int id, std::string_view operation, std::string_view payload) {
    std::string text = R"({"event_id":)" + std::to_string(id) +
                       R"(,"timestamp":1795514400,"domain":"d","category":"c","model_name":"m","operation":")";
    text.append(operation).append(R"(","logical_user_id":"u-1")");
    if (!payload.empty()) text.append(R"(,"payload":)").append(payload);
    return text + "}\n";
}

std::string pretty(std::string_view operation, std::string_view payload) {
    std::string const text = small_trail(line(1, operation, payload)).query({"--format", "pretty"});
    std::string const head = "2026-11-24T10:00:00Z  u-1  " + std::string(operation) + "  m\n    event 1 in d/c\n";
    BOOST_TEST(text.starts_with(head), text);
    return text.substr(std::min(head.size(), text.size()));
}

BOOST_AUTO_TEST_CASE(jsonl_is_what_is_stored) {
    scratch_directory const scratch;
    BOOST_REQUIRE_EQUAL(run({"append", scratch.root(), catalog_file(), "--max-segment-bytes", "65536"}).exit_code, 0);
    std::string stored;
    for (auto const& [path, content] : segments_in(scratch.root())) stored += content;
    auto const by_segment = run({"query", scratch.root(), "--order", "segment", "--format", "jsonl"});
    BOOST_TEST((by_segment.out == stored));
    // The output is no terminal, so jsonl is the default.
    auto const by_id = run({"query", scratch.root()});
    auto const lines = lines_of(by_id.out);
    auto const stored_lines = lines_of(stored);
    BOOST_TEST(lines.size() == 6000u);
    BOOST_TEST((std::multiset<std::string>(lines.begin(), lines.end()) ==
                std::multiset<std::string>(stored_lines.begin(), stored_lines.end())));
}

BOOST_AUTO_TEST_CASE(jsonl_keeps_the_bytes_of_other_writers) {
    std::string const foreign =
        "{ \"payload\": {\"x\": 1e400, \"\xc3\xa4\": \"\x7f\xc2\x9b\"}, \"logical_user_id\": \"\xc3\xbc\",  "
        "\"operation\":"
        "\"create\",\"model_name\":\"m\",\"category\":\"c\",\"domain\":\"d\",\"timestamp\":5,\"event_id\":7\t}\n";
    BOOST_TEST(small_trail(foreign).query({"--format", "jsonl"}) == foreign);
}

BOOST_AUTO_TEST_CASE(pretty_shows_when_who_and_what) {
    std::string const text =
        R"({"event_id":6,"timestamp":1700000014,"domain":"d","category":"c","model_name":"Pakruojis","operation":"update",)"
        R"("logical_user_id":"u-102","request_id":"7c8e3fb67da627a1","payload":{"delta":{"revision":{"old":1,"new":2},)"
        R"("note":{"old":null,"new":"\u201cPakruojis\u201d\t\\ / \u007f \ud83d\uddfa"}}}})"
        "\n";
    BOOST_TEST(small_trail(text).query({"--model-name", "Pakruojis", "--format", "pretty"}) ==
               "2023-11-14T22:13:34Z  u-102  update  Pakruojis\n"
               "    event 6 in d/c, request 7c8e3fb67da627a1\n"
               "    revision: 1 -> 2\n"
               "    note: null -> \"“Pakruojis”\\t\\\\ / \\u007f 🗺\"\n");
}

BOOST_AUTO_TEST_CASE(pretty_separates_events) {
    std::string const text = small_trail(line(1, "create", "") + line(2, "delete", "{}")).query({"--format", "pretty"});
    BOOST_TEST(text ==
               "2026-11-24T10:00:00Z  u-1  create  m\n    event 1 in d/c\n\n"
               "2026-11-24T10:00:00Z  u-1  delete  m\n    event 2 in d/c\n");
}

BOOST_AUTO_TEST_CASE(pretty_shows_the_fields_of_a_create_and_a_delete) {
    std::string const record = R"({"name":"Ada","tags":["a",{"b":1}],"first name":"x"})";
    std::string const fields = "    name: \"Ada\"\n    tags: [\"a\",{\"b\":1}]\n    \"first name\": \"x\"\n";
    BOOST_TEST(pretty("create", R"({"after":)" + record + "}") == fields);
    BOOST_TEST(pretty("delete", R"({"before":)" + record + "}") == fields);
}

BOOST_AUTO_TEST_CASE(pretty_shows_what_an_update_changed) {
    BOOST_TEST(pretty("update", R"({"delta":{"a":{"old":1,"new":1.5},"b":{"old":"x","new":null}}})") ==
               "    a: 1 -> 1.5\n    b: \"x\" -> null\n");
    // A delta is shown even if the payload has before and after too.
    BOOST_TEST(pretty("update", R"({"before":{"a":1,"z":0},"after":{"a":2,"z":0},"delta":{"a":{"old":1,"new":2}}})") ==
               "    a: 1 -> 2\n");
    BOOST_TEST(pretty("update", R"({"before":{"a":1,"b":2,"c":[3]},"after":{"a":1,"b":4,"d":true}})") ==
               "    b: 2 -> 4\n    c: [3] -> (absent)\n    d: (absent) -> true\n");
    BOOST_TEST(pretty("update", R"({"before":{"a":1},"after":{"a":1}})") == "    no field changed\n");
    BOOST_TEST(pretty("update", R"({"delta":{}})") == "    no field changed\n");
    BOOST_TEST(pretty("update", R"({"after":{"a":1}})") == "    a: -> 1\n");
    BOOST_TEST(pretty("update", R"({"before":{"a":1}})") == "    a: 1 -> ?\n");
    BOOST_TEST(pretty("update", "{}") == "");
}

BOOST_AUTO_TEST_CASE(pretty_shows_a_payload_that_no_type_holds_as_it_is_stored) {
    for (std::string const payload :
         {R"({"after":{"n":123456789012345678901234567890}})", R"({"delta":{"a":{"was":1,"is":2}}})",
          R"({"after":{"a":1,"a":2}})", R"({"during": {"\u201c": 1e400}})"}) {
        BOOST_TEST(pretty("update", payload) == "    payload as stored: " + payload + "\n");
    }
}

BOOST_AUTO_TEST_CASE(pretty_shows_records_that_are_as_deep_as_a_line_may_be) {
    std::string const deep = std::string(125, '[') + std::string(125, ']');
    BOOST_TEST(pretty("create", R"({"after":{"x":)" + deep + "}}") == "    x: " + deep + "\n");
    std::string const both = R"({"before":{"x":1},"after":{"x":)" + deep + "}}";
    BOOST_TEST(pretty("update", both) == "    payload as stored: " + both + "\n");
}

BOOST_AUTO_TEST_CASE(pretty_quotes_ambiguous_names) {
    std::string const text =
        R"({"event_id":1,"timestamp":0,"domain":"d","category":"c","model_name":"a b","operation":"create",)"
        R"("logical_user_id":"root  delete","request_id":"x, y"})"
        "\n";
    BOOST_TEST(small_trail(text).query({"--format", "pretty"}) ==
               "1970-01-01T00:00:00Z  \"root  delete\"  create  \"a b\"\n    event 1 in d/c, request \"x, y\"\n");
}

BOOST_AUTO_TEST_CASE(a_field_is_shown_with_its_old_and_new_value) {
    std::string const lines =
        line(1, "create", R"({"after":{"name":"Ada","address":{"city":"A"}}})") +
        line(2, "update", R"({"delta":{"name":{"old":"Ada","new":"Bo"}}})") +
        line(3, "update", R"({"delta":{"address":{"old":{"city":"A"},"new":{"city":"B","zip":1}}}})") +
        line(4, "update", R"({"delta":{"name":{"old":"Bo","new":"Cy"},"address":{"old":{"zip":1},"new":null}}})");
    small_trail const trail(lines);
    BOOST_TEST(
        trail.query({"--field", "name", "--format", "jsonl", "--operation", "update"}) ==
        line(2, "update", R"({"delta":{"name":{"old":"Ada","new":"Bo"}}})") +
            line(4, "update", R"({"delta":{"name":{"old":"Bo","new":"Cy"},"address":{"old":{"zip":1},"new":null}}})"));
    BOOST_TEST(trail.query({"--field", "address.city", "--format", "table"}) ==
               "ID  TIME                  USER  OPERATION  MODEL  CATEGORY  CHANGES\n"
               " 1  2026-11-24T10:00:00Z  u-1   create     m      d/c       address.city: \"A\"\n"
               " 3  2026-11-24T10:00:00Z  u-1   update     m      d/c       address.city: \"A\" -> \"B\"\n");
    std::string const text =
        trail.query({"--field", "address.zip", "--field", "name", "--min-id", "3", "--format", "pretty"});
    BOOST_TEST(text.find("event 3 in d/c\n    address.zip: (absent) -> 1\n\n") != std::string::npos, text);
    BOOST_TEST(text.ends_with("event 4 in d/c\n    address.zip: 1 -> (absent)\n    name: \"Bo\" -> \"Cy\"\n"), text);
    BOOST_TEST(trail.query({"--field", "city", "--count"}) == "0\n");
}

BOOST_AUTO_TEST_CASE(json_is_one_array_of_what_is_stored) {
    small_trail const trail(line(1, "create", "") + line(2, "update", R"({"delta":{"a":{"old":1e400,"new":2}}})"));
    BOOST_TEST(trail.query({"--format", "json"}) ==
               "[\n" + line(1, "create", "").substr(0, line(1, "create", "").size() - 1) + ",\n" +
                   line(2, "update", R"({"delta":{"a":{"old":1e400,"new":2}}})") + "]\n");
    BOOST_TEST(trail.query({"--format", "json", "--user", "nobody"}) == "[]\n");
    auto const followed = run({"follow", trail.root(), "--format", "json", "-n", "9", "--max-id", "2"});
    BOOST_TEST(followed.out == trail.query({"--format", "json"}));
}

BOOST_AUTO_TEST_CASE(csv_follows_rfc_4180) {
    std::string const lines =
        R"({"event_id":1,"timestamp":5,"domain":"d","category":"c","model_name":"a,\"b\"\r\nc","operation":"update",)"
        R"("logical_user_id":"\u00fc","request_id":"r","payload":{"delta":{"x":{"old":1,"new":"\u00fc"}}}})"
        "\n" +
        line(2, "create", "");
    BOOST_TEST(small_trail(lines).query({"--format", "csv"}) ==
               "event_id,timestamp,domain,category,model_name,operation,logical_user_id,request_id,payload,context\r\n"
               "1,5,d,c,\"a,\"\"b\"\"\r\nc\",update,\xc3\xbc,r,"
               "\"{\"\"delta\"\":{\"\"x\"\":{\"\"old\"\":1,\"\"new\"\":\"\"\\u00fc\"\"}}}\",\r\n"
               "2,1795514400,d,c,m,create,u-1,,,\r\n");
}

BOOST_AUTO_TEST_CASE(all_formats_show_the_context) {
    std::string const lines =
        R"({"event_id":1,"timestamp":1795514400,"domain":"d","category":"c","model_name":"m","operation":"update",)"
        R"("logical_user_id":"u-1","context":{"ip":"10.0.0.7"},"payload":{"delta":{"x":{"old":1,"new":2}}}})"
        "\n"
        R"({"event_id":2,"timestamp":1795514400,"domain":"d","category":"c","model_name":"m","operation":"create",)"
        R"("logical_user_id":"u-1","context":{"action":"\u001b[1m"}})"
        "\n";
    small_trail const trail(lines);
    BOOST_TEST(trail.query({}) == lines);
    BOOST_TEST(trail.query({"--format", "pretty"}) ==
               "2026-11-24T10:00:00Z  u-1  update  m\n    event 1 in d/c\n    x: 1 -> 2\n"
               "    context: {\"ip\":\"10.0.0.7\"}\n\n"
               "2026-11-24T10:00:00Z  u-1  create  m\n    event 2 in d/c\n"
               "    context: {\"action\":\"\\u001b[1m\"}\n");
    BOOST_TEST(trail.query({"--format", "table"}) ==
               "ID  TIME                  USER  OPERATION  MODEL  CATEGORY  CHANGES\n"
               " 1  2026-11-24T10:00:00Z  u-1   update     m      d/c       x: 1 -> 2, context {\"ip\":\"10.0.0.7\"}\n"
               " 2  2026-11-24T10:00:00Z  u-1   create     m      d/c       context {\"action\":\"\\u001b[1m\"}\n");
    BOOST_TEST(lines_of(trail.query({"--format", "csv"}))[2] ==
               "2,1795514400,d,c,m,create,u-1,,,\"{\"\"action\"\":\"\"\\u001b[1m\"\"}\"\r");
}

BOOST_AUTO_TEST_CASE(csv_has_titles_without_events) {
    BOOST_TEST(
        small_trail(line(1, "create", "")).query({"--format", "csv", "--user", "nobody"}) ==
        "event_id,timestamp,domain,category,model_name,operation,logical_user_id,request_id,payload,context\r\n");
}

BOOST_AUTO_TEST_CASE(csv_holds_the_payload_of_any_form) {
    std::string const foreign =
        R"({"payload" : {"x": 1e400} , "event_id":1,"timestamp":5,"domain":"d","category":"c","model_name":"m",)"
        R"("operation":"create","logical_user_id":"u"})"
        "\n";
    BOOST_TEST(lines_of(small_trail(foreign).query({"--format", "csv"})).back() ==
               "1,5,d,c,m,create,u,,\"{\"\"x\"\": 1e400}\",\r");
}

BOOST_AUTO_TEST_CASE(a_null_field_that_was_added_or_removed_is_not_shown_as_null_to_null) {
    BOOST_TEST(pretty("update", R"({"delta":{"c":{"old":null,"new":null}}})") == "    c: null (added or removed)\n");
    BOOST_TEST(pretty("update", R"({"before":{},"after":{"c":null}})") == "    c: (absent) -> null\n");
    BOOST_TEST(pretty("update", R"({"before":{"c":null},"after":{}})") == "    c: null -> (absent)\n");
    std::string const table =
        small_trail(line(1, "update", R"({"delta":{"c":{"old":null,"new":null}}})")).query({"--format", "table"});
    BOOST_TEST(table.ends_with("  c: null (added or removed)\n"), table);
}

BOOST_AUTO_TEST_CASE(different_users_never_look_the_same) {
    char const* const names[] = {"admin",           R"(ad\u200bmin)",          R"(ad\udb40\udc41min)", R"(admin\u00a0)",
                                 "admin ",          R"(ad\u00admin)",          R"(\u200eadmin)",       R"(admin\ufe0f)",
                                 R"(ad\\u200bmin)", R"(ad\\xe2\\x80\\x8bmin)", R"(\"admin\")"};
    std::string lines;
    int id = 0;
    for (auto const* name : names) {
        std::string text = line(++id, "create", "");
        lines += text.replace(text.find("u-1"), 3, name);
    }
    small_trail const trail(lines);
    for (auto const* format : {"pretty", "table"}) {
        std::set<std::string> shown;
        for (auto const& row : lines_of(trail.query({"--format", format}))) {
            auto const time = row.find("2026-11-24T10:00:00Z");
            if (time == row.npos) continue;
            auto const name = row.substr(time + 20, row.find("create") - time - 20);
            shown.insert(name.substr(0, name.find_last_not_of(' ') + 1));
            for (unsigned char const byte : row) BOOST_TEST((byte >= 0x20 && byte < 0x7f));
        }
        BOOST_TEST(shown.size() == std::size(names), format);
    }
    BOOST_TEST(trail.query({"--format", "jsonl"}) == lines);
}

BOOST_AUTO_TEST_CASE(a_table_has_a_row_for_each_event) {
    std::string const lines = line(9, "create", R"({"after":{"a":1,"b":"x"}})") +
                              line(10, "update", R"({"delta":{"a":{"old":1,"new":2}}})") + line(11, "delete", "");
    BOOST_TEST(small_trail(lines).query({"--format", "table"}) ==
               "ID  TIME                  USER  OPERATION  MODEL  CATEGORY  CHANGES\n"
               " 9  2026-11-24T10:00:00Z  u-1   create     m      d/c       a: 1, b: \"x\"\n"
               "10  2026-11-24T10:00:00Z  u-1   update     m      d/c       a: 1 -> 2\n"
               "11  2026-11-24T10:00:00Z  u-1   delete     m      d/c\n");
}

BOOST_AUTO_TEST_CASE(the_catalog_prints_in_every_format) {
    scratch_directory const scratch;
    BOOST_REQUIRE_EQUAL(run({"append", scratch.root(), catalog_file()}).exit_code, 0);
    auto const table = run({"query", scratch.root(), "--format", "table"});
    BOOST_TEST(lines_of(table.out).size() == 6001u);
    auto const csv = run({"query", scratch.root(), "--format", "csv"});
    BOOST_TEST(lines_of(csv.out).size() == 6001u);
    auto const text = run({"query", scratch.root(), "--format", "pretty"});
    BOOST_TEST(text.out.find("as stored") == std::string::npos);
}

}  // namespace
}  // namespace test::query_formats_test
