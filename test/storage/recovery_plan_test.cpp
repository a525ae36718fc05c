#include "storage/recovery.hpp"

#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <functional>
#include <map>

#include "print.hpp"
#include "root_fixture.hpp"
#include "storage/recovery_log.hpp"

namespace audit_trail::storage::recovery_plan_test {
namespace {

using namespace test;
namespace fs = std::filesystem;

/// Every file with its content, every directory with none.
std::map<std::string, std::string> snapshot(fs::path const& root) {
    std::map<std::string, std::string> found;
    for (auto const& place : fs::recursive_directory_iterator(root)) {
        found[place.path().string()] = place.is_regular_file() ? read_file(place.path()) : "";
    }
    return found;
}

std::vector<std::string> texts_of(recovery_report const& report) {
    std::vector<std::string> texts;
    for (auto finding : report.findings) {
        finding.time = 0;
        texts.push_back(format_finding(finding));
    }
    return texts;
}

struct planned_trail : root_fixture {
    fs::path const a = root / "d/a/audit-000001.jsonl";

    planned_trail() {
        trail_session session(root);
        for (char const* const name : {"a", "b", "a", "b"}) session.append("d", name);
        session.crash();
    }

    recovery_report plan() {
        error_code ec;
        recovery_report report = plan_recovery(system, root, ec);
        BOOST_TEST(!ec, ec.message());
        return report;
    }

    /// Checks that the plan equals the report of the next opening, and that planning changes nothing.
    void check_plan(std::size_t findings) {
        auto const before = snapshot(root);
        system.forget_calls();
        recovery_report const planned = plan();
        BOOST_TEST((snapshot(root) == before));
        using enum call_kind;
        for (auto const kind : {append, write_at, truncate, sync, rename, make_directory, lock}) {
            BOOST_TEST(system.count(kind) == 0u);
        }
        BOOST_TEST(system.open_handles() == 0u);

        trail_session const session(root);
        BOOST_REQUIRE(session.is_open());
        BOOST_TEST(planned.findings.size() == findings);
        BOOST_TEST(texts_of(planned) == texts_of(session.report), boost::test_tools::per_element());
        BOOST_TEST(planned.created == session.report.created);
        BOOST_TEST(planned.clean == session.report.clean);
        BOOST_TEST(planned.last_event_id == session.report.last_event_id);
    }
};

BOOST_FIXTURE_TEST_SUITE(planning_a_recovery, planned_trail)

BOOST_AUTO_TEST_CASE(after_a_crash_that_tore_nothing) {
    check_plan(0);
}

BOOST_AUTO_TEST_CASE(after_a_clean_end) {
    trail_session session(root);
    session.close();
    BOOST_TEST(plan().clean);
    check_plan(0);
}

BOOST_AUTO_TEST_CASE(torn_tails_unused_ids_and_an_unacknowledged_line) {
    append_to_file(a, line_of(6) + "{\"event_id\":7");
    append_to_file(root / "d/b/audit-000001.jsonl", std::string(5000, '\0'));
    check_plan(3);
}

BOOST_AUTO_TEST_CASE(an_index_that_is_ahead) {
    write_file(root / "index.json", format_index(17));
    check_plan(1);
}

BOOST_AUTO_TEST_CASE(a_torn_segment_with_another_link) {
    append_to_file(a, "torn");
    fs::create_hard_link(a, directory.path() / "other");
    check_plan(1);
}

BOOST_AUTO_TEST_CASE(without_lock_and_index) {
    append_to_file(a, "torn");
    fs::remove(root / ".lock");
    fs::remove(root / "index.json");
    check_plan(1);
}

BOOST_AUTO_TEST_CASE(an_empty_directory_stays_empty) {
    fs::remove_all(root);
    fs::create_directory(root);
    check_plan(0);
}

BOOST_AUTO_TEST_CASE(the_name_of_the_copy_is_the_first_that_would_be_tried) {
    append_to_file(a, "torn");
    write_file(root / ".broken/d/a" / ("audit-000001.jsonl." + std::to_string(fs::file_size(a) - 4)), "other");
    std::string const planned = plan().findings.at(0).saved_as;
    trail_session const session(root);
    BOOST_TEST(session.report.findings.at(0).saved_as == planned + ".2");
}

BOOST_AUTO_TEST_CASE(an_absent_root_is_not_created) {
    error_code ec;
    plan_recovery(system, directory.path() / "nowhere", ec);
    BOOST_TEST(is_errno(ec, ENOENT));
    BOOST_TEST(!fs::exists(directory.path() / "nowhere"));
}

BOOST_AUTO_TEST_CASE(a_root_with_a_writer_is_left_alone) {
    trail_session const session(root);
    error_code ec;
    auto const report = plan_recovery(system, root, ec);
    BOOST_TEST(ec == make_error_code(error::locked));
    BOOST_TEST(report.findings.empty());
}

BOOST_AUTO_TEST_CASE(a_file_that_cannot_be_written_is_an_obstacle) {
    append_to_file(a, "torn");
    auto const number_of_opens = [&](std::string const& path) {
        system.forget_calls();
        plan();
        auto const made = system.calls();
        return std::ranges::count_if(
            made, [&](auto const& call) { return call.kind == call_kind::open_file && call.path == path; });
    };
    for (auto const* const path : {".lock", "index.json", ".recovery.jsonl", "d/a/audit-000001.jsonl"}) {
        auto left = number_of_opens(path);  // the last one is for writing
        system.fail_when([&](auto const& call, std::size_t) {
            bool const is_it = call.kind == call_kind::open_file && call.path == path;
            return faulty_file_system::fault{is_it && --left == 0 ? EPERM : 0};
        });
        auto const planned = plan();
        system.fail_nothing();
        BOOST_REQUIRE(planned.obstacle.has_value());
        BOOST_TEST(planned.obstacle->path == path);
        BOOST_TEST(is_errno(planned.obstacle->reason, EPERM));
        BOOST_TEST(planned.findings.size() == 1U);
    }
    BOOST_TEST(!plan().obstacle);
}

BOOST_AUTO_TEST_CASE(an_unreadable_file_is_an_error) {
    for (auto const kind : {call_kind::open_root, call_kind::open_directory, call_kind::open_file, call_kind::read_at,
                            call_kind::list, call_kind::status, call_kind::status_at}) {
        for (std::size_t n = 1;; ++n) {
            system.fail_nth(kind, n, EIO);
            error_code ec;
            auto const planned = plan_recovery(system, root, ec);
            bool const was_called = system.count(kind) >= n;
            system.forget_calls();
            if (!was_called) break;
            BOOST_REQUIRE(planned.obstacle.has_value());
            BOOST_TEST(is_errno(planned.obstacle->reason, EIO), "call " << n);
            if (ec) BOOST_TEST(is_errno(ec, EIO), "call " << n << ": " << ec.message());
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace audit_trail::storage::recovery_plan_test
