#include "storage/recovery.hpp"

#include <sys/stat.h>

#include <boost/json/parse.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <sstream>

#include "print.hpp"
#include "root_fixture.hpp"
#include "storage/index_file.hpp"

namespace audit_trail::storage::recovery_test {
namespace {

using namespace test;
using kind_type = recovery_finding::kind_type;
namespace fs = std::filesystem;
namespace json = boost::json;

/// A trail whose writer was killed, with two synced events in each of two categories.
struct crashed_trail : root_fixture {
    fs::path const a = root / "d/a/audit-000001.jsonl";
    fs::path const b = root / "d/b/audit-000001.jsonl";
    std::string const kept_a = line_of(1) + line_of(3);
    std::string const kept_b = line_of(2) + line_of(4);

    crashed_trail() { build({}); }

    void build(writer_options const& options) {
        trail_session session(root, options);
        for (char const* const name : {"a", "b", "a", "b"}) session.append("d", name);
        session.crash();
    }
    std::vector<json::object> log() const {
        std::vector<json::object> lines;
        std::istringstream text(read_file(root / ".recovery.jsonl"));
        for (std::string line; std::getline(text, line);) lines.push_back(json::parse(line).as_object());
        return lines;
    }
    std::vector<fs::path> copies() const {
        std::vector<fs::path> found;
        for (auto const& entry : fs::recursive_directory_iterator(root / ".broken")) {
            if (entry.is_regular_file()) found.push_back(entry.path());
        }
        return found;
    }
    struct id_record {
        std::string kind;
        std::uint64_t first_id;
        std::uint64_t last_id;

        friend bool operator==(id_record const&, id_record const&) = default;
        friend std::ostream& operator<<(std::ostream& out, id_record const& record) {
            return out << record.kind << ' ' << record.first_id << " to " << record.last_id;
        }
    };

    static void check_ids(trail_session const& session, std::vector<id_record> const& expected) {
        std::vector<id_record> found;
        for (auto const& finding : session.report.findings) {
            auto const line = json::parse(format_finding(finding)).as_object();
            found.push_back({std::string(line.at("kind").as_string()), finding.first_id, finding.last_id});
        }
        BOOST_TEST(found == expected, boost::test_tools::per_element());
    }

