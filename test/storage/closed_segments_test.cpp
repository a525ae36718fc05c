// Checks segments that are closed while only the commit log has their lines on stable storage.
#include <boost/test/unit_test.hpp>
#include <cerrno>

#include "print.hpp"
#include "root_fixture.hpp"
#include "support/trail_files.hpp"
#include "trail_session.hpp"

namespace audit_trail::storage::closed_segments_test {
namespace {

using namespace test;
namespace fs = std::filesystem;
using kind_type = recovery_finding::kind_type;

writer_options few_files(std::size_t log_bytes = 64 * 1024) {
    writer_options options;
    options.commit_log_bytes = log_bytes;
    options.max_open_segments = 2;
    return options;
}

struct many_categories : root_fixture {
    trail_session session{root, few_files(8 * 1024), system};
    std::size_t acknowledged = 0;

    many_categories() {
        system.report_errors_of_closed_files(true);
        append(8);
    }

    void append(int count) {
        for (int n = 0; n != count; ++n) {
            BOOST_TEST_REQUIRE(session.append("d", name(n)) == commit_result::committed);
            ++acknowledged;
        }
    }
    static std::string name(int n) { return "c" + std::to_string(n % 8); }

    void check_that_nothing_is_lost() {
        session.crash();
        trail_session next(root, few_files());
        BOOST_TEST_REQUIRE(next.is_open());
        BOOST_TEST(next.store().next_id() > acknowledged);
        BOOST_TEST(read_trail(root).size() == acknowledged);
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(closed_segments_test, many_categories)

BOOST_AUTO_TEST_CASE(a_segment_with_logged_lines_is_closed_without_a_sync) {
    system.forget_calls();
    append(8);
    BOOST_TEST(system.count(call_kind::sync) == 0U);
    BOOST_TEST(session.store().synced_through() == 16U);
}

BOOST_AUTO_TEST_CASE(p01_lines_that_a_power_cut_took_from_closed_segments_are_restored) {
    append(8);
    session.crash();
    for (int n = 0; n != 8; ++n) fs::resize_file(root / "d" / name(n) / segment_name(1), line_of(1).size());
    trail_session next(root, few_files());
    BOOST_TEST_REQUIRE(next.is_open());
    BOOST_TEST(next.report.findings.size() == 8U);
    BOOST_TEST(read_trail(root).size() == acknowledged);
}

BOOST_AUTO_TEST_CASE(p01_the_file_system_is_synced_before_the_log_is_cleared) {
    auto const before = session.store().log_use().clearings;
    for (int n = 0; n != 1000 && session.store().log_use().clearings == before; ++n) {
        system.forget_calls();
        append(1);
    }
    BOOST_TEST(position(call_kind::sync_file_system, ".") < position(call_kind::write_at_synced, ".commit-log"));
    BOOST_TEST(system.count(call_kind::sync) == 0U);
}

BOOST_AUTO_TEST_CASE(p01_closing_the_store_syncs_the_file_system_before_it_clears_the_log) {
    system.forget_calls();
    session.close();
    BOOST_TEST(!session.error);
    BOOST_TEST(position(call_kind::sync_file_system, ".") < position(call_kind::write_at_synced, ".commit-log"));
}

BOOST_AUTO_TEST_CASE(p05_a_failed_sync_of_the_file_system_is_final_and_the_log_keeps_the_lines) {
    system.fail_nth(call_kind::sync_file_system, 1, EIO, true);
    for (int n = 0; n != 1000 && !session.store().failure(); ++n) {
        if (session.append("d", name(n)) == commit_result::committed) ++acknowledged;
    }
    BOOST_TEST(session.store().failure() == boost::system::errc::io_error);
    system.fail_nothing();
    check_that_nothing_is_lost();
}

BOOST_AUTO_TEST_CASE(p05_after_the_first_sync_of_the_file_system_failed_segments_are_synced_before_they_are_closed) {
    auto const other = directory.path() / "other";
    faulty_file_system failing;
    failing.report_errors_of_closed_files(true);
    failing.fail_nth(call_kind::sync_file_system, 1, EIO, true);
    trail_session of_other(other, few_files(), failing);
    for (int n = 0; n != 24; ++n) BOOST_TEST(of_other.append("d", name(n)) == commit_result::committed);
    BOOST_TEST(failing.count(call_kind::sync_file_system) == 1U);
    of_other.close();
    BOOST_TEST(!of_other.error);
}

BOOST_AUTO_TEST_CASE(p01_a_flush_of_many_new_directories_syncs_the_file_system) {
    auto const other = directory.path() / "other";
    trail_session of_other(other, {}, system);
    for (int n = 0; n != 40; ++n) of_other.append("d", "c" + std::to_string(n), durability::written);
    system.forget_calls();
    of_other.store().sync_all(of_other.error);
    BOOST_TEST(!of_other.error);
    BOOST_TEST(of_other.store().synced_through() == 40U);
    BOOST_TEST(system.count(call_kind::sync_file_system) == 2U);  // see trail_store::can_sync_closed_segments
    BOOST_TEST(system.count(call_kind::sync) == 0U);
}

BOOST_AUTO_TEST_CASE(another_file_system_syncs_segments_before_they_are_closed) {
    auto const other = directory.path() / "other";
    faulty_file_system simple;
    simple.report_errors_of_closed_files(false);
    trail_session of_other(other, few_files(), simple);
    for (int n = 0; n != 24; ++n) BOOST_TEST(of_other.append("d", name(n)) == commit_result::committed);
    BOOST_TEST(simple.count(call_kind::sync_file_system) == 0U);
    BOOST_TEST(simple.count(call_kind::sync) >= 16U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace audit_trail::storage::closed_segments_test
