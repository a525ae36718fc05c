/// \file
/// Tests P12 and the JSON rules for `append`: a bad line is named and not written, and the other lines are appended.
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>

#include "cli/program.hpp"
#include "cli/scratch_directory.hpp"
#include "cli/trail_files.hpp"

namespace test::bad_lines_test {
namespace {

using namespace test;
namespace data = boost::unit_test::data;

struct bad_line {
    std::string why;
    std::string text;
    std::string message;  // a part of the expected message
};

std::ostream& operator<<(std::ostream& out, bad_line const& line) {
    return out << line.why;
}

std::string with(std::string_view member, std::string_view value) {
    std::string line = R"({"domain":"d","category":"c","model_name":"m","operation":"create","logical_user_id":"u"})";
    std::string const key = '"' + std::string(member) + "\":";
    std::size_t const at = line.find(key);
    if (at == std::string::npos) return line.insert(line.size() - 1, "," + key + std::string(value));
    std::size_t const begin = at + key.size();
    return line.replace(begin, line.find_first_of(",}", begin) - begin, value);
}

std::string after(std::string const& value) {
    return with("payload", R"({"after":{"x":)" + value + "}}");
}

std::string without(std::string_view member) {
    std::string line = with(member, "0");
    std::size_t const at = line.find('"' + std::string(member));
    std::size_t const end = line.find_first_of(",}", at);
    return line[end] == ',' ? line.erase(at, end + 1 - at) : line.erase(at - 1, end + 1 - at);
}

std::string nested(std::size_t levels) {
    return std::string(levels, '[') + std::string(levels, ']');
}

std::vector<bad_line> bad_lines() {
    using namespace std::string_literals;
    return {
        {"not JSON", "domain: d", "not JSON"},
        {"an array", "[1]", "JSON object was expected"},
        {"a number", "17", "JSON object was expected"},
        {"cut short", with("model_name", "\"m\"").substr(0, 40), "not JSON"},
        {"two objects", with("model_name", "\"m\"") + "{}", "not JSON"},
        {"trailing comma", R"({"domain":"d",})", "not JSON"},
        {"a comment", with("model_name", "/**/\"m\""), "not JSON"},
        {"single quotes", with("model_name", "'m'"), "not JSON"},
        {"NaN", after("NaN"), "not JSON"},
        {"Infinity", after("-Infinity"), "not JSON"},
        {"a leading zero", after("01"), "not JSON"},
        {"a raw control character", with("model_name", "\"\x1b[2J\""), "not JSON"},
        {"a NUL", with("model_name", "\"a\0b\""s), "not JSON"},
        {"no domain", without("domain"), "(\"domain\","},
        {"no category", without("category"), "(\"category\","},
        {"no model name", without("model_name"), "(\"model_name\","},
        {"no operation", without("operation"), "(\"operation\","},
        {"no user", without("logical_user_id"), "(\"logical_user_id\","},
        {"an unknown member", with("colour", "\"red\""), "events have no member of this name (\"colour\","},
        {"an event id", with("event_id", "1"), "events have no member of this name (\"event_id\","},
        {"an unknown part of the payload", with("payload", R"({"during":{}})"), "(\"payload.during\","},
        {"a domain that is a number", with("domain", "7"), "wrong type: expected a string (\"domain\","},
        {"a null request id", with("request_id", "null"), "wrong type: expected a string (\"request_id\","},
        {"a timestamp that is text", with("timestamp", "\"now\""), "wrong type: expected an integer (\"timestamp\","},
        {"a timestamp with a fraction", with("timestamp", "1.5"), "wrong type: expected an integer (\"timestamp\","},
        {"a payload that is an array", with("payload", "[]"), "(\"payload\","},
        {"a record that is text", with("payload", R"({"after":"x"})"), "(\"payload.after\","},
        {"an operation of no kind", with("operation", "\"remove\""), "none of create, update and delete"},
        {"a change without new", with("payload", R"({"delta":{"f":{"old":1}}})"), "old and new"},
        {"a change that is a number", with("payload", R"({"delta":{"f":1}})"), "old and new"},
        {"2^64", after("18446744073709551616"), "64 bits"},
        {"less than -2^63", after("-9223372036854775809"), "64 bits"},
        {"1e400", after("1e400"), "NaN or infinite"},
        {"a key twice", with("payload", R"({"after":{"x":1,"x":2}})"), "twice"},
        {"a member twice", with("model_name", "\"m\",\"model_name\":\"n\""), "twice"},
        {"model name not UTF-8", with("model_name", "\"\xff\""), "model_name is not valid UTF-8"},
        {"user not UTF-8", with("logical_user_id", "\"\xc0\xaf\""), "logical_user_id is not valid UTF-8"},
        {"request id not UTF-8", with("request_id", "\"\xed\xa0\x80\""), "request_id is not valid UTF-8"},
        {"payload not UTF-8", after("\"\xf4\x90\x80\x80\""), "payload is not valid UTF-8"},
        {"an empty model name", with("model_name", "\"\""), "model_name is empty"},
        {"an empty user", with("logical_user_id", "\"\""), "logical_user_id is empty"},
        {"half a surrogate pair", with("model_name", R"("\ud800")"), "model_name is not valid UTF-8"},
        {"an empty domain", with("domain", "\"\""), "the domain is not a name"},
        {"a domain that climbs", with("domain", "\"..\""), "the domain is not a name"},
        {"a domain with a slash", with("domain", "\"a/b\""), "the domain is not a name"},
        {"a hidden domain", with("domain", "\".broken\""), "the domain is not a name"},
        {"a domain like the index", with("domain", "\"index.json\""), "the domain is not a name"},
        {"a domain with an umlaut", with("domain", "\"\xc3\xa4\""), "the domain is not a name"},
        {"a domain too long", with("domain", '"' + std::string(129, 'a') + '"'), "the domain is not a name"},
        {"a category that climbs", with("category", "\"../x\""), "the category is not a name"},
        {"a category with a newline", with("category", R"("a\nb")"), "the category is not a name"},
        {"one level too deep", after(nested(126)), "128 levels"},
        {"100,000 levels", after(nested(100000)), "128 levels"},
        {"100,000 levels that never end", std::string(100000, '['), "JSON object was expected"},
        {"100,000 objects", after([] {
             std::string deep;
             for (int level = 0; level != 100000; ++level) deep += R"({"a":)";
             return deep + "1" + std::string(100000, '}');
         }()),
         "128 levels"},
        {"an event too large", after('"' + std::string(1024 * 1024, 'x') + '"'), "max_event_bytes"},
        {"a line too long", after('"' + std::string(8 * 1024 * 1024, 'x') + '"'), "longer than 8388608 bytes"},
        {"a line of blanks too long", std::string(9 * 1024 * 1024, ' '), "longer than 8388608 bytes"},
    };
}

BOOST_DATA_TEST_CASE(p12_a_bad_line_is_named_and_ends_the_run, data::make(bad_lines()), bad) {
    scratch_directory const scratch;
    std::string const file =
        scratch.write("drafts.jsonl", draft("one") + draft("two") + bad.text + '\n' + draft("four"));
    auto const done = run({"append", scratch.root(), file});
    BOOST_TEST(done.exit_code == 1);
    BOOST_TEST(done.out == "1\n2\n");
    BOOST_TEST(done.err.starts_with(file + ":3: "), done.err);
    BOOST_TEST(done.err.find(bad.message) != std::string::npos, done.err);
    BOOST_TEST(lines_of(done.err).size() == 1, done.err);
    BOOST_TEST((ids_in(scratch.root()) == ids_from_to(1, 2)));
}

BOOST_DATA_TEST_CASE(p12_a_bad_line_is_named_and_skipped, data::make(bad_lines()), bad) {
    scratch_directory const scratch;
    auto const done = run({"append", scratch.root(), "--on-error", "skip"},
                          draft("one") + bad.text + '\n' + draft("three") + bad.text + '\n' + draft("five"));
    BOOST_TEST(done.exit_code == 1);
    BOOST_TEST(done.out == "1\n2\n3\n");
    auto const messages = lines_of(done.err);
    BOOST_REQUIRE_EQUAL(messages.size(), 2);
    BOOST_TEST(messages[0].starts_with("<stdin>:2: "), messages[0]);
    BOOST_TEST(messages[1].starts_with("<stdin>:4: "), messages[1]);
    BOOST_TEST(messages[1].find(bad.message) != std::string::npos, messages[1]);
    BOOST_TEST((
        segments_in(scratch.root()) ==
        std::map<std::string, std::string>{
            {"d/c/audit-000001.jsonl",
             R"({"event_id":1,"timestamp":1700000000,"domain":"d","category":"c","model_name":"one","operation":"create","logical_user_id":"u"})"
             "\n"
             R"({"event_id":2,"timestamp":1700000000,"domain":"d","category":"c","model_name":"three","operation":"create","logical_user_id":"u"})"
             "\n"
             R"({"event_id":3,"timestamp":1700000000,"domain":"d","category":"c","model_name":"five","operation":"create","logical_user_id":"u"})"
             "\n"}}));
}

BOOST_AUTO_TEST_CASE(p12_the_largest_and_the_deepest_event_are_accepted) {
    std::string const text = with("payload", R"({"after":{"x":""}})");
    // The limit counts an id as 20 digits, and the newline.
    std::size_t const fixed = text.size() + std::string_view(R"("event_id":,"timestamp":1700000000,)").size() + 20 + 1;
    auto const of_size = [&](std::size_t size) {
        std::string line = after('"' + std::string(size - fixed, 'x') + '"');
        return line.insert(1, R"("timestamp":1700000000,)") + '\n';
    };
    scratch_directory const scratch;
    auto const done = run({"append", scratch.root(), "--on-error", "skip"},
                          of_size(1024 * 1024) + of_size(1024 * 1024 + 1) + after(nested(125)) + '\n' +
                              after("[18446744073709551615,-9223372036854775808,1e308]") + '\n');
    BOOST_TEST(done.exit_code == 1);
    BOOST_TEST(done.out == "1\n2\n3\n");
    BOOST_TEST(done.err.starts_with("<stdin>:2: "), done.err);
    BOOST_TEST(lines_of(done.err).size() == 1);
}

BOOST_AUTO_TEST_CASE(p12_every_bad_line_of_many_is_named) {
    std::string drafts;
    for (int line = 0; line != 1000; ++line) drafts += line % 3 == 1 ? "bad\n" : draft();
    scratch_directory const scratch;
    auto const done = run({"append", scratch.root(), "--on-error", "skip"}, drafts);
    BOOST_TEST(done.exit_code == 1);
    BOOST_TEST((done.out == printed(ids_from_to(1, 667))));
    auto const messages = lines_of(done.err);
    BOOST_REQUIRE_EQUAL(messages.size(), 333);
    for (std::size_t at = 0; at != messages.size(); ++at) {
        BOOST_TEST(messages[at].starts_with("<stdin>:" + std::to_string(3 * at + 2) + ": "), messages[at]);
    }
}

BOOST_AUTO_TEST_CASE(blank_lines_are_skipped_but_counted) {
    scratch_directory const scratch;
    auto const done = run({"append", scratch.root()}, "\n  \t\r\n" + draft() + "\r\n" + draft() + "\n\nbad\n");
    BOOST_TEST(done.exit_code == 1);
    BOOST_TEST(done.out == "1\n2\n");
    BOOST_TEST(done.err.starts_with("<stdin>:8: "), done.err);
}

BOOST_AUTO_TEST_CASE(a_last_line_without_a_newline_is_a_draft) {
    scratch_directory const scratch;
    std::string const drafts = draft() + draft();
    auto const done = run({"append", scratch.root()}, std::string_view(drafts).substr(0, drafts.size() - 1));
    BOOST_TEST(done.exit_code == 0);
    BOOST_TEST(done.out == "1\n2\n");
}

BOOST_AUTO_TEST_CASE(a_line_that_is_too_long_takes_little_memory) {
    constexpr std::uintmax_t size = std::uintmax_t{1} << 30;
    scratch_directory const scratch;
    std::string const file = scratch.write("zeros", "");
    std::filesystem::resize_file(file, size);
    std::string const good = scratch.write("good.jsonl", draft());
    auto const done = run({"append", scratch.root(), file, good, "--on-error", "skip"});
    BOOST_TEST(done.exit_code == 1);
    BOOST_TEST(done.out == "1\n");
    BOOST_TEST(done.err.starts_with(file + ":1: the line is longer"), done.err);
    BOOST_TEST(done.max_resident_kilobytes < static_cast<long>(size / 1024 / 2));
}

BOOST_AUTO_TEST_CASE(p11_a_link_in_place_of_a_category_is_reported_with_the_root) {
    scratch_directory const scratch;
    BOOST_REQUIRE_EQUAL(run({"append", scratch.root()}, draft()).exit_code, 0);
    std::filesystem::rename(scratch.root() + "/d/c", scratch.path() / "elsewhere");
    std::filesystem::create_directory_symlink(scratch.path() / "elsewhere", scratch.root() + "/d/c");
    auto const done = run({"append", scratch.root()}, draft());
    BOOST_TEST(done.exit_code == 1);
    std::string const expected = "<stdin>:1: in " + scratch.root() + ", the directory of its domain or category";
    BOOST_TEST(done.err.find(expected) != std::string::npos, done.err);
}

}  // namespace
}  // namespace test::bad_lines_test
