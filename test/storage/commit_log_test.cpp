// Checks how a store uses the commit log, and what the next opening restores from it.
#include <boost/asio/io_context.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <cstdlib>

#include "print.hpp"
#include "root_fixture.hpp"
#include "storage/index_file.hpp"
#include "storage/layout.hpp"
#include "storage/recovery.hpp"
#include "storage/root_lock.hpp"
#include "support/trail_files.hpp"
#include "trail_session.hpp"

namespace audit_trail::storage::commit_log_test {
namespace {

using namespace test;
namespace fs = std::filesystem;
using kind_type = recovery_finding::kind_type;

writer_options with_log(std::size_t bytes = 64 * 1024) {
    writer_options options;
    options.commit_log_bytes = bytes;
    return options;
}

struct logged_root : root_fixture {
    fs::path const log = root / ".commit-log";
    fs::path const a = root / "d/a/audit-000001.jsonl";
    fs::path const b = root / "d/b/audit-000001.jsonl";

    /// Two events make the log, the next ones are only in the log and in the page cache.
    void fill(trail_session& session) {
        session.append("d", "a");  // 1, synced in its segment; the log is prepared
        session.append("d", "a");  // 2
        session.append("d", "b");  // 3, in a segment and a directory that are not synced
        session.append("d", "a");  // 4
    }
    void fill_and_crash() {
        trail_session session(root, with_log());
        fill(session);
        BOOST_TEST(session.store().log_use().writes == 3U);
        session.crash();
    }
    std::vector<recovery_finding> reopen(writer_options const& options = with_log()) {
        trail_session session(root, options);
        BOOST_REQUIRE_MESSAGE(session.is_open(), session.error.message());
        next_id = session.store().next_id();
        auto findings = session.report.findings;
        session.close();
        BOOST_TEST(!session.error, session.error.message());
        return findings;
    }
    std::size_t count(std::vector<recovery_finding> const& findings, kind_type kind) const {
        return static_cast<std::size_t>(std::ranges::count(findings, kind, &recovery_finding::kind));
    }

    recovery_finding unusable(std::vector<recovery_finding> const& findings) const {
        auto const found = std::ranges::find(findings, kind_type::unusable_log, &recovery_finding::kind);
        BOOST_REQUIRE(found != findings.end());
        return *found;
    }
    bool loses(std::vector<recovery_finding> const& findings, std::uint64_t id) const {
        return std::ranges::any_of(findings, [&](auto const& each) {
            return each.kind == kind_type::lost_ids && each.first_id <= id && id <= each.last_id;
        });
    }

    /// Opening fails after it moved the log.
    void open_until_the_log_is_moved() {
        system.fail_when([](auto const& call, std::size_t) {
            return faulty_file_system::fault{call.kind == call_kind::write_at && call.path == ".lock" ? EIO : 0};
        });
        BOOST_TEST(!trail_session(root, with_log(), system).is_open());
        BOOST_TEST(fs::exists(root / ".broken/commit-log.1"));
    }

    /// Returns the position of the record that has these lines.
    std::size_t position_of_record(std::string const& lines) const {
        auto const text = read_file(log);
        auto const head = text.substr(16, 8);
        return text.rfind(head, text.find(lines)) - 8;
    }
    void overwrite(fs::path const& path, std::size_t offset, std::string const& bytes) const {
        auto text = read_file(path);
        write_file(path, text.replace(offset, bytes.size(), bytes));
    }

