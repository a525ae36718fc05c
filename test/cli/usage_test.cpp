/// \file
/// Tests wrong arguments, inputs that can't be read, and that no control byte reaches a terminal.
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <regex>

#include "cli/program.hpp"
#include "cli/scratch_directory.hpp"
#include "cli/trail_files.hpp"

namespace test::usage_test {
namespace {

using namespace test;
namespace data = boost::unit_test::data;
namespace fs = std::filesystem;

struct wrong_usage {
    std::vector<std::string> arguments;
};
std::ostream& operator<<(std::ostream& out, wrong_usage const& wrong) {
    for (auto const& word : wrong.arguments) out << word << ' ';
    return out;
}

wrong_usage const wrong_usages[] = {{{}},
                                    {{"nonsense"}},
                                    {{"append"}},
                                    {{"append", "ROOT", "--nonsense"}},
                                    {{"append", "ROOT", "--window"}},
                                    {{"append", "ROOT", "--window", "0"}},
                                    {{"append", "ROOT", "--window", "-1"}},
                                    {{"append", "ROOT", "--window", "65537"}},
                                    {{"append", "ROOT", "--window", "many"}},
                                    {{"append", "ROOT", "--max-segment-bytes", "0"}},
                                    {{"append", "ROOT", "--max-segment-bytes", "99999999999999999999"}},
                                    {{"append", "ROOT", "--durability", "maybe"}},
                                    {{"append", "ROOT", "--print", "all"}},
                                    {{"append", "ROOT", "--on-error", "retry"}},
                                    {{"query"}},
                                    {{"query", "ROOT", "ROOT"}},
                                    {{"query", "ROOT", "--domain"}},
                                    {{"query", "ROOT", "--operation", "remove"}},
                                    {{"query", "ROOT", "--min-id", "-1"}},
                                    {{"query", "ROOT", "--max-id", "1.5"}},
                                    {{"query", "ROOT", "--max-id", "18446744073709551616"}},
                                    {{"query", "ROOT", "--min-id", "1", "--min-id", "2"}},
                                    {{"query", "ROOT", "--since", "tomorrow"}},
                                    {{"query", "ROOT", "--utc", "--local"}},
                                    {{"query", "ROOT", "--until", "2026-11-31"}},
                                    {{"query", "ROOT", "--until", ""}},
                                    {{"query", "ROOT", "--order", "name"}},
                                    {{"query", "ROOT", "--limit", "few"}},
                                    {{"query", "ROOT", "-n", "few"}},
                                    {{"query", "ROOT", "-n", "1", "--limit", "1"}},
                                    {{"query", "ROOT", "--reverse", "--order", "segment"}},
                                    {{"query", "ROOT", "--format", "xml"}},
                                    {{"query", "ROOT", "--count", "--format", "csv"}},
                                    {{"query", "ROOT", "--color", "blue"}},
                                    {{"diff", "ROOT"}},
                                    {{"diff", "ROOT", "--model-name", ""}},
                                    {{"diff", "ROOT", "--model-name", "m", "--from", "2", "--to", "1"}},
                                    {{"blame", "ROOT"}},
                                    {{"blame", "ROOT", "--model-name", "m", "--format", "csv"}},
                                    {{"follow"}},
                                    {{"follow", "ROOT", "ROOT"}},
                                    {{"follow", "ROOT", "--from-id", "-1"}},
                                    {{"follow", "ROOT", "--order", "id"}},
                                    {{"follow", "ROOT", "-n", "1", "--from-id", "1"}},
                                    {{"follow", "ROOT", "--format", "xml"}},
                                    {{"recover"}},
                                    {{"recover", "ROOT", "ROOT"}},
                                    {{"recover", "ROOT", "--dry-run=maybe"}},
                                    {{"stats"}},
                                    {{"stats", "ROOT", "--format", "csv"}},
                                    {{"stats", "ROOT", "--by", "category"}},
                                    {{"stats", "ROOT", "--domain", "d"}}};

BOOST_DATA_TEST_CASE(wrong_usage_is_reported_and_changes_nothing, data::make(wrong_usages), wrong) {
    scratch_directory const scratch;
    auto arguments = wrong.arguments;
    for (auto& word : arguments) {
        if (word == "ROOT") word = scratch.root();
    }
    auto const done = run(arguments, draft());
    BOOST_TEST(done.exit_code == 2);
    BOOST_TEST(done.out == "");
    BOOST_TEST(done.err.starts_with("audit-trail: "), done.err);
    BOOST_TEST(!fs::exists(scratch.root()));
}

BOOST_AUTO_TEST_CASE(the_version_names_the_revision_of_git) {
    auto const done = run({"--version"});
    BOOST_TEST(done.exit_code == 0);
    BOOST_TEST(done.err == "");
    std::regex const expected(R"((\d+\.\d+\.\d+) \(revision ([0-9a-f]{12,}(-dirty)?|unknown)\)\n)");
    std::smatch found;
    BOOST_TEST_REQUIRE(std::regex_match(done.out, found, expected), done.out);
    BOOST_TEST(found[1] == PROJECT_VERSION);
}

BOOST_AUTO_TEST_CASE(help_goes_to_standard_output) {
    auto const general = run({"--help"});
    BOOST_TEST(general.exit_code == 0);
    BOOST_TEST(general.err == "");
    for (auto const* command : {"append", "follow", "query", "recover", "stats"}) {
        BOOST_TEST(general.out.find(command) != std::string::npos, command);
    }
    auto const append = run({"append", "--help"});
    BOOST_TEST(append.exit_code == 0);
    for (auto const* word :
         {"--max-segment-bytes", "--durability", "--window", "--print", "--on-error", "blank lines",
          R"({"domain":"users","category":"profile","model_name":"user-17","operation":"update",)"}) {
        BOOST_TEST(append.out.find(word) != std::string::npos, word);
    }
    auto const query = run({"query", "--help"});
    BOOST_TEST(query.exit_code == 0);
    for (auto const* word : {"--domain",   "--category",   "--model-name",
                             "--user",     "--request-id", "--operation",
                             "--context",  "--min-id",     "--max-id",
                             "--since",    "--until",      "--order",
                             "--limit",    "--format",     "--count",
                             "-n,--last",  "--reverse",    "--field",
                             "--contains", "--glob",       "-i,--ignore-case",
                             "--local",    "--utc",        "--color",
                             "--no-pager", "ISO 8601",     "The default is pretty",
                             "NO_COLOR",   "Exit:"}) {
        BOOST_TEST(query.out.find(word) != std::string::npos, word);
    }
}

BOOST_AUTO_TEST_CASE(an_invalid_time_is_reported_with_an_example) {
    auto const done = run({"query", "ROOT", "--since", "tomorrow"});
    BOOST_TEST(done.exit_code == 2);
    BOOST_TEST(done.err.starts_with("audit-trail: --since: tomorrow is not a time; give Unix seconds or ISO 8601"),
               done.err);
}

BOOST_AUTO_TEST_CASE(an_invalid_pattern_is_reported_with_examples) {
    auto const done = run({"query", "ROOT", "--user", "u-[1", "--glob"});
    BOOST_TEST(done.exit_code == 2);
    BOOST_TEST(done.err.starts_with("audit-trail: --user: u-[1 is not a pattern: a [ has no ]"), done.err);
    BOOST_TEST(done.err.find("u-[0-9]") != std::string::npos, done.err);
}

BOOST_AUTO_TEST_CASE(missing_and_further_arguments_are_named) {
    BOOST_TEST(run({}).err.starts_with("audit-trail: a command is missing, for example query\n"));
    BOOST_TEST(
        run({"verify", "ROOT", "extra"}).err.starts_with("audit-trail: verify takes no further argument 'extra'\n"));
    BOOST_TEST(run({"query", "ROOT", "--last"}).err.starts_with("audit-trail: --last needs a value\n"));
}

BOOST_AUTO_TEST_CASE(a_range_without_members_is_reported) {
    for (auto const* const command : {"query", "follow"}) {
        auto const ids = run({command, "ROOT", "--min-id", "5", "--max-id", "3"});
        BOOST_TEST(ids.exit_code == 2);
        BOOST_TEST(ids.err.starts_with("audit-trail: --min-id: 5 is above --max-id 3\n"), ids.err);
        auto const times = run({command, "ROOT", "--since", "2026-11-25", "--until", "2026-11-24"});
        BOOST_TEST(times.exit_code == 2);
        BOOST_TEST(times.err.starts_with("audit-trail: --since: its time is after the time of --until\n"), times.err);
    }
    BOOST_TEST(run({"query", "ROOT", "--min-id", "5", "--max-id", "5"}).exit_code == 1);
}

BOOST_AUTO_TEST_CASE(an_unknown_time_zone_is_reported) {
    auto const done = run_shell("TZ=Nowhere/Town \"$PROGRAM\" query ROOT --local");
    BOOST_TEST(done.exit_code == 2);
    BOOST_TEST(done.err.starts_with("audit-trail: --local: the system knows no time zone 'Nowhere/Town'"), done.err);
}

BOOST_AUTO_TEST_CASE(a_context_without_a_key_is_reported_with_an_example) {
    for (auto const* const given : {"ip", "=10.0.0.7"}) {
        auto const refused = run({"query", "ROOT", "--context", given});
        BOOST_TEST(refused.exit_code == 2);
        BOOST_TEST(refused.err.find(std::string(given) + " is not KEY=VALUE, such as ip=10.0.0.7") !=
                   std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(no_drafts_make_an_empty_trail) {
    scratch_directory const scratch;
    auto const done = run({"append", scratch.root()});
    BOOST_TEST(done.exit_code == 0);
    BOOST_TEST(done.out == "");
    BOOST_TEST(done.err == "");
    BOOST_TEST(run({"append", scratch.root(), "-"}, draft()).out == "1\n");
}

BOOST_AUTO_TEST_CASE(a_missing_file_is_named) {
    scratch_directory const scratch;
    std::string const missing = (scratch.path() / "missing.jsonl").string();
    std::string const good = scratch.write("good.jsonl", draft());
    auto const stopped = run({"append", scratch.root(), missing, good});
    BOOST_TEST(stopped.exit_code == 1);
    BOOST_TEST(stopped.out == "");
    BOOST_TEST(stopped.err == missing + ": No such file or directory\n");
    auto const skipped = run({"append", scratch.root(), missing, good, "--on-error", "skip"});
    BOOST_TEST(skipped.exit_code == 1);
    BOOST_TEST(skipped.out == "1\n");
    BOOST_TEST(skipped.err == missing + ": No such file or directory\n");
}

BOOST_AUTO_TEST_CASE(a_directory_is_not_an_input) {
    scratch_directory const scratch;
    auto const done = run({"append", scratch.root(), scratch.path().string()});
    BOOST_TEST(done.exit_code == 1);
    BOOST_TEST(done.err == scratch.path().string() + ": Is a directory\n");
}

BOOST_AUTO_TEST_CASE(lines_are_counted_in_each_file) {
    scratch_directory const scratch;
    std::string const first = scratch.write("first.jsonl", draft() + "bad\n");
    std::string const second = scratch.write("second.jsonl", "bad\n" + draft());
    auto const done = run({"append", scratch.root(), first, second, "--on-error", "skip"});
    BOOST_TEST(done.exit_code == 1);
    BOOST_TEST(done.out == "1\n2\n");
    auto const messages = lines_of(done.err);
    BOOST_REQUIRE_EQUAL(messages.size(), 2);
    BOOST_TEST(messages[0].starts_with(first + ":2: "), messages[0]);
    BOOST_TEST(messages[1].starts_with(second + ":1: "), messages[1]);
}

BOOST_AUTO_TEST_CASE(drafts_come_through_a_fifo) {
    scratch_directory const scratch;
    std::string const fifo = (scratch.path() / "fifo").string();
    auto const done = run_shell("mkfifo " + fifo + "; cat " + catalog_file() + " >" + fifo + " & \"$PROGRAM\" append " +
                                scratch.root() + " " + fifo);
    BOOST_TEST(done.exit_code == 0);
    BOOST_TEST((done.out == printed(ids_from_to(1, 6000))));
}

BOOST_AUTO_TEST_CASE(a_root_that_cannot_be_opened_is_named) {
    scratch_directory const scratch;
    std::string const file = scratch.write("file", "");
    auto const done = run({"append", file}, draft());
    BOOST_TEST(done.exit_code == 1);
    BOOST_TEST(done.out == "");
    BOOST_TEST(done.err.starts_with("audit-trail: " + file + ": "), done.err);
}

BOOST_AUTO_TEST_CASE(control_bytes_of_arguments_never_reach_the_terminal) {
    scratch_directory const scratch;
    std::string const file =
        scratch.write("evil\x1b[31m\x07\xc2\x9b\xff\xc3\xa9.jsonl", "{\"\x1b[2J\":1}\n{\"\\u001b\":1}\n");
    for (auto const& done : {run({"append", scratch.root(), file, "--on-error", "skip"}),
                             run({"append", scratch.root(), "--\x1b[31m"}), run({"append", file}), run({"\x1b[31m"})}) {
        BOOST_TEST(done.exit_code != 0);
        BOOST_TEST(done.err != "");
        for (unsigned char const byte : done.err + done.out) {
            BOOST_TEST((byte == '\n' || (byte >= 0x20 && byte != 0x7f)));
        }
        BOOST_TEST(done.err.find("\xc2\x9b") == std::string::npos);
        BOOST_TEST(done.err.find('\xff') == std::string::npos);
    }
    auto const done = run({"append", scratch.root(), file});
    BOOST_TEST(done.err.find("evil\\x1b[31m\\x07\\xc2\\x9b\\xff\xc3\xa9.jsonl:1: ") != std::string::npos, done.err);
}

}  // namespace
}  // namespace test::usage_test
