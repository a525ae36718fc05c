/// \file
/// Tests that 6,000 real drafts give the same files whatever the window and the durability.
#include <boost/json/parse.hpp>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <set>

#include "cli/program.hpp"
#include "cli/scratch_directory.hpp"
#include "cli/trail_files.hpp"

namespace test::catalog_test {
namespace {

using namespace test;
namespace data = boost::unit_test::data;

constexpr std::string_view index_path = "./index.json";

std::string expected_file() {
    return TEST_DATA_DIR "/catalog_expected.sha256";
}

/// Leaves out the sum of index.json, which need only be equal JSON.
std::vector<std::string> expected_sums() {
    auto sums = lines_of(read_file(expected_file()));
    std::erase_if(sums, [](std::string const& line) { return line.ends_with(index_path); });
    return sums;
}

std::vector<std::string> sums_of(std::string const& root) {
    auto const summed = run_shell("cd '" + root + "' && find . -name 'audit-*' | LC_ALL=C sort | xargs sha256sum");
    BOOST_REQUIRE_EQUAL(summed.exit_code, 0);
    return lines_of(summed.out);
}

auto const windows = data::make({"1", "7", "1024"});
auto const durabilities = data::make({"written", "synced"});

BOOST_DATA_TEST_CASE(the_same_drafts_give_the_same_files, windows* durabilities, window, durability) {
    scratch_directory const scratch;
    auto const done = run({"append", scratch.root(), catalog_file(), "--max-segment-bytes", "65536", "--window", window,
                           "--durability", durability});
    BOOST_TEST(done.exit_code == 0);
    BOOST_TEST(done.err == "");
    BOOST_TEST((done.out == printed(ids_from_to(1, 6000))));

    auto const sums = sums_of(scratch.root());
    auto const expected = expected_sums();
    BOOST_TEST(expected.size() == 36);
    BOOST_TEST(sums == expected, boost::test_tools::per_element());

    auto const index = boost::json::parse(read_file(scratch.root() + "/index.json"));
    BOOST_TEST((index == boost::json::value{{"last_event_id", 6000}}));
}

BOOST_AUTO_TEST_CASE(files_in_parts_and_from_standard_input_give_the_same_files) {
    scratch_directory const scratch;
    std::string const drafts = read_file(catalog_file());
    std::size_t const cut = drafts.find('\n', drafts.size() / 3) + 1;
    std::string const first = scratch.write("first.jsonl", std::string_view(drafts).substr(0, cut));
    auto const done = run({"append", scratch.root(), first, "-", "--max-segment-bytes", "65536"},
                          std::string_view(drafts).substr(cut));
    BOOST_TEST(done.exit_code == 0);
    BOOST_TEST((done.out == printed(ids_from_to(1, 6000))));
    BOOST_TEST(sums_of(scratch.root()) == expected_sums(), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(several_runs_give_the_same_files_as_one) {
    scratch_directory const scratch;
    auto const drafts = lines_of(read_file(catalog_file()));
    std::size_t at = 0;
    for (std::size_t const count : {1u, 2u, 997u, 2000u, 3000u}) {
        std::string part;
        for (std::size_t const end = at + count; at != end; ++at) part += drafts[at] + '\n';
        auto const done = run({"append", scratch.root(), "--max-segment-bytes", "65536"}, part);
        BOOST_TEST(done.exit_code == 0);
        BOOST_TEST((done.out == printed(ids_from_to(at - count + 1, at))));
    }
    BOOST_TEST(at == drafts.size());
    BOOST_TEST(sums_of(scratch.root()) == expected_sums(), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(events_are_printed_as_they_are_stored) {
    scratch_directory const scratch;
    auto const done = run({"append", scratch.root(), catalog_file(), "--print", "events"});
    BOOST_TEST(done.exit_code == 0);

    std::multiset<std::string> stored;
    for (auto const& [path, content] : segments_in(scratch.root())) {
        for (auto& line : lines_of(content)) stored.insert(std::move(line));
    }
    auto const printed_lines = lines_of(done.out);
    BOOST_TEST(printed_lines.size() == 6000);
    BOOST_TEST((std::multiset<std::string>(printed_lines.begin(), printed_lines.end()) == stored));
    for (std::size_t at = 0; at != printed_lines.size(); ++at) {
        BOOST_REQUIRE(printed_lines[at].starts_with("{\"event_id\":" + std::to_string(at + 1) + ","));
    }
}

BOOST_AUTO_TEST_CASE(print_none_prints_nothing) {
    scratch_directory const scratch;
    auto const done = run({"append", scratch.root(), catalog_file(), "--print", "none"});
    BOOST_TEST(done.exit_code == 0);
    BOOST_TEST(done.out == "");
    BOOST_TEST(ids_in(scratch.root()).size() == 6000);
}

}  // namespace
}  // namespace test::catalog_test