    void set_lock(end_state state, std::uint64_t synced_through, std::uint64_t began = 1) {
        write_file(root / ".lock", format_lock_record({state, synced_through, began}));
    }
};

BOOST_FIXTURE_TEST_SUITE(recovering, crashed_trail)

BOOST_AUTO_TEST_CASE(p06_a_torn_line_of_any_length_is_saved_recorded_and_cut_off) {
    std::string const torn = line_of(5);
    for (std::size_t length = 1; length < torn.size(); ++length) {
        BOOST_TEST_CONTEXT(length << " bytes") {
            fs::remove_all(root);
            build({});
            append_to_file(a, torn.substr(0, length));
            trail_session session(root);
            BOOST_REQUIRE(session.is_open());
            BOOST_TEST(!session.report.clean);
            BOOST_TEST(session.report.last_event_id == 4u);
            BOOST_REQUIRE(session.report.findings.size() == 1u);
            auto const& finding = session.report.findings[0];
            BOOST_TEST((finding.kind == kind_type::torn_tail));
            BOOST_TEST(finding.path == "d/a/audit-000001.jsonl");
            BOOST_TEST(finding.offset == kept_a.size());
            BOOST_TEST(finding.bytes == length);
            BOOST_TEST(read_file(root / finding.saved_as) == torn.substr(0, length));
            BOOST_TEST(finding.saved_as.starts_with(".broken/"));
            BOOST_TEST(read_file(a) == kept_a);

            auto const recorded = log();
            BOOST_REQUIRE(recorded.size() == 1u);
            BOOST_TEST(recorded[0].at("kind").as_string() == "torn_tail");
            BOOST_TEST(recorded[0].at("path").as_string() == finding.path);
            BOOST_TEST(recorded[0].at("offset").to_number<std::uint64_t>() == finding.offset);
            BOOST_TEST(recorded[0].at("bytes").to_number<std::uint64_t>() == finding.bytes);
            BOOST_TEST(recorded[0].at("saved_as").as_string() == finding.saved_as);
            BOOST_TEST(recorded[0].at("time").to_number<std::int64_t>() == finding.time);

            session.append("d", "a");
            BOOST_TEST(read_file(a) == kept_a + line_of(5));
        }
    }
}

BOOST_AUTO_TEST_CASE(p06_a_complete_line_is_kept_even_if_it_was_not_acknowledged) {
    append_to_file(a, line_of(5));
    trail_session session(root, {}, system);
    BOOST_TEST(session.report.findings.empty());
    BOOST_TEST(session.store().next_id() == 6u);
    BOOST_TEST(called(call_kind::sync, "d/a/audit-000001.jsonl"));
    BOOST_TEST(called(call_kind::sync, "d/a"));
    BOOST_TEST(!called(call_kind::sync, "d/b/audit-000001.jsonl"));
    BOOST_TEST(session.store().synced_through() == 5u);
}

BOOST_AUTO_TEST_CASE(p06_a_copy_that_a_full_disk_cut_short_is_completed_by_a_later_opening) {
    std::string const torn = line_of(5).substr(0, 12);
    append_to_file(a, torn);
    for (int opening = 0; opening < 5; ++opening) {
        std::size_t room = opening;  // for as many bytes of the copy
        system.fail_when([&](auto const& call, std::size_t) {
            bool const writes = call.kind == call_kind::append || call.kind == call_kind::write_at;
            if (!writes || !call.path.starts_with(".broken")) return faulty_file_system::fault{};
            if (room == 0) return faulty_file_system::fault{ENOSPC};
            return faulty_file_system::fault{0, std::exchange(room, 0)};
        });
        trail_session session(root, {}, system);
        BOOST_TEST(session.error == make_error_code(error::cannot_save_torn_tail));
        BOOST_TEST(copies().size() == 1u);
    }
    trail_session session(root);
    BOOST_REQUIRE(session.is_open());
    BOOST_TEST(read_file(root / session.report.findings.at(0).saved_as) == torn);
    BOOST_TEST(copies().size() == 1u);
}

BOOST_AUTO_TEST_CASE(p06_a_copy_with_other_bytes_is_left_alone) {
    std::string const torn = line_of(5).substr(0, 12);
    append_to_file(a, torn);
    fs::path const taken = root / ".broken/d/a" / ("audit-000001.jsonl." + std::to_string(kept_a.size()));
    for (std::string const& other : {std::string("other"), torn + "more"}) {
        write_file(taken, other);
        trail_session(root).crash();
        BOOST_TEST(read_file(taken) == other);
        BOOST_TEST(copies().size() == 2u);
        BOOST_TEST(read_file(taken.string() + ".2") == torn);
        append_to_file(a, torn);
    }
}

BOOST_AUTO_TEST_CASE(p06_a_tail_of_nuls_is_cut_off) {
    append_to_file(a, std::string(100000, '\0'));
    trail_session session(root);
    BOOST_TEST(read_file(a) == kept_a);
    BOOST_REQUIRE(session.report.findings.size() == 1u);
    BOOST_TEST(read_file(root / session.report.findings[0].saved_as) == std::string(100000, '\0'));
}

BOOST_AUTO_TEST_CASE(p06_every_category_is_repaired) {
    append_to_file(a, "{\"event_id\":5,");
    append_to_file(b, "{\"eve");
    trail_session session(root);
    BOOST_TEST(read_file(a) == kept_a);
    BOOST_TEST(read_file(b) == kept_b);
    BOOST_TEST(log().size() == 2u);
}

BOOST_AUTO_TEST_CASE(p06_a_torn_segment_below_a_newer_one_is_repaired_too) {
    fs::path const second = root / "d/a/audit-000002.jsonl";
    append_to_file(a, line_of(5) + "{\"event_id\":6");
    write_file(second, line_of(7) + "{\"event");
    trail_session session(root);
    BOOST_TEST(read_file(a) == kept_a + line_of(5));
    BOOST_TEST(read_file(second) == line_of(7));
    BOOST_TEST(session.store().next_id() == 8u);
    auto const recorded = log();
    BOOST_REQUIRE(recorded.size() == 3u);
    BOOST_TEST(recorded[2].at("kind").as_string() == "unused_ids");
    BOOST_TEST(recorded[2].at("first_id").to_number<int>() == 6);
    BOOST_TEST(recorded[2].at("last_id").to_number<int>() == 6);
}

BOOST_AUTO_TEST_CASE(p06_a_wholly_torn_segment_is_emptied_and_used) {
    fs::path const second = root / "d/a/audit-000002.jsonl";
    write_file(second, "{\"event_id\":5,\"timest");
    trail_session session(root);
    BOOST_TEST(read_file(second) == "");
    session.append("d", "a");
    BOOST_TEST(read_file(second) == line_of(5));
    BOOST_TEST(read_file(a) == kept_a);
}

BOOST_AUTO_TEST_CASE(an_empty_newest_segment_is_used_and_the_ids_come_from_the_one_before) {
    fs::path const second = root / "d/a/audit-000002.jsonl";
    write_file(second, "");
    fs::remove(root / "index.json");
    set_lock(end_state::clean, 4);
    trail_session session(root);
    BOOST_TEST(session.store().next_id() == 5u);
    session.append("d", "a");
    BOOST_TEST(read_file(second) == line_of(5));
}

BOOST_AUTO_TEST_CASE(p04_after_a_clean_end_empty_segments_are_filled_from_the_first_on) {
    trail_session(root).close();
    for (std::uint64_t number = 2; number <= 5; ++number) write_file(root / "d/a" / segment_name(number), "");
    writer_options options;
    options.max_segment_bytes = 1;
    for (std::uint64_t id = 5; id <= 8; ++id) {
        trail_session session(root, options);
        session.append("d", "a");
        BOOST_TEST(segment("a", id - 3) == line_of(id));
        session.close();
    }
    BOOST_TEST(!fs::exists(root / "d/a" / segment_name(6)));
}

BOOST_AUTO_TEST_CASE(p01_a_directory_that_a_crash_left_without_a_line_is_synced_with_the_first_one) {
    fs::create_directories(root / "e" / "c");
    write_file(root / "d/n/audit-000001.jsonl", "");
    trail_session session(root, {}, system);
    system.forget_calls();
    session.append("e", "c");
    session.append("d", "n");
    for (char const* const path : {"e/c", "e", "d/n", "d"}) {
        BOOST_TEST_CONTEXT(path) {
            BOOST_TEST(called(call_kind::sync, path));
        }
    }
}

BOOST_AUTO_TEST_CASE(p06_ids_that_no_segment_holds_are_accounted_for) {
    append_to_file(a, line_of(7) + line_of(8) + line_of(12));
    append_to_file(b, line_of(10));
    trail_session session(root);
    BOOST_TEST(session.store().next_id() == 13u);
    auto const recorded = log();
    BOOST_REQUIRE(recorded.size() == 3u);
    int const expected[3][2] = {{5, 6}, {9, 9}, {11, 11}};
    for (std::size_t i = 0; i < 3; ++i) {
        BOOST_TEST(recorded[i].at("kind").as_string() == "unused_ids");
        BOOST_TEST(recorded[i].at("first_id").to_number<int>() == expected[i][0]);
        BOOST_TEST(recorded[i].at("last_id").to_number<int>() == expected[i][1]);
    }
}

/// As in a copy that was made while a writer had the root.
BOOST_AUTO_TEST_CASE(p06_missing_ids_that_index_json_names_are_lost) {
    append_to_file(a, line_of(7) + line_of(10));
    write_file(root / "index.json", format_index(8));
    trail_session session(root);
    check_ids(session, {{"lost_ids", 5, 6}, {"lost_ids", 8, 8}, {"unused_ids", 9, 9}});
}

BOOST_AUTO_TEST_CASE(p06_synced_ids_that_no_segment_holds_are_lost_and_not_used_again) {
    write_file(root / "index.json", format_index(4));
    set_lock(end_state::written, 9);
    trail_session session(root);
    check_ids(session, {{"lost_ids", 5, 9}});
    BOOST_TEST(session.store().next_id() == 10u);
}

BOOST_AUTO_TEST_CASE(p06_written_events_missing_after_a_power_cut_are_not_reported_as_lost) {
    append_to_file(a, line_of(7));
    write_file(root / "index.json", format_index(9));
    for (auto const state : {end_state::written, end_state::cutting, end_state::failed}) {
        fs::remove(root / ".recovery.jsonl");
        set_lock(state, 5);
        trail_session session(root);
        check_ids(session, {{"index_ahead", 6, 6}, {"index_ahead", 8, 9}});
        session.crash();
    }
}

/// As in a copy without hidden files.
BOOST_AUTO_TEST_CASE(p06_missing_ids_that_index_json_names_are_lost_without_a_lock_file) {
    write_file(root / "index.json", format_index(9));
    fs::remove(root / ".lock");
    trail_session session(root);
    check_ids(session, {{"lost_ids", 5, 9}});
    BOOST_TEST(session.store().next_id() == 10u);
}

/// The opening that recorded them ended before .lock said so.
BOOST_AUTO_TEST_CASE(p06_recorded_unused_ids_are_not_reported_as_lost_later) {
    append_to_file(a, line_of(7));
    {
        trail_session session(root);
        check_ids(session, {{"unused_ids", 5, 6}});
        session.crash();
    }
    set_lock(end_state::open, 4);
    write_file(root / "index.json", format_index(7));
    trail_session session(root);
    check_ids(session, {});
}

BOOST_AUTO_TEST_CASE(p06_the_first_written_event_marks_the_lock_before_index_json_names_it) {
    trail_session session(root, {}, system);
    session.append("d", "a", durability::synced);
    BOOST_TEST((parse_lock_record(read_file(root / ".lock"))->state == end_state::open));
    system.forget_calls();
    session.append("d", "a", durability::written);
    BOOST_TEST((parse_lock_record(read_file(root / ".lock"))->state == end_state::written));
    BOOST_TEST(position(call_kind::sync, ".lock") < position(call_kind::write_at, "index.json"));
    system.forget_calls();
    session.append("d", "a", durability::written);
    BOOST_TEST(!called(call_kind::sync, ".lock"));
}

BOOST_AUTO_TEST_CASE(p05_a_failed_write_of_the_index_is_noticed_by_the_opening_after_an_unclean_end) {
    {
        trail_session session(root, {}, system);
        BOOST_TEST(called(call_kind::sync, "index.json"));
        session.close();
    }
    system.forget_calls();
    trail_session session(root, {}, system);
    BOOST_TEST(!called(call_kind::sync, "index.json"));
}

BOOST_AUTO_TEST_CASE(p06_gaps_below_the_last_synced_id_are_not_looked_for) {
    write_file(a, line_of(1));
    trail_session session(root);
    BOOST_TEST(session.report.findings.empty());
}

BOOST_AUTO_TEST_CASE(p06_gaps_from_before_this_writer_began_are_not_reported) {
    write_file(a, line_of(1));
    set_lock(end_state::open, 0, 4);
    append_to_file(b, line_of(6));
    trail_session session(root);
    BOOST_REQUIRE(session.report.findings.size() == 1u);
    BOOST_TEST(session.report.findings[0].first_id == 5u);
    BOOST_TEST(session.report.findings[0].last_id == 5u);
}

BOOST_AUTO_TEST_CASE(p06_damage_before_the_last_newline_is_left_alone) {
    std::string const damaged = kept_a + "garbage\n" + std::string(10, '\0') + "\n{\"event_id\":\n\n";
    write_file(a, damaged);
    trail_session session(root);
    BOOST_TEST(read_file(a) == damaged);
    BOOST_TEST(session.report.findings.empty());
    BOOST_TEST(session.store().next_id() == 5u);
}

BOOST_AUTO_TEST_CASE(p06_nothing_is_cut_when_the_copy_cannot_be_written) {
    append_to_file(a, "torn");
    append_to_file(b, "torn as well");
    for (auto const kind : {call_kind::write_at, call_kind::make_directory, call_kind::sync}) {
        for (std::size_t n = 1; n <= 2; ++n) {
            std::size_t calls = 0;
            system.fail_when([&](auto const& call, std::size_t) {
                bool const is_of_a_copy = call.kind == kind && call.path.starts_with(".broken");
                return faulty_file_system::fault{is_of_a_copy && ++calls >= n ? ENOSPC : 0};
            });
            trail_session session(root, {}, system);
            BOOST_TEST(!session.is_open());
            BOOST_TEST(session.error == make_error_code(error::cannot_save_torn_tail));
            BOOST_TEST(read_file(a) == kept_a + "torn");
            BOOST_TEST(read_file(b) == kept_b + "torn as well");
        }
    }
    BOOST_TEST(system.open_handles() == 0u);
    trail_session session(root);
    BOOST_REQUIRE(session.is_open());
    BOOST_TEST(read_file(a) == kept_a);
    BOOST_TEST(read_file(b) == kept_b);
    for (auto const& finding : session.report.findings)
        BOOST_TEST(read_file(root / finding.saved_as).starts_with("torn"));
}

BOOST_AUTO_TEST_CASE(p06_the_copy_and_its_record_are_synced_before_the_cut) {
    append_to_file(a, "torn");
    trail_session session(root, {}, system);
    auto const cut = position(call_kind::truncate, "d/a/audit-000001.jsonl");
    BOOST_REQUIRE(cut < system.calls().size());
    std::string const copy = session.report.findings[0].saved_as;
    for (std::string const& path :
         {copy, std::string(".broken/d/a"), std::string(".broken"), std::string(".recovery.jsonl")}) {
        BOOST_TEST_CONTEXT(path) {
            BOOST_TEST(position(call_kind::sync, path) < cut);
        }
    }
    BOOST_TEST(position(call_kind::sync, "d/a/audit-000001.jsonl") > cut);
    BOOST_TEST(position(call_kind::write_at, ".lock") < cut);  // marks the begin of the cut
    BOOST_TEST(system.count(call_kind::write_at) >= 2u);       // and its end
}

BOOST_AUTO_TEST_CASE(p06_each_directory_of_the_copies_is_synced_once) {
    append_to_file(a, "torn");
    append_to_file(b, "torn");
    trail_session session(root, {}, system);
    auto const made = system.calls();
    auto const synced = [&](std::string const& path) {
        return std::ranges::count_if(
            made, [&](auto const& call) { return call.kind == call_kind::sync && call.path == path; });
    };
    for (auto const* const path : {".broken", ".broken/d", ".broken/d/a", ".broken/d/b", "d/a/audit-000001.jsonl"}) {
        BOOST_TEST(synced(path) == 1, path);
    }
}

// On the disk a cut that was not synced may be undone by a power cut: the torn line would be back, in front of others.
BOOST_AUTO_TEST_CASE(p06_a_cut_that_was_not_synced_is_synced_by_the_next_opening) {
    append_to_file(a, "torn");
    system.fail_when([](auto const& call, std::size_t) {
        bool const is_cut = call.kind == call_kind::sync && call.path == "d/a/audit-000001.jsonl";
        return faulty_file_system::fault{is_cut ? EIO : 0};
    });
    trail_session cut_short(root, {}, system);
    BOOST_TEST(!cut_short.is_open());
    system.fail_nothing();
    system.forget_calls();
    trail_session session(root, {}, system);
    BOOST_REQUIRE(session.is_open());
    BOOST_TEST(session.report.findings.empty());
    BOOST_TEST(called(call_kind::sync, "d/a/audit-000001.jsonl"));
}

BOOST_AUTO_TEST_CASE(p06_an_opening_interrupted_anywhere_can_be_repeated) {
    append_to_file(a, line_of(6) + "torn");
    append_to_file(b, std::string(3, '\0'));
    fs::path const broken = directory.path() / "broken";
    fs::copy(root, broken, fs::copy_options::recursive);

    std::size_t calls = 0;
    for (std::size_t n = 1; n == 1 || calls >= n - 1; ++n) {
        fs::remove_all(root);
        fs::copy(broken, root, fs::copy_options::recursive);
        calls = 0;
        system.fail_when([&](auto const&, std::size_t) { return faulty_file_system::fault{++calls == n ? EIO : 0}; });
        { trail_session const first(root, {}, system); }
        system.fail_nothing();
        BOOST_TEST(system.open_handles() == 0u);

        trail_session session(root);
        BOOST_TEST_CONTEXT("call " << n << " failed") {
            BOOST_REQUIRE(session.is_open());
            BOOST_TEST(read_file(a) == kept_a + line_of(6));
            BOOST_TEST(read_file(b) == kept_b);
            BOOST_TEST(session.store().next_id() == 7u);
            int torn = 0;
            int unused = 0;
            for (auto const& line : log()) {
                torn += line.at("kind").as_string() == "torn_tail";
                unused += line.at("kind").as_string() == "unused_ids";
            }
            // The incomplete copy is kept, and the complete copy has another name.
            BOOST_TEST(torn >= 2);
            BOOST_TEST(unused == 1);
        }
    }
    BOOST_TEST(calls > 50u);
}

BOOST_AUTO_TEST_CASE(p06_two_tails_torn_at_the_same_place_are_both_kept) {
    for (char const* const torn : {"first", "second", "second", "third"}) {
        append_to_file(a, torn);
        trail_session session(root);
        BOOST_REQUIRE(session.is_open());
        BOOST_TEST(read_file(root / session.report.findings.at(0).saved_as) == torn);
        session.crash();
    }
    int copies = 0;
    for (auto const& entry : fs::directory_iterator(root / ".broken/d/a")) copies += entry.is_regular_file();
    BOOST_TEST(copies == 3);
}

BOOST_AUTO_TEST_CASE(p06_a_torn_tail_is_found_after_a_clean_end_too) {
    set_lock(end_state::clean, 4);
    append_to_file(a, "{\"event_id\":5");
    trail_session session(root);
    BOOST_TEST(session.report.clean);
    BOOST_TEST(read_file(a) == kept_a);
    BOOST_TEST(log().size() == 1u);
}

BOOST_AUTO_TEST_CASE(p06_without_a_lock_file_every_segment_is_read) {
    write_file(root / "d/a/audit-000002.jsonl", line_of(5) + "torn");
    write_file(root / "d/a/audit-000003.jsonl", line_of(6));
    append_to_file(a, "torn too");
    for (char const* const text : {"", "garbage", "{\"state\":\"clean\"}"}) {
        write_file(root / ".lock", text);
        trail_session session(root);
        BOOST_TEST(session.store().next_id() == 7u);
        session.crash();
    }
    BOOST_TEST(read_file(a) == kept_a);
    BOOST_TEST(read_file(root / "d/a/audit-000002.jsonl") == line_of(5));
    BOOST_TEST(log().size() == 2u);
}

BOOST_AUTO_TEST_CASE(p06_a_clean_opening_reads_only_tails) {
    writer_options options;
    options.max_segment_bytes = 20;
    fs::remove_all(root);
    {
        trail_session session(root, options);
        for (int i = 0; i < 30; ++i) session.append("d", i % 2 ? "a" : "b");
        session.close();
    }
    trail_session session(root, options, system);
    BOOST_TEST(session.store().next_id() == 31u);
    auto const made = system.calls();
    BOOST_TEST(std::ranges::count_if(made, [](auto const& call) {
                   return call.kind == call_kind::open_file && call.path.starts_with("d/");
               }) == 2);
    BOOST_TEST(session.report.clean);
}

BOOST_AUTO_TEST_CASE(p06_an_unclean_opening_reads_only_what_came_after_the_last_sync) {
    writer_options options;
    options.max_segment_bytes = 20;
    fs::remove_all(root);
    {
        trail_session session(root, options);
        for (int i = 0; i < 10; ++i) session.append("d", "a", durability::synced);
        for (int i = 0; i < 3; ++i) session.append("d", "a", durability::written);
        session.crash();
    }
    trail_session session(root, options, system);
    BOOST_TEST(called(call_kind::open_file, "d/a/audit-000010.jsonl"));
    BOOST_TEST(!called(call_kind::open_file, "d/a/audit-000009.jsonl"));
    for (char const* const path : {"d/a/audit-000011.jsonl", "d/a/audit-000012.jsonl", "d/a/audit-000013.jsonl"}) {
        BOOST_TEST_CONTEXT(path) {
            BOOST_TEST(called(call_kind::sync, path));
        }
    }
    BOOST_TEST(session.store().next_id() == 14u);
}

BOOST_AUTO_TEST_CASE(p05_after_a_failed_sync_tails_are_read_from_the_disk_and_a_new_segment_is_begun) {
    append_to_file(a, line_of(5));
    set_lock(end_state::failed, 4);
    trail_session session(root, {}, system);
    auto const dropped = position(call_kind::drop_cache, "d/a/audit-000001.jsonl");
    BOOST_TEST(dropped < position(call_kind::read_at, "d/a/audit-000001.jsonl"));
    session.append("d", "a");
    session.append("d", "b");
    BOOST_TEST(read_file(a) == kept_a + line_of(5));
    BOOST_TEST(read_file(root / "d/a/audit-000002.jsonl") == line_of(6));
    BOOST_TEST(read_file(b) == kept_b + line_of(7));
}

BOOST_DATA_TEST_CASE(p05_after_a_kill_tails_are_read_from_the_disk_unless_they_end_in_a_synced_line,
                     boost::unit_test::data::make({end_state::open, end_state::cutting}), state) {
    append_to_file(a, line_of(5));
    append_to_file(b, "torn");
    write_file(root / "d/c/audit-000001.jsonl", line_of(3));
    write_file(root / "d/empty/audit-000001.jsonl", "");
    write_file(root / "d/nothing/audit-000001.jsonl", line_of(3) + "no event\n");
    write_file(root / "d/zeros/audit-000001.jsonl", line_of(3) + std::string(100, '\0'));
    set_lock(state, 4);
    trail_session session(root, {}, system);
    for (char const* const category : {"a", "b", "empty", "nothing", "zeros"}) {
        BOOST_TEST_CONTEXT(category) {
            BOOST_TEST(called(call_kind::drop_cache, std::string("d/") + category + "/audit-000001.jsonl"));
        }
    }
    BOOST_TEST(!called(call_kind::drop_cache, "d/c/audit-000001.jsonl"));
    BOOST_TEST(called(call_kind::read_at, "d/c/audit-000001.jsonl"));
}

BOOST_AUTO_TEST_CASE(foreign_files_in_a_root_are_ignored) {
    write_file(root / "d/a/notes.txt", "x");
    write_file(root / "d/a/audit-7.jsonl", line_of(77));
    write_file(root / ".hidden/c/audit-000001.jsonl", line_of(88));
    write_file(root / "d/.hidden/audit-000001.jsonl", line_of(99));
    write_file(root / "d/a b/audit-000001.jsonl", line_of(99));
    write_file(root / "d/readme", "x");
    write_file(root / "readme", "x");
    fs::create_directory(root / "d/a/audit-000009.jsonl");
    ::mkfifo((root / "d/a/audit-000010.jsonl").c_str(), 0600);
    ::mkfifo((root / "d/fifo").c_str(), 0600);
    trail_session session(root);
    BOOST_REQUIRE(session.is_open());
    BOOST_TEST(session.store().next_id() == 5u);
    session.append("d", "a");
    BOOST_TEST(read_file(a) == kept_a + line_of(5));
}

BOOST_AUTO_TEST_CASE(the_newest_segment_is_the_highest_number_not_the_last_name) {
    write_file(root / "d/a/audit-999999.jsonl", line_of(5));
    write_file(root / "d/a/audit-1000000.jsonl", line_of(6));
    trail_session session(root);
    session.append("d", "a");
    BOOST_TEST(read_file(root / "d/a/audit-1000000.jsonl") == line_of(6) + line_of(7));
}

BOOST_AUTO_TEST_CASE(p02_ids_near_the_maximum_are_refused) {
    append_to_file(a, line_of(largest_event_id));
    {
        trail_session session(root);
        session.append("d", "a");
        BOOST_TEST(session.error == make_error_code(error::id_too_high));
    }
    BOOST_TEST(parse_index(read_file(root / "index.json")).value() == largest_event_id);
    append_to_file(a, line_of(UINT64_MAX));
    trail_session last(root);
    BOOST_TEST(last.error == make_error_code(error::id_too_high));
}

BOOST_AUTO_TEST_CASE(p02_an_index_that_names_an_id_near_the_last_one_of_all_is_not_continued) {
    write_file(root / "index.json", format_index(largest_mark));
    trail_session session(root);
    BOOST_TEST(session.error == make_error_code(error::id_too_high));
    BOOST_TEST(!fs::exists(root / ".recovery.jsonl"));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(other_writers_trails, root_fixture)

struct other_writers_trail : root_fixture {
    other_writers_trail() {
        write_file(root / "index.json", "{\n  \"last_event_id\": 7\n}");
        write_file(root / "d/a/audit-000001.jsonl", line_of(1) + line_of(4));
        write_file(root / "d/a/audit-000002.jsonl", line_of(7));
        write_file(root / "e/b/audit-000001.jsonl", line_of(5));
    }
};

BOOST_FIXTURE_TEST_CASE(p06_another_writers_trail_is_continued_and_its_gaps_are_not_reported, other_writers_trail) {
    {
        trail_session session(root);
        BOOST_REQUIRE(session.is_open());
        BOOST_TEST(!session.report.created);
        BOOST_TEST(session.report.clean);
        BOOST_TEST(session.report.findings.empty());
        BOOST_TEST(session.append("d", "a") == commit_result::committed);
        BOOST_TEST(read_file(root / "d/a/audit-000002.jsonl") == line_of(7) + line_of(8));
        BOOST_TEST(parse_lock_record(read_file(root / ".lock"))->began == 8u);
        session.close();
    }
    BOOST_TEST(!std::filesystem::exists(root / ".recovery.jsonl"));
    trail_session again(root);
    BOOST_TEST(again.report.clean);
    BOOST_TEST(parse_lock_record(read_file(root / ".lock"))->began == 8u);
}

BOOST_FIXTURE_TEST_CASE(p06_another_writers_lines_are_synced_before_the_first_new_one, other_writers_trail) {
    trail_session session(root, {}, system);
    for (char const* const path :
         {"d/a/audit-000001.jsonl", "d/a/audit-000002.jsonl", "e/b/audit-000001.jsonl", "d/a", "d", "e/b", "e", "."}) {
        BOOST_TEST_CONTEXT(path) {
            BOOST_TEST(called(call_kind::sync, path));
        }
    }
    BOOST_TEST(session.store().synced_through() == 7u);
}

BOOST_FIXTURE_TEST_CASE(lines_that_another_writer_adds_between_two_openings_are_continued, other_writers_trail) {
    {
        trail_session session(root);
        session.append("d", "a");
        session.close();
    }
    append_to_file(root / "d/a/audit-000002.jsonl", line_of(9));
    write_file(root / "index.json", "{\n  \"last_event_id\": 9\n}");
    trail_session session(root, {}, system);
    BOOST_TEST(session.store().next_id() == 10u);
    BOOST_TEST(session.report.findings.empty());
    BOOST_TEST(called(call_kind::sync, "d/a/audit-000002.jsonl"));
}

BOOST_AUTO_TEST_CASE(a_new_root_begins_with_1) {
    trail_session session(root);
    BOOST_TEST(session.report.created);
    BOOST_TEST(session.report.clean);
    BOOST_TEST(session.report.last_event_id == 0u);
    BOOST_TEST(session.store().next_id() == 1u);
    BOOST_TEST(parse_lock_record(read_file(root / ".lock")).value() == (lock_record{end_state::open, 0, 1}));
    session.close();
    trail_session again(root);
    BOOST_TEST(!again.report.created);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace audit_trail::storage::recovery_test
