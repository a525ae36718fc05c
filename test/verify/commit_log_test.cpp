// Checks what readers and verify report about lines that are only in the commit log.
#include <audit_trail/reader.hpp>
#include <audit_trail/verify.hpp>
#include <boost/test/unit_test.hpp>

#include "storage/trail_session.hpp"

namespace audit_trail::test::commit_log_test {
namespace {

namespace fs = std::filesystem;

std::string line_at(std::uint64_t id, std::string const& category = "c") {
    return R"({"event_id":)" + std::to_string(id) + R"(,"timestamp":1,"domain":"d","category":")" + category +
           R"(","model_name":"m","operation":"create","logical_user_id":"u"})"
           "\n";
}

/// A trail whose writer was killed: events 2 to 4 are in the commit log, too.
struct logged_trail {
    temporary_directory directory;
    fs::path const root = directory.path() / "trail";
    fs::path const segment = root / "d/c/audit-000001.jsonl";

    logged_trail() {
        writer_options options;
        options.commit_log_bytes = 64 * 1024;
        trail_session session(root, options);
        for (std::uint64_t id = 1; id != 5; ++id) add(session, id, "c");
        session.crash();
    }
    static void add(trail_session& session, std::uint64_t id, std::string const& category) {
        auto const line = line_at(id, category);
        session.append("d", category, durability::synced, line.substr(line.find(',')));
    }
    void cut_to(std::size_t lines) const { fs::resize_file(segment, lines * line_at(1).size()); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(commit_log, logged_trail)

BOOST_AUTO_TEST_CASE(a_log_whose_lines_are_in_the_segments_is_no_finding) {
    BOOST_TEST(verify(root).is_whole());
}

BOOST_AUTO_TEST_CASE(lines_that_only_the_log_has_are_findings_until_they_are_restored) {
    cut_to(2);
    auto const report = verify(root);
    BOOST_TEST_REQUIRE(report.total_findings == 1U);
    BOOST_TEST((report.findings.front().reason == error::not_restored));
    BOOST_TEST(report.findings.front().path == "d/c/audit-000001.jsonl");
    BOOST_TEST(report.findings.front().offset == 2 * line_at(1).size());
    BOOST_TEST(report.findings.front().first_id == 3U);
    BOOST_TEST(report.findings.front().last_id == 4U);
    {
        trail_session session(root);
        BOOST_TEST_REQUIRE(session.is_open());
        session.close();
    }
    BOOST_TEST(verify(root).is_whole());
    BOOST_TEST(verify(root).events == 4U);
}

BOOST_AUTO_TEST_CASE(lines_that_only_the_log_has_are_found_without_a_lock_record) {
    cut_to(3);
    for (auto const* const content : {"", "garbage"}) {
        write_file(root / ".lock", content);
        auto const report = verify(root);
        BOOST_TEST_REQUIRE(report.total_findings == 1U);
        BOOST_TEST((report.findings.front().reason == error::not_restored));
        BOOST_TEST(report.findings.front().first_id == 4U);
    }
}

BOOST_AUTO_TEST_CASE(all_lines_that_a_segment_lacks_are_one_finding) {
    {
        writer_options options;
        options.commit_log_bytes = 64 * 1024;
        trail_session session(root, options);
        for (std::uint64_t id = 5; id != 11; ++id) add(session, id, id % 2 == 0 ? "c" : "b");
        session.crash();
    }
    cut_to(4);
    auto const report = verify(root);
    BOOST_TEST_REQUIRE(report.total_findings == 1U);
    BOOST_TEST(report.findings.front().first_id == 6U);
    BOOST_TEST(report.findings.front().last_id == 10U);
    BOOST_TEST(report.findings.front().text.ends_with("(3 lines, ids 6 to 10)"), report.findings.front().text);
}

BOOST_AUTO_TEST_CASE(a_reader_reports_lines_that_only_the_log_has) {
    cut_to(3);
    error_code ec;
    reader source(root, {}, {}, ec);
    std::size_t events = 0;
    while (source.next()) ++events;
    BOOST_TEST(events == 3U);
    BOOST_TEST(source.report().count_of(error::not_restored) == 1U);
}

BOOST_AUTO_TEST_CASE(a_missing_log_is_a_finding) {
    fs::remove(root / ".commit-log");
    auto const report = verify(root);
    BOOST_TEST_REQUIRE(report.total_findings == 1U);
    BOOST_TEST((report.findings.front().reason == error::unusable_log));
    BOOST_TEST(report.findings.front().path == ".commit-log");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace audit_trail::test::commit_log_test
