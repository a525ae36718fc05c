/// \file
/// Tests that each option of each command gets its value unchanged, and that a misspelt word is named.
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>

#include "cli/program.hpp"
#include "cli/scratch_directory.hpp"
#include "cli/trail_files.hpp"

namespace test::arguments_test {
namespace {

using namespace test;
namespace data = boost::unit_test::data;

struct option_value {
    std::string command;
    std::string option;
    std::string good;  // a value of the right kind
};
std::ostream& operator<<(std::ostream& out, option_value const& row) {
    return out << row.command << ' ' << row.option;
}

option_value const all_options[] = {{"append", "--max-segment-bytes", "4096"},
                                    {"append", "--durability", "written"},
                                    {"append", "--window", "8"},
                                    {"append", "--print", "ids"},
                                    {"append", "--on-error", "skip"},
                                    {"query", "--domain", "d"},
                                    {"query", "--category", "c"},
                                    {"query", "--model-name", "m"},
                                    {"query", "--user", "u"},
                                    {"query", "--request-id", "r"},
                                    {"query", "--operation", "create"},
                                    {"query", "--field", "f"},
                                    {"query", "--contains", "x"},
                                    {"query", "--min-id", "1"},
                                    {"query", "--max-id", "1"},
                                    {"query", "--since", "0"},
                                    {"query", "--until", "0"},
                                    {"query", "--order", "id"},
                                    {"query", "--limit", "1"},
                                    {"query", "--last", "1"},
                                    {"query", "--format", "csv"},
                                    {"follow", "--domain", "d"},
                                    {"follow", "--category", "c"},
                                    {"follow", "--model-name", "m"},
                                    {"follow", "--user", "u"},
                                    {"follow", "--request-id", "r"},
                                    {"follow", "--operation", "create"},
                                    {"follow", "--field", "f"},
                                    {"follow", "--contains", "x"},
                                    {"follow", "--min-id", "1"},
                                    {"follow", "--max-id", "1"},
                                    {"follow", "--since", "0"},
                                    {"follow", "--until", "0"},
                                    {"follow", "--from-id", "1"},
                                    {"follow", "--last", "1"},
                                    {"follow", "--format", "csv"},
                                    {"diff", "--model-name", "m"},
                                    {"diff", "--domain", "d"},
                                    {"diff", "--category", "c"},
                                    {"diff", "--from", "1"},
                                    {"diff", "--to", "1"},
                                    {"blame", "--model-name", "m"},
                                    {"blame", "--max-id", "1"},
                                    {"replay", "--domain", "d"},
                                    {"replay", "--category", "c"},
                                    {"replay", "--model-name", "m"},
                                    {"replay", "--min-id", "1"},
                                    {"replay", "--max-id", "1"},
                                    {"verify", "--format", "json"},
                                    {"stats", "--by", "user"},
                                    {"stats", "--color", "never"},
                                    {"query", "--color", "never"},
                                    {"stats", "--format", "json"}};

BOOST_DATA_TEST_CASE(an_empty_value_is_refused_and_takes_no_other_argument, data::make(all_options), row) {
    for (auto const& written : {std::vector{row.option + "=", row.good}, std::vector{row.option, std::string()}}) {
        scratch_directory const scratch;
        std::vector<std::string> arguments{row.command};
        arguments.insert(arguments.end(), written.begin(), written.end());
        arguments.push_back(scratch.root());
        auto const done = run(arguments);
        BOOST_TEST(done.exit_code == 2);
        BOOST_TEST(done.err.starts_with("audit-trail: " + row.option + ":"), done.err);
        BOOST_TEST(!std::filesystem::exists(scratch.root()));
    }
}

BOOST_DATA_TEST_CASE(a_misspelt_option_is_named_with_the_right_spelling, data::make(all_options), row) {
    std::string wrong = row.option;
    std::swap(wrong[wrong.size() - 1], wrong[wrong.size() - 2]);
    if (wrong == row.option) wrong += 'x';
    for (auto const& written : {wrong, wrong + "=" + row.good}) {
        auto const done = run({row.command, "ROOT", written});
        BOOST_TEST(done.exit_code == 2);
        BOOST_TEST(done.err.starts_with("audit-trail: " + row.command + " has no option '" + wrong +
                                        "'; did you mean '" + row.option + "'?\n"),
                   done.err);
    }
}

BOOST_AUTO_TEST_CASE(a_misspelt_command_is_named_with_the_right_spelling) {
    for (std::string const command : {"append", "query", "follow", "replay", "verify", "recover", "stats", "blame"}) {
        std::string const wrong = command.substr(0, 2) + command.substr(3);
        auto const done = run({wrong, "ROOT"});
        BOOST_TEST(done.exit_code == 2);
        BOOST_TEST(done.err.starts_with("audit-trail: no command '" + wrong + "'; did you mean '" + command + "'?\n"),
                   done.err);
    }
    BOOST_TEST(run({"nonsense"}).err.starts_with("audit-trail: no command 'nonsense'\n"));
    BOOST_TEST(run({"--verison"}).err.starts_with("audit-trail: audit-trail has no option '--verison'; did you mean"));
}

std::string user_draft(std::string const& user) {
    std::string text = draft();
    std::string const key = R"("logical_user_id":")";
    auto const begin = text.find(key) + key.size();
    return text.replace(begin, text.find('"', begin) - begin, user);
}

BOOST_AUTO_TEST_CASE(values_are_taken_literally) {
    scratch_directory const scratch;
    std::vector<std::string> const users = {"[a,b]",    "a,b", "{}",    "++", "--", "-x",
                                            "--min-id", "a=b", "query", "%",  "[]"};
    std::string drafts;
    for (auto const& user : users) drafts += user_draft(user);
    BOOST_REQUIRE_EQUAL(run({"append", scratch.root()}, drafts).exit_code, 0);
    for (std::size_t i = 0; i != users.size(); ++i) {
        for (auto const& written :
             {std::vector<std::string>{"--user=" + users[i]}, std::vector<std::string>{"--user", users[i]}}) {
            std::vector<std::string> arguments{"query", scratch.root()};
            arguments.insert(arguments.end(), written.begin(), written.end());
            auto const done = run(arguments);
            BOOST_TEST(done.out.starts_with("{\"event_id\":" + std::to_string(i + 1) + ","), users[i] << done.err);
            BOOST_TEST(lines_of(done.out).size() == 1u, users[i]);
        }
    }
}

BOOST_AUTO_TEST_CASE(paths_are_taken_literally) {
    for (std::string const name : {"[a,b]", "[a]", "[]", "++", "a,b", "{}", "query", "a=b"}) {
        scratch_directory const scratch;
        scratch.write("a", "bad\n");
        scratch.write("b", "bad\n");
        scratch.write(name, draft());
        std::string const here = "cd " + scratch.path().string() + " && ";
        BOOST_TEST(run_shell(here + "\"$PROGRAM\" append root -- '" + name + "'").out == "1\n", name);
        BOOST_TEST(run_shell(here + "\"$PROGRAM\" append root '" + name + "' '" + name + "'").out == "2\n3\n", name);
        std::string const as_root = here + "mkdir roots && cd roots && \"$PROGRAM\" append '" + name + "' '../" + name +
                                    "' && \"$PROGRAM\" query --count -- '" + name + "'";
        BOOST_TEST(run_shell(as_root).out == "1\n1\n", name);
    }
}

BOOST_AUTO_TEST_CASE(numbers_are_decimal) {
    for (auto const* number : {"010", "0x10", "1e3", " 8", "8 ", "+8", "1'000"}) {
        for (auto const* option : {"--window", "--max-segment-bytes"}) {
            BOOST_TEST(run({"append", "ROOT", option, number}).exit_code == 2, number);
        }
        for (auto const* option : {"--min-id", "--max-id", "--limit"}) {
            if (std::string_view(number) == "010") continue;
            BOOST_TEST(run({"query", "ROOT", option, number}).exit_code == 2, number);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_domain_or_category_that_the_trail_does_not_have_is_named) {
    scratch_directory const scratch;
    BOOST_REQUIRE_EQUAL(run({"append", scratch.root()}, draft()).exit_code, 0);
    std::string const root = "audit-trail: " + scratch.root() + ": ";
    for (std::string const count : {"", "--count"}) {
        std::vector<std::string> arguments{"query", scratch.root(), "--domain", "d", "--domain", "dd"};
        if (!count.empty()) arguments.push_back(count);
        auto const done = run(arguments);
        BOOST_TEST(done.exit_code == 0);
        BOOST_TEST(lines_of(done.out).size() == 1u);
        BOOST_TEST(done.err == root + "no domain 'dd'; the domains: d\n");
    }
    BOOST_TEST(run({"query", scratch.root(), "--category", "other"}).err ==
               root + "no category 'other'; the categories: c\n");
    BOOST_TEST(run({"query", scratch.root(), "--domain", "x", "--category", "c"}).err ==
               root + "no domain 'x'; the domains: d\n");
    BOOST_TEST(run({"replay", scratch.root(), "--domain", "d", "--category", "x"}).err ==
               root + "no category 'x'; the categories: c\n");
    BOOST_TEST(
        run({"follow", scratch.root(), "--from-id", "1", "--max-id", "1", "--domain", "d", "--domain", "x"}).err ==
        root + "no domain 'x'; the domains: d\n");
    BOOST_TEST(run({"query", scratch.root(), "--domain", "d", "--category", "c", "--user", "nobody"}).err == "");
}

}  // namespace
}  // namespace test::arguments_test
