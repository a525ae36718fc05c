// Checks segments that are closed before they are synced, because the commit log has their lines.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cerrno>

#include "print.hpp"
#include "root_fixture.hpp"
#include "simulated_disk.hpp"
#include "support/trail_files.hpp"
#include "trail_session.hpp"

namespace audit_trail::storage::closed_segments_test {
namespace {

using namespace test;
namespace fs = std::filesystem;

constexpr std::uint64_t categories = 6;

writer_options with_few_files() {
    writer_options options;
    options.max_open_segments = 2;
    options.commit_log_bytes = 64 * 1024;
    return options;
}

std::string category_of(std::uint64_t id) {
    return "c" + std::to_string(id % categories);
}

/// Appends events with these ids, in turn to each category.
void append(trail_session& session, std::uint64_t first, std::uint64_t last) {
    for (std::uint64_t id = first; id <= last; ++id) session.append("d", category_of(id));
    BOOST_TEST(!session.error, session.error.message());
}

std::string lines_of(std::string const& category, std::uint64_t last) {
    std::string lines;
    for (std::uint64_t id = 1; id <= last; ++id) {
        if (category_of(id) == category) lines += line_of(id);
    }
    return lines;
}

struct files_root : root_fixture {
    fs::path segment(std::uint64_t n) const { return root / "d" / ("c" + std::to_string(n)) / "audit-000001.jsonl"; }
};

struct simulated_root {
    simulated_disk disk{1};