    std::uint64_t next_id = 0;
    std::string const all_a = line_of(1) + line_of(2) + line_of(4);
    std::string const all_b = line_of(3);
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(commit_log_test, logged_root)

BOOST_AUTO_TEST_CASE(p01_a_batch_of_many_categories_is_one_synced_write) {
    trail_session session(root, with_log(), system);
    fill(session);
    system.forget_calls();
    for (auto const* const name : {"a", "b", "c", "e"}) session.add("d", name);
    session.commit();
    BOOST_TEST(system.count(call_kind::write_at_synced) == 1U);
    BOOST_TEST(system.count(call_kind::sync) == 0U);
    BOOST_TEST(session.store().synced_through() == 8U);
}

BOOST_AUTO_TEST_CASE(events_that_are_only_written_create_no_log) {
    trail_session session(root, with_log());
    for (int n = 0; n != 5; ++n) session.append("d", "a", durability::written);
    session.close();
    BOOST_TEST(!fs::exists(log));
}

BOOST_AUTO_TEST_CASE(the_log_has_the_documented_format) {
    fill_and_crash();
    auto const output = (directory.path() / "output").string();
    std::string const script = TEST_DATA_DIR "/../storage/read_commit_log.py";
    int const status = std::system(("python3 " + script + " " + log.string() + " > " + output).c_str());
    if (WEXITSTATUS(status) == 127) {
        BOOST_TEST_MESSAGE("skipped: python3 is not installed");
        return;
    }
    BOOST_TEST(status == 0);
    std::string text = read_file(output);
    text.erase(0, text.find('\n') + 1);
    BOOST_TEST(text == "d/a/audit-000001.jsonl 21 " + line_of(2) + "d/b/audit-000001.jsonl 0 " + line_of(3) +
                           "d/a/audit-000001.jsonl 42 " + line_of(4));
}

BOOST_AUTO_TEST_CASE(p01_lines_that_a_power_cut_took_are_restored) {
    fill_and_crash();
    fs::resize_file(a, line_of(1).size());
    fs::remove_all(root / "d/b");
    auto const findings = reopen();
    BOOST_TEST(read_file(a) == all_a);
    BOOST_TEST(read_file(b) == all_b);
    BOOST_TEST(next_id == 5U);
    BOOST_TEST(count(findings, kind_type::restored_lines) == 2U);
    BOOST_TEST(findings.size() == 2U);
    BOOST_TEST(reopen().empty());
}

BOOST_AUTO_TEST_CASE(p01_torn_and_zeroed_lines_are_restored) {
    fill_and_crash();
    fs::resize_file(a, line_of(1).size() + 5);
    write_file(b, std::string(line_of(3).size(), '\0'));
    BOOST_TEST(count(reopen(), kind_type::restored_lines) == 2U);
    BOOST_TEST(read_file(a) == all_a);
    BOOST_TEST(read_file(b) == all_b);
}

BOOST_AUTO_TEST_CASE(a_dry_run_lists_what_would_be_restored_and_changes_nothing) {
    fill_and_crash();
    fs::resize_file(a, line_of(1).size() + 5);
    error_code ec;
    auto const planned = plan_recovery(posix_file_system(), root, ec);
    BOOST_TEST(!ec);
    BOOST_TEST(planned.findings.size() == 1U);
    BOOST_TEST(count(planned.findings, kind_type::restored_lines) == 1U);
    BOOST_TEST(planned.last_event_id == 4U);
    BOOST_TEST(fs::file_size(a) == line_of(1).size() + 5);
}

BOOST_AUTO_TEST_CASE(after_a_crash_without_loss_nothing_is_reported) {
    fill_and_crash();
    BOOST_TEST(reopen().empty());
    BOOST_TEST(read_file(a) == all_a);
}

BOOST_AUTO_TEST_CASE(a_clean_close_leaves_an_empty_log) {
    {
        trail_session session(root, with_log());
        fill(session);
        session.close();
    }
    fs::resize_file(a, line_of(1).size());
    BOOST_TEST(count(reopen(), kind_type::restored_lines) == 0U);
    BOOST_TEST(fs::file_size(a) == line_of(1).size());
}

BOOST_AUTO_TEST_CASE(a_log_is_replayed_by_a_writer_that_uses_none) {
    fill_and_crash();
    fs::resize_file(a, line_of(1).size());
    reopen(with_log(0));
    BOOST_TEST(read_file(a) == all_a);
    BOOST_TEST(fs::file_size(log) == 0U);
}

BOOST_AUTO_TEST_CASE(unsynced_lines_before_a_synced_line_are_in_its_record) {
    {
        trail_session session(root, with_log());
        fill(session);
        session.append("d", "a", durability::written);  // 5
        session.append("d", "a", durability::written);  // 6
        session.append("d", "a");                       // 7
        session.crash();
    }
    fs::resize_file(a, line_of(1).size());
    reopen();
    BOOST_TEST(read_file(a) == all_a + line_of(5) + line_of(6) + line_of(7));
}

BOOST_AUTO_TEST_CASE(p04_a_batch_whose_index_cannot_be_written_is_not_replayed) {
    {
        trail_session session(root, with_log(), system);
        fill(session);
        system.fail_when([](auto const& call, std::size_t) {
            bool const is_index = call.kind == call_kind::write_at && call.path == "index.json";
            return faulty_file_system::fault{is_index ? ENOSPC : 0};
        });
        BOOST_TEST(session.append("d", "a") == commit_result::cut_back);
        system.fail_nothing();
        session.crash();
    }
    BOOST_TEST(reopen().empty());
    BOOST_TEST(read_file(a) == all_a);
    BOOST_TEST(next_id == 5U);
}

BOOST_AUTO_TEST_CASE(p05_a_failed_write_of_the_log_is_final) {
    trail_session session(root, with_log(), system);
    fill(session);
    system.fail_when([](auto const& call, std::size_t) {
        return faulty_file_system::fault{call.kind == call_kind::write_at_synced ? EIO : 0};
    });
    BOOST_TEST(session.append("d", "a") == commit_result::failed);
    system.fail_nothing();
    BOOST_TEST(session.append("d", "a") == commit_result::failed);
}

BOOST_AUTO_TEST_CASE(clearing_frees_the_log_and_an_unfinished_ring_begins_again) {
    trail_session session(root, with_log(8 * 1024));
    for (int n = 0; n != 200; ++n) session.append("d", n % 2 == 0 ? "a" : "b");
    BOOST_TEST(session.store().log_use().full == 0U);
    BOOST_TEST(session.store().log_use().clearings > 5U);
    session.crash();
    fs::resize_file(a, fs::file_size(a) - line_of(199).size());
    reopen();
    BOOST_TEST(read_trail(root).size() == 200U);
}

BOOST_AUTO_TEST_CASE(a_record_larger_than_the_log_syncs_its_segments) {
    trail_session session(root, with_log(8 * 1024));
    fill(session);
    std::string const long_tail = ",\"x\":\"" + std::string(8 * 1024, 'x') + "\"}\n";
    BOOST_TEST(session.append("d", "a", durability::synced, long_tail) == commit_result::committed);
    BOOST_TEST(session.store().log_use().full == 1U);
    session.crash();
    BOOST_TEST(reopen().empty());
}

BOOST_AUTO_TEST_CASE(p04_a_log_that_cannot_be_created_is_done_without) {
    system.fail_when([](auto const& call, std::size_t) {
        return faulty_file_system::fault{call.path == ".commit-log" && call.kind == call_kind::write_at ? ENOSPC : 0};
    });
    trail_session session(root, with_log(), system);
    for (int n = 0; n != 4; ++n) BOOST_TEST(session.append("d", "a") == commit_result::committed);
    BOOST_TEST(session.store().log_use().writes == 0U);
    BOOST_TEST(session.store().log_use().unavailable > 0U);
    BOOST_TEST(fs::file_size(log) == 0U);
}

BOOST_AUTO_TEST_CASE(p11_a_link_in_place_of_the_log_is_not_followed) {
    auto const outside = directory.path() / "outside";
    write_file(outside, "mine");
    fs::create_directories(root);
    fs::create_symlink(outside, log);
    trail_session session(root, with_log());
    for (int n = 0; n != 4; ++n) BOOST_TEST(session.append("d", "a") == commit_result::committed);
    session.close();
    BOOST_TEST(read_file(outside) == "mine");
    BOOST_TEST(fs::is_symlink(log));
}

BOOST_AUTO_TEST_CASE(garbage_in_place_of_the_log_is_moved_and_reported) {
    fill_and_crash();
    write_file(log, "not a log");
    auto const findings = reopen();
    BOOST_REQUIRE(count(findings, kind_type::unusable_log) == 1U);
    BOOST_TEST(findings.front().saved_as == ".broken/commit-log.1");
    BOOST_TEST(read_file(root / ".broken/commit-log.1") == "not a log");
    BOOST_TEST(read_file(a) == all_a);
}

BOOST_AUTO_TEST_CASE(p02_records_after_a_damaged_record_are_restored_and_no_id_is_given_again) {
    fill_and_crash();
    auto const damaged = position_of_record(line_of(2));
    overwrite(log, damaged + 60, "X");
    fs::remove_all(root / "d/b");
    write_file(root / "index.json", format_index(1));  // as a power cut may leave it
    auto const findings = reopen();
    BOOST_TEST(read_file(a) == all_a);
    BOOST_TEST(read_file(b) == all_b);
    BOOST_TEST(next_id == 5U);
    BOOST_TEST(unusable(findings).reason.find("damaged at offset " + std::to_string(damaged)) != std::string::npos);
    BOOST_TEST(unusable(findings).saved_as == ".broken/commit-log.1");
    BOOST_TEST(fs::exists(root / ".broken/commit-log.1"));
    BOOST_TEST(count(findings, kind_type::lost_ids) == 0U);
    BOOST_TEST(!fs::exists(root / ".broken/commit-log.1.jsonl"));
}

BOOST_AUTO_TEST_CASE(p02_lines_of_a_damaged_record_are_lost_and_later_lines_are_saved) {
    for (auto const state : {end_state::open, end_state::written}) {
        fs::remove_all(root);
        fill_and_crash();
        auto const lock = parse_lock_record(read_file(root / ".lock"));
        BOOST_REQUIRE(lock.has_value());
        write_file(root / ".lock", format_lock_record({state, lock->synced_through, 1, lock->log_generation}));
        overwrite(log, position_of_record(line_of(2)) + 60, "X");
        fs::resize_file(a, line_of(1).size());
        fs::remove_all(root / "d/b");
        auto const findings = reopen();
        BOOST_TEST(read_file(a) == line_of(1));
        BOOST_TEST(read_file(b) == all_b);
        BOOST_TEST(next_id == 5U);
        BOOST_TEST(loses(findings, 2));
        BOOST_TEST(!loses(findings, 3));
        BOOST_TEST(loses(findings, 4));
        BOOST_TEST(count(findings, kind_type::unrestored_lines) == 1U);
        BOOST_TEST(read_file(root / ".broken/commit-log.1.jsonl") == line_of(4));
        BOOST_TEST(unusable(findings).reason.find(".broken/commit-log.1.jsonl") != std::string::npos);
        BOOST_TEST(count(reopen(), kind_type::unusable_log) == 0U);
    }
}

BOOST_AUTO_TEST_CASE(p02_a_damaged_record_after_the_ring_began_again) {
    trail_session session(root, with_log(8 * 1024));
    while (session.store().log_use().clearings < 7) session.append("d", "a");
    for (int n = 0; n != 3; ++n) session.append("d", "b");
    auto const last = session.store().next_id() - 1;
    session.crash();
    overwrite(log, position_of_record(line_of(last - 1)) + 45, "X");
    write_file(root / "index.json", format_index(1));
    fs::resize_file(b, line_of(last).size());
    auto const findings = reopen();
    BOOST_TEST(next_id == last + 1);
    BOOST_TEST(loses(findings, last - 1));
    BOOST_TEST(loses(findings, last));
}

BOOST_AUTO_TEST_CASE(p02_a_log_with_a_damaged_header_restores_nothing_and_no_id_is_given_again) {
    for (auto const& header : {std::string(48, '\0'), std::string("garbage")}) {
        fs::remove_all(root);
        fill_and_crash();
        overwrite(log, 0, header);
        fs::resize_file(a, line_of(1).size());
        write_file(root / "index.json", format_index(1));
        auto const findings = reopen();
        BOOST_TEST(read_file(a) == line_of(1));
        BOOST_TEST(next_id == 5U);
        BOOST_TEST(loses(findings, 2));
        BOOST_TEST(loses(findings, 4));
        BOOST_TEST(unusable(findings).reason.find("header") != std::string::npos);
        BOOST_TEST(fs::exists(root / ".broken/commit-log.1"));
        BOOST_TEST(read_file(root / ".broken/commit-log.1.jsonl") == line_of(2) + line_of(4));
    }
}

BOOST_AUTO_TEST_CASE(a_log_that_was_zeroed_is_reported_and_stays) {
    fill_and_crash();
    write_file(log, std::string(fs::file_size(log), '\0'));
    auto const findings = reopen();
    BOOST_TEST(unusable(findings).reason.find("zeros") != std::string::npos);
    BOOST_TEST(unusable(findings).saved_as == "");
    BOOST_TEST(!fs::exists(root / ".broken"));
}

BOOST_AUTO_TEST_CASE(p01_without_a_lock_record_a_log_that_fits_the_segments_is_replayed) {
    for (auto const& content : {"", "garbage"}) {
        fs::remove_all(root);
        fill_and_crash();
        write_file(root / ".lock", content);
        fs::resize_file(a, line_of(1).size() + line_of(2).size());
        fs::remove_all(root / "d/b");
        auto const findings = reopen();
        BOOST_TEST(count(findings, kind_type::unusable_log) == 0U);
        BOOST_TEST(count(findings, kind_type::restored_lines) == 2U);
        BOOST_TEST(read_file(a) == all_a);
        BOOST_TEST(read_file(b) == all_b);
        BOOST_TEST(next_id == 5U);
    }
}

BOOST_AUTO_TEST_CASE(without_a_lock_record_a_log_that_does_not_fit_is_moved_and_its_lines_are_saved) {
    std::string const edited = "{\"event_id\":1,\"n\":2}\n{\"event_id\":2,\"n\":3}\n";
    for (auto const& content : {edited, line_of(1)}) {  // contradicts the log; proves nothing
        fs::remove_all(root);
        fill_and_crash();
        fs::remove(root / ".lock");
        fs::remove_all(root / "d/b");
        write_file(a, content);
        auto const finding = unusable(reopen());
        BOOST_TEST(finding.reason.find(".lock is missing or damaged") != std::string::npos);
        BOOST_TEST(read_file(a) == content);
        BOOST_TEST(!fs::exists(b));
        BOOST_TEST(fs::exists(root / ".broken/commit-log.1"));
        BOOST_TEST(read_file(root / ".broken/commit-log.1.jsonl") == line_of(2) + line_of(4) + line_of(3));
    }
}

BOOST_AUTO_TEST_CASE(p06_the_mark_of_a_cut_keeps_the_generation_of_the_log) {
    fill_and_crash();
    append_to_file(a, "torn");
    auto const before = parse_lock_record(read_file(root / ".lock"));
    system.fail_when([](auto const& call, std::size_t) {
        return faulty_file_system::fault{call.kind == call_kind::truncate ? EIO : 0};
    });
    trail_session session(root, with_log(), system);
    BOOST_TEST(!session.is_open());
    auto const after = parse_lock_record(read_file(root / ".lock"));
    BOOST_TEST((after->state == end_state::cutting));
    BOOST_TEST(after->log_generation == before->log_generation);
}

BOOST_AUTO_TEST_CASE(a_missing_log_is_reported) {
    fill_and_crash();
    fs::remove(log);
    BOOST_TEST(count(reopen(), kind_type::unusable_log) == 1U);
    BOOST_TEST(reopen().empty());
    {
        trail_session session(root, with_log());
        for (int n = 0; n != 3; ++n) session.append("d", "a");
        session.crash();
    }
    fs::remove(log);
    reopen();
    auto const recorded = read_file(root / ".recovery.jsonl");
    auto const first = recorded.find("is missing");
    BOOST_TEST(recorded.find("is missing", first + 1) != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_truncated_log_restores_what_it_still_has) {
    fill_and_crash();
    fs::resize_file(a, line_of(1).size());
    fs::resize_file(log, first_log_position + 150);  // the first of three records
    reopen();
    BOOST_TEST(read_file(a).starts_with(line_of(1) + line_of(2)));
}

BOOST_AUTO_TEST_CASE(a_log_of_another_trail_is_not_replayed) {
    fill_and_crash();
    auto const other = directory.path() / "other";
    {
        trail_session session(other, with_log());
        for (int n = 0; n != 6; ++n) session.append("d", "other");
        session.crash();
    }
    fs::copy_file(other / ".commit-log", log, fs::copy_options::overwrite_existing);
    BOOST_TEST(count(reopen(), kind_type::unusable_log) == 1U);
    BOOST_TEST(!fs::exists(root / "d/other"));
    BOOST_TEST(read_file(a) == all_a);
}

BOOST_AUTO_TEST_CASE(a_log_of_an_older_copy_is_not_replayed) {
    fill_and_crash();
    fs::copy_file(log, directory.path() / "older");
    {
        trail_session session(root, with_log());
        for (int n = 0; n != 3; ++n) session.append("d", "a");
        session.crash();
    }
    fs::remove(log);
    fs::copy_file(directory.path() / "older", log);
    BOOST_TEST(count(reopen(), kind_type::unusable_log) == 1U);
    BOOST_TEST(read_trail(root).size() == 7U);
}

BOOST_AUTO_TEST_CASE(a_segment_that_was_cut_short_is_left_alone_and_the_log_is_kept) {
    fill_and_crash();
    fs::resize_file(a, 0);
    auto const findings = reopen();
    BOOST_TEST(count(findings, kind_type::unrestored_lines) == 1U);
    BOOST_TEST(fs::file_size(a) == 0U);
    BOOST_TEST(fs::exists(root / ".broken/commit-log.1"));
    BOOST_TEST(read_file(root / ".broken/commit-log.1.jsonl") == line_of(2) + line_of(4));
    BOOST_TEST(count(findings, kind_type::lost_ids) > 0U);
}

BOOST_AUTO_TEST_CASE(p06_a_log_that_an_interrupted_opening_moved_is_not_missing) {
    fill_and_crash();
    fs::resize_file(a, 0);
    open_until_the_log_is_moved();
    auto const findings = reopen();
    BOOST_TEST(count(findings, kind_type::unusable_log) == 0U);
    BOOST_TEST(loses(findings, 4));
}

BOOST_AUTO_TEST_CASE(p06_a_log_with_a_damaged_header_that_an_interrupted_opening_moved_is_not_missing) {
    fill_and_crash();
    overwrite(log, 40, "X");
    open_until_the_log_is_moved();
    BOOST_TEST(count(reopen(), kind_type::unusable_log) == 0U);
}

BOOST_AUTO_TEST_CASE(p05_after_a_failed_sync_the_log_keeps_its_lines) {
    boost::asio::io_context context;
    detail::disk_pool pool(context.get_executor(), 1);
    std::size_t acknowledged = 0;
    {
        trail_session session(root, with_log(8 * 1024), system, &pool);
        for (; session.store().log_use().bytes < 3000; context.restart()) {
            BOOST_TEST_REQUIRE(session.append("d", "a") == commit_result::committed);
            ++acknowledged;
            if (session.store().log_use().bytes < 1500) context.poll();
        }
        system.fail_nth(call_kind::sync, 1, EIO);
        std::string const long_tail = ",\"x\":\"" + std::string(70'000, 'x') + "\"}\n";
        BOOST_TEST(session.append("d", "a", durability::synced, long_tail) == commit_result::failed);
        context.poll();
        session.crash();
    }
    context.restart();
    context.poll();
    fs::resize_file(a, line_of(1).size());
    reopen();
    BOOST_TEST(read_trail(root).size() >= acknowledged);
}

BOOST_AUTO_TEST_CASE(p07_a_writer_that_failed_does_not_touch_the_log_of_the_next) {
    boost::asio::io_context context;
    detail::disk_pool pool(context.get_executor(), 1);
    trail_session failed(root, with_log(8 * 1024), system, &pool);
    for (; failed.store().log_use().bytes < 3000; context.restart()) {
        failed.append("d", "a");
        if (failed.store().log_use().bytes < 1500) context.poll();
    }
    system.fail_nth(call_kind::write_at_synced, 1, EIO);
    BOOST_TEST(failed.append("d", "a") == commit_result::failed);
    system.fail_nothing();
    failed.close();
    {
        trail_session next(root, with_log(8 * 1024));
        BOOST_TEST_REQUIRE(next.is_open());
        for (int n = 0; n != 4; ++n) next.append("d", "b");
        next.crash();
    }
    context.poll();
    auto const whole = read_file(b);
    fs::resize_file(b, whole.find('\n') + 1);  // the first line was synced, the others were logged
    BOOST_TEST(count(reopen(), kind_type::unusable_log) == 0U);
    BOOST_TEST(read_file(b) == whole);
}

BOOST_AUTO_TEST_CASE(an_edited_segment_is_left_alone) {
    fill_and_crash();
    std::string const edited =
        "{\"event_id\":3,\"x\":1}\n"
        "{\"event_id\":4,\"y\":22}\n";
    write_file(b, edited);
    BOOST_TEST(count(reopen(), kind_type::unrestored_lines) == 1U);
    BOOST_TEST(read_file(b) == edited);
}

BOOST_AUTO_TEST_CASE(a_segment_with_another_link_that_lacks_nothing_is_no_finding) {
    fill_and_crash();
    fs::create_hard_link(a, directory.path() / "link");
    BOOST_TEST(reopen().empty());
}

BOOST_AUTO_TEST_CASE(large_records_use_an_empty_log_from_its_beginning) {
    trail_session session(root, with_log(8 * 1024));
    std::string const long_tail = ",\"x\":\"" + std::string(3000, 'x') + "\"}\n";
    for (int n = 0; n != 100; ++n) session.append("d", "a", durability::synced, long_tail);
    BOOST_TEST(session.store().log_use().full < 5U);
    session.crash();
    BOOST_TEST(reopen().empty());
}

BOOST_AUTO_TEST_CASE(p14_a_log_that_was_removed_is_noticed_and_begun_again) {
    {
        trail_session session(root, with_log());
        fill(session);
        fs::remove(log);
        for (int n = 0; n != 4; ++n) BOOST_TEST(session.append("d", "b") == commit_result::committed);
        BOOST_TEST(fs::exists(log));
        session.crash();
    }
    fs::resize_file(b, fs::file_size(b) - line_of(8).size());
    BOOST_TEST(count(reopen(), kind_type::restored_lines) == 1U);
    BOOST_TEST(read_trail(root).size() == 8U);
}

BOOST_AUTO_TEST_CASE(a_segment_that_was_replaced_is_left_alone) {
    fill_and_crash();
    write_file(b, line_of(99));
    BOOST_TEST(count(reopen(), kind_type::unrestored_lines) == 1U);
    BOOST_TEST(read_file(b) == line_of(99));
}

BOOST_AUTO_TEST_CASE(a_flush_syncs_only_lines_that_are_not_in_the_log) {
    trail_session session(root, with_log(), system);
    fill(session);
    system.forget_calls();
    session.store().sync_all(session.error);
    BOOST_TEST(system.count(call_kind::sync) == 0U);
    session.append("d", "a", durability::written);
    session.store().sync_all(session.error);
    BOOST_TEST(called(call_kind::sync, "d/a/audit-000001.jsonl"));
    BOOST_TEST(!called(call_kind::sync, "d/b/audit-000001.jsonl"));
    BOOST_TEST(session.store().synced_through() == 5U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace audit_trail::storage::commit_log_test
