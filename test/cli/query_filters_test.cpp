/// \file
/// Tests each filter, alone and with others, against a plain reading of the same files.
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <iterator>
#include <ostream>

#include "cli/catalog_trail.hpp"
#include "cli/program.hpp"
#include "cli/scratch_directory.hpp"
#include "cli/trail_files.hpp"

namespace test::query_filters_test {
namespace {

using namespace test;
namespace data = boost::unit_test::data;

std::string quoted(std::string word) {
    for (std::size_t at = 0; (at = word.find('\'', at)) != std::string::npos; at += 4) word.replace(at, 1, R"('\'')");
    return '\'' + word + '\'';
}

struct filter {
    std::vector<std::string> words;
    std::string unknown = {};  ///< a domain that the trail does not have
};
std::ostream& operator<<(std::ostream& out, filter const& given) {
    for (auto const& word : given.words) out << word << ' ';
    return out;
}

filter const filters[] = {
    {{}},
    {{"--domain", "v2"}},
    {{"--domain", "v2", "--domain", "legacy"}},
    {{"--domain", "nowhere"}, "nowhere"},
    {{"--domain", "v"}, "v"},
    {{"--category", "iso_3166_2"}},
    {{"--category", "iso_3166_2", "--category", "iso_15924"}},
    {{"--model-name", "Pakruojis"}},
    {{"--model-name", "Pakruojis", "--model-name", "Te'un", "--model-name", "Nadur"}},
    {{"--model-name", "pakruojis"}},
    {{"--user", "u-102"}},
    {{"--user", "u-102", "--user", "u-13"}},
    {{"--request-id", "7c8e3fb67da627a1"}},
    {{"--request-id", "7c8e3fb67da627a1", "--request-id", "3e61118ceab42b8e"}},
    {{"--operation", "create"}},
    {{"--operation", "update"}},
    {{"--operation", "delete"}},
    {{"--operation", "delete", "--operation", "update"}},
    {{"--min-id", "5990"}},
    {{"--max-id", "17"}},
    {{"--min-id", "3000", "--max-id", "3100"}},
    {{"--min-id", "0"}},
    {{"--max-id", "0"}},
    {{"--min-id", "6001"}},
    {{"--max-id", "18446744073709551615"}},
    {{"--since", "1700005000"}},
    {{"--until", "1700000100"}},
    {{"--since", "2023-11-14T23:00:00+00:00", "--until", "2023-11-14T23:59:59+00:00"}},
    {{"--since", "2023-11-15"}},
    {{"--until", "2023-11-15"}},
    {{"--since", "2023-11-15T00:30:00+01:00", "--until", "2023-11-15T01:30:00+01:30"}},
    {{"--domain", "v2", "--operation", "delete"}},
    {{"--domain", "legacy", "--category", "iso_639_3", "--user", "u-1", "--user", "u-2", "--user", "u-3"}},
    {{"--category", "iso_639_3", "--operation", "update", "--min-id", "1000", "--max-id", "2000"}},
    {{"--domain", "v2", "--category", "iso_639_3", "--operation", "create", "--min-id", "500", "--since", "1700002000",
      "--until", "1700006000"}},
    {{"--limit", "0"}},
    {{"--limit", "1"}},
    {{"--limit", "6000"}},
    {{"--limit", "1000000"}},
    {{"--limit", "7", "--domain", "v2", "--min-id", "2500"}},
    {{"--order", "segment"}},
    {{"--order", "segment", "--domain", "v2", "--limit", "1234"}},
    {{"--order", "segment", "--min-id", "2900", "--max-id", "3300", "--operation", "update"}},
    {{"--order", "id", "--user", "u-300"}},
    {{"-n", "0"}},
    {{"-n", "10"}},
    {{"--last=7000"}},
    {{"-n5", "--reverse"}},
    {{"--reverse"}},
    {{"--reverse", "--limit", "3", "--domain", "v2"}},
    {{"-n", "20", "--category", "iso_639_3", "--operation", "update", "--since", "1700002000"}},
    {{"-n", "7", "--user", "u-102", "--max-id", "4000"}},
    {{"-n", "7", "--min-id", "5997"}},
    {{"--reverse", "--min-id", "2000", "--max-id", "2500", "--operation", "delete"}},
};

bool has_python() {
    static bool const has = run_shell("python3 -c ''").exit_code == 0;
    return has;
}

std::vector<std::string> arguments_of(filter const& given) {
    std::vector<std::string> arguments{catalog_root()};
    arguments.insert(arguments.end(), given.words.begin(), given.words.end());
    return arguments;
}

/// The answers of the plain reading, in one run for all filters.
class plain_answers {
 public:
    plain_answers() {
        std::string queries;
        for (auto const& given : filters) {
            for (auto const& word : arguments_of(given)) queries += quoted(word) + ' ';
            queries += '\n';
        }
        std::string const input = quoted(scratch_.write("queries", queries));
        auto const done = run_shell("python3 " PLAIN_QUERY " " + quoted(scratch_.path().string()) + " <" + input);
        BOOST_REQUIRE_EQUAL(done.exit_code, 0);
    }