    void expect_all(std::uint64_t last) {
        auto const files = disk.files();
        for (std::uint64_t n = 0; n != categories; ++n) {
            auto const name = "c" + std::to_string(n);
            auto const found = files.find("d/" + name + "/audit-000001.jsonl");
            BOOST_TEST_REQUIRE((found != files.end()), name);
            BOOST_TEST(found->second == lines_of(name, last), name);
        }
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(closed_segments_test)

BOOST_FIXTURE_TEST_CASE(a_segment_is_closed_without_a_sync, files_root) {
    trail_session session(root, with_few_files(), system);
    append(session, 1, 2 * categories);
    system.forget_calls();
    append(session, 2 * categories + 1, 10 * categories);
    BOOST_TEST(system.count(call_kind::sync) == 0U);
    session.close();
    BOOST_TEST(!session.error, session.error.message());
    for (std::uint64_t n = 0; n != categories; ++n) {
        BOOST_TEST(read_file(segment(n)) == lines_of("c" + std::to_string(n), 10 * categories));
    }
}

BOOST_FIXTURE_TEST_CASE(p01_lines_survive_a_writeback_whose_failure_nobody_was_told, simulated_root) {
    trail_session session("/trail", with_few_files(), disk);
    disk.lose_when_closed(true);
    append(session, 1, 2000);
    BOOST_TEST(session.store().log_use().clearings > 0U);
    session.close();
    BOOST_TEST(!session.error, session.error.message());
    disk.cut_power(simulated_disk::loss::any);
    expect_all(2000);
}

BOOST_FIXTURE_TEST_CASE(p01_a_power_cut_restores_the_lines_of_closed_segments, simulated_root) {
    {
        trail_session session("/trail", with_few_files(), disk);
        disk.lose_when_closed(true);
        append(session, 1, 100);
        disk.lose_when_closed(false);
    }
    disk.cut_power(simulated_disk::loss::ordered);
    trail_session next("/trail", with_few_files(), disk);
    BOOST_TEST_REQUIRE(next.is_open(), next.error.message());
    BOOST_TEST(next.store().next_id() == 101U);
    expect_all(100);
}

BOOST_FIXTURE_TEST_CASE(p11_a_file_in_the_place_of_a_closed_segment_is_left_alone, files_root) {
    trail_session session(root, with_few_files());
    append(session, 1, 4 * categories);
    fs::remove(segment(1));
    fs::remove(segment(2));
    write_file(segment(2), "another file\n");
    fs::resize_file(segment(3), 10);
    session.close();
    BOOST_TEST(!session.error, session.error.message());
    BOOST_TEST(!fs::exists(segment(1)));
    BOOST_TEST(read_file(segment(2)) == "another file\n");
    BOOST_TEST(fs::file_size(segment(3)) == 10U);
    BOOST_TEST(read_file(segment(4)) == lines_of("c4", 4 * categories));
}

BOOST_FIXTURE_TEST_CASE(p01_a_closed_segment_with_another_link_is_synced, files_root) {
    trail_session session(root, with_few_files(), system);
    append(session, 1, 4 * categories);
    fs::create_hard_link(segment(3), directory.path() / "copy");
    system.forget_calls();
    session.close();
    BOOST_TEST(!session.error, session.error.message());
    BOOST_TEST(called(call_kind::sync, "d/c3/audit-000001.jsonl"));
    BOOST_TEST(!called(call_kind::write_at, "d/c3/audit-000001.jsonl"));
    BOOST_TEST(called(call_kind::write_at, "d/c4/audit-000001.jsonl"));
}

BOOST_FIXTURE_TEST_CASE(a_closed_segment_without_access_does_not_keep_the_writer_busy, files_root) {
    trail_session session(root, with_few_files(), system);
    append(session, 1, 4 * categories);
    system.fail_when([](auto const& call, std::size_t) {
        bool const is_denied = call.kind == call_kind::open_file && call.path == "d/c3/audit-000001.jsonl";
        return faulty_file_system::fault{is_denied ? EACCES : 0};
    });
    system.forget_calls();
    for (int n = 0; n != 900; ++n) session.append("d", "c4");
    BOOST_TEST(!session.error, session.error.message());
    BOOST_TEST(called(call_kind::write_at, "d/c4/audit-000001.jsonl"));
    BOOST_TEST(session.store().log_use().clearings == 0U);
    auto const made = system.calls();
    auto const attempts = std::ranges::count_if(made, [](auto const& call) {
        return call.kind == call_kind::open_file && call.path == "d/c3/audit-000001.jsonl";
    });
    BOOST_TEST(attempts <= 2);  // for writing, then for reading
}

BOOST_FIXTURE_TEST_CASE(p05_a_failed_sync_of_a_closed_segment_is_final, files_root) {
    {
        trail_session session(root, with_few_files(), system);
        append(session, 1, 4 * categories);
        system.fail_when([](auto const& call, std::size_t) {
            return faulty_file_system::fault{call.kind == call_kind::sync ? EIO : 0};
        });
        session.close();
        BOOST_TEST((session.error == boost::system::errc::io_error), session.error.message());
        BOOST_TEST(session.store().failure().failed());
        system.fail_nothing();
    }
    fs::remove(segment(3));
    trail_session next(root, with_few_files());
    BOOST_TEST(next.store().next_id() == 4 * categories + 1);
    BOOST_TEST(read_file(segment(3)) == lines_of("c3", 4 * categories));
}

BOOST_FIXTURE_TEST_CASE(p04_a_close_needs_no_more_descriptors_than_the_appends, files_root) {
    trail_session session(root, with_few_files(), system);
    append(session, 1, 4 * categories);
    system.limit_handles(system.open_handles());
    session.close();
    BOOST_TEST(!session.error, session.error.message());
    BOOST_TEST(!session.store().failure());
}

BOOST_FIXTURE_TEST_CASE(p06_a_close_without_descriptors_leaves_the_lines_in_the_log, files_root) {
    {
        trail_session session(root, with_few_files(), system);
        append(session, 1, 4 * categories);
        system.fail_when([](auto const& call, std::size_t) {
            return faulty_file_system::fault{call.kind == call_kind::open_file ? EMFILE : 0};
        });
        session.close();
        BOOST_TEST((session.error == boost::system::errc::too_many_files_open), session.error.message());
        system.fail_nothing();
    }
    fs::remove(segment(3));
    trail_session next(root, with_few_files());
    BOOST_TEST(!next.report.clean);
    BOOST_TEST(read_file(segment(3)) == lines_of("c3", 4 * categories));
}

BOOST_FIXTURE_TEST_CASE(p05_a_log_that_another_program_cut_short_stops_the_writer, files_root) {
    trail_session session(root, with_few_files());
    append(session, 1, 4 * categories);
    fs::resize_file(root / ".commit-log", 4096);
    BOOST_TEST((session.append("d", "c0") == commit_result::failed));
    BOOST_TEST(session.store().failure().failed());
}

BOOST_FIXTURE_TEST_CASE(p14_a_removed_log_loses_no_line_of_a_closed_segment, files_root) {
    trail_session session(root, with_few_files());
    append(session, 1, 4 * categories);
    fs::remove(root / ".commit-log");
    append(session, 4 * categories + 1, 8 * categories);
    session.crash();
    trail_session next(root, with_few_files());
    BOOST_TEST(next.report.findings.empty());
    for (std::uint64_t n = 0; n != categories; ++n) {
        BOOST_TEST(read_file(segment(n)) == lines_of("c" + std::to_string(n), 8 * categories));
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace audit_trail::storage::closed_segments_test