    std::string to(std::size_t number) const { return read_file(scratch_.path() / std::to_string(number)); }

 private:
    scratch_directory scratch_;
};

std::string message_about(std::string const& unknown) {
    return "audit-trail: " + catalog_root() + ": no domain '" + unknown + "'; the domains: legacy, v2\n";
}

void compare(outcome const& done, std::string const& expected, std::string const& unknown) {
    BOOST_TEST(done.exit_code == 0);
    BOOST_TEST(done.err == (unknown.empty() ? "" : message_about(unknown)));
    BOOST_TEST((done.out == expected), lines_of(done.out).size() << " lines instead of " << lines_of(expected).size());
}

BOOST_DATA_TEST_CASE(a_query_gives_and_counts_what_a_plain_reading_gives,
                     data::xrange(std::size(filters)) ^ data::make(filters), number, given) {
    if (!has_python()) {
        BOOST_TEST_MESSAGE("skipped: no python3");
        return;
    }
    static plain_answers const plain;
    std::string const expected = plain.to(number);
    std::vector<std::string> arguments = arguments_of(given);
    arguments.insert(arguments.begin(), "query");
    compare(run(arguments), expected, given.unknown);
    arguments.push_back("--count");
    compare(run(arguments), std::to_string(lines_of(expected).size()) + '\n', given.unknown);
}

// These numbers were counted by hand.
BOOST_AUTO_TEST_CASE(known_numbers_of_the_catalog) {
    auto const count = [](std::vector<std::string> words) {
        words.insert(words.begin(), {"query", catalog_root(), "--count"});
        return run(words).out;
    };
    BOOST_TEST(count({}) == "6000\n");
    BOOST_TEST(count({"--min-id", "11", "--max-id", "20"}) == "10\n");
    BOOST_TEST(count({"--model-name", "Pakruojis"}) == "4\n");
    BOOST_TEST(count({"--domain", "nowhere"}) == "0\n");
}

BOOST_AUTO_TEST_CASE(patterns_need_an_option) {
    auto const count = [](std::vector<std::string> words) {
        words.insert(words.begin(), {"query", catalog_root(), "--count"});
        auto const done = run(words);
        BOOST_TEST(done.err == "");
        return done.out;
    };
    BOOST_TEST(count({"--model-name", "Pakru*"}) == "0\n");
    BOOST_TEST(count({"--model-name", "Pakru*", "--glob"}) == "4\n");
    BOOST_TEST(count({"--model-name", "pAKRUOJIS", "-i"}) == "4\n");
    BOOST_TEST(count({"--ignore-case", "--glob", "--model-name", "p?kru[!a-n]jis", "--domain", "V*"}) == "2\n");
    BOOST_TEST(count({"--contains", "Pakruojis", "--operation", "update", "--min-id", "6", "--max-id", "6"}) == "1\n");
    BOOST_TEST(count({"--contains", "nowhere to be found"}) == "0\n");
}

BOOST_AUTO_TEST_CASE(a_plain_reader_reads_lines_with_and_without_a_context) {
    if (!has_python()) {
        BOOST_TEST_MESSAGE("skipped: no python3");
        return;
    }
    scratch_directory const scratch;
    std::string with_context = draft();
    with_context.insert(1, R"("context":{"ip":"10.0.0.7"},)");
    auto const appended = run({"append", scratch.root(), "--print", "none"}, draft() + with_context + draft());
    BOOST_REQUIRE_EQUAL(appended.exit_code, 0);
    auto const query = run({"query", scratch.root()});
    auto const done =
        run_shell("echo " + quoted(scratch.root()) + " | python3 " PLAIN_QUERY " " + quoted(scratch.path().string()));
    BOOST_REQUIRE_EQUAL(done.exit_code, 0);
    BOOST_TEST(query.out == read_file(scratch.path() / "0"));
    BOOST_TEST(lines_of(query.out).size() == 3U);
    BOOST_TEST(run({"query", scratch.root(), "--context", "ip=10.0.0.7"}).out == lines_of(query.out)[1] + "\n");
}

BOOST_AUTO_TEST_CASE(options_for_lists_leave_the_root_alone) {
    auto const done = run({"query", "--domain", "v2", catalog_root(), "--user", "u-102", "--count"});
    BOOST_TEST(done.exit_code == 0, done.err);
    BOOST_TEST(done.out == run({"query", catalog_root(), "--domain=v2", "--user=u-102", "--count"}).out);
}

}  // namespace
}  // namespace test::query_filters_test
