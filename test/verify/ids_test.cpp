/// \file
/// Tests missing ids with and without an excuse, index.json, and trails with a writer.
#include <boost/test/unit_test.hpp>
#include <optional>

#include "storage/recovery_log.hpp"
#include "storage/root_lock.hpp"
#include "verify/support.hpp"

namespace audit_trail::test::ids_test {
namespace {

using storage::end_state;
using kind = recovery_finding::kind_type;

void add_record(fs::path const& root, kind what, std::uint64_t first_id, std::uint64_t last_id, std::string path = {}) {
    recovery_finding finding;
    finding.kind = what;
    finding.time = 1;
    finding.first_id = first_id;
    finding.last_id = last_id;
    finding.path = std::move(path);
    append_bytes(root / ".recovery.jsonl", storage::format_finding(finding) + '\n');
}

/// Odd ids are in d/odd, even ids in d/even.
struct two_categories {
    temporary_directory directory;
    fs::path const root = directory.path();

    void add(std::uint64_t id, std::uint64_t segment = 1) const {
        append_bytes(root / path_of(id, segment), line_of(make_event(id, "d", name_of(id))));
    }
    void add(std::uint64_t first, std::uint64_t last, std::uint64_t segment) const {
        for (auto id = first; id <= last; ++id) add(id, segment);
    }
    static std::string name_of(std::uint64_t id) { return id % 2 == 0 ? "even" : "odd"; }
    static std::string path_of(std::uint64_t id, std::uint64_t segment = 1) {
        return storage::segment_path("d", name_of(id), segment);
    }
    std::uint64_t size(std::uint64_t id) const { return fs::file_size(root / path_of(id)); }

    void write_lock(end_state state, std::uint64_t began = 1, std::uint64_t synced_through = 0) const {
        std::ofstream(root / ".lock") << storage::format_lock_record({state, synced_through, began});
    }
    void record(kind what, std::uint64_t first_id, std::uint64_t last_id, std::string path = {}) const {
        add_record(root, what, first_id, last_id, std::move(path));
    }
};

std::string note_on_ids(verify_report const& report) {
    for (auto const& note : report.notes) {
        if (note.reason == error::ids_missing) return note.text;
    }
    return {};
}

}  // namespace

BOOST_AUTO_TEST_CASE(p02_a_gap_is_reported_at_the_first_line_after_it) {
    two_categories trail;
    trail.add(1, 6, 1);
    auto const offset = trail.size(8);
    trail.add(8);
    trail.add(9);
    trail.add(13);
    write_index(trail.root, 13);
    auto const report = check_findings(trail.root, {{error::ids_missing, trail.path_of(8), offset},
                                                    {error::ids_missing, trail.path_of(13),
                                                     trail.size(13) - line_of(make_event(13, "d", "odd")).size()}});
    BOOST_TEST(report.findings[0].text.ends_with(": id 7"));
    BOOST_TEST(report.findings[1].text.ends_with(": ids 10 to 12"));
    BOOST_TEST(report.missing_ids == 4u);
    BOOST_TEST(report.events == 9u);
}

BOOST_AUTO_TEST_CASE(p02_an_id_in_two_categories_is_reported) {
    two_categories trail;
    trail.add(1, 4, 1);
    auto const offset = trail.size(1);
    append_bytes(trail.root / trail.path_of(1), line_of(make_event(4, "d", "odd")));
    trail.add(5);
    write_index(trail.root, 5);
    auto const report = verify(trail.root);
    BOOST_TEST(report.total_findings == 1u);
    BOOST_TEST((report.findings.at(0).reason == error::duplicate_id));
    bool const is_either = report.findings[0].path == trail.path_of(4) || report.findings[0].offset == offset;
    BOOST_TEST(is_either);
}

BOOST_AUTO_TEST_CASE(p06_ids_that_recovery_recorded_are_accounted_for) {
    two_categories trail;
    trail.add(1, 3, 1);
    trail.add(7);
    trail.add(12);
    write_index(trail.root, 12);
    trail.record(kind::torn_tail, 0, 0, trail.path_of(3));
    trail.record(kind::unused_ids, 4, 5);
    trail.record(kind::index_ahead, 6, 6);
    trail.record(kind::unused_ids, 8, 11);
    verdict const recorded{error::ids_missing, ".recovery.jsonl", 0};
    auto const report = check_notes(trail.root, {recorded, recorded});
    BOOST_TEST(report.missing_ids == 0u);
}

BOOST_AUTO_TEST_CASE(p06_lines_of_the_recovery_log_that_are_not_records_are_reported) {
    two_categories trail;
    trail.add(1, 3, 1);
    trail.add(6);
    write_index(trail.root, 6);
    auto const log = trail.root / ".recovery.jsonl";
    std::vector<verdict> expected;
    auto const add = [&](std::string const& text, error reason) {
        expected.push_back({reason, ".recovery.jsonl", fs::file_size(log)});
        append_bytes(log, text + '\n');
    };
    trail.record(kind::unused_ids, 4, 4);
    add("nonsense", error::malformed_json);
    add(R"({"time":1,"kind":"unused_ids"]})", error::malformed_json);
    add(std::string(1, '\0'), error::malformed_json);
    add("[1]", error::not_an_object);
    add("{}", error::missing_member);
    add(R"({"kind":"unknown","first_id":4,"last_id":5})", error::missing_member);
    add('{' + std::string(100'000, ' '), error::line_too_long);
    trail.record(kind::unused_ids, 5, 5);
    auto const report = check_findings(trail.root, expected);
    BOOST_TEST(report.missing_ids == 0u);
    for (auto const& found : report.findings) BOOST_TEST(found.has_offset());
    for (auto const& found : report.notes) BOOST_TEST(!found.has_offset());
}

/// A crash cuts the last record short. The next opening begins a new line.
BOOST_AUTO_TEST_CASE(p06_a_record_that_a_crash_cut_short_is_not_damage) {
    std::string const record = R"({"time":1,"kind":"unused_ids","first_id":4,"last_id":5})";
    for (std::size_t length = 0; length != record.size(); ++length) {
        two_categories trail;
        trail.add(1, 3, 1);
        trail.add(6);
        write_index(trail.root, 6);
        append_bytes(trail.root / ".recovery.jsonl", record.substr(0, length));
        BOOST_TEST(verify(trail.root).total_findings == 1u);
        append_bytes(trail.root / ".recovery.jsonl", '\n' + record + '\n');
        check_notes(trail.root, {{error::ids_missing, ".recovery.jsonl", 0}});
    }
}

BOOST_AUTO_TEST_CASE(p06_a_recorded_loss_is_a_finding_until_it_is_accepted) {
    two_categories trail;
    trail.add(6);
    write_index(trail.root, 6);
    trail.record(kind::lost_ids, 1, 5);
    auto const report = check_findings(trail.root, {{error::ids_missing, trail.path_of(6), 0}});
    BOOST_TEST(report.findings.at(0).text.ends_with("ids 1 to 5, recorded as lost in .recovery.jsonl"));
    BOOST_TEST(report.missing_ids == 5u);
    trail.record(kind::accepted_loss, 1, 4);
    BOOST_TEST(verify(trail.root).missing_ids == 1u);
    trail.record(kind::accepted_loss, 5, 5);
    check_notes(trail.root, {{error::ids_missing, ".recovery.jsonl", 0}});
}

BOOST_AUTO_TEST_CASE(p06_a_recorded_loss_is_not_excused_by_deleted_segments) {
    two_categories trail;
    trail.add(6, 7, 2);
    write_index(trail.root, 7);
    trail.record(kind::lost_ids, 1, 5);
    BOOST_TEST(verify(trail.root).missing_ids == 5u);
}

BOOST_AUTO_TEST_CASE(p06_synced_ids_are_missing_whatever_the_index_holds) {
    for (auto const state : {end_state::clean, end_state::open}) {
        two_categories trail;
        trail.add(1, 6, 1);
        trail.write_lock(state, 1, 10);
        write_index(trail.root, 6);
        verdict const missing{error::ids_missing, ".lock", 0};
        auto const report = check_findings(trail.root, {missing});
        BOOST_TEST(report.findings.at(0).text.ends_with("ids 7 to 10, synced according to .lock"));
        fs::remove(trail.root / "index.json");
        check_findings(trail.root, {missing, {error::index_invalid, "index.json", 0}});
        BOOST_TEST(advice(make_error_code(error::index_invalid)).starts_with("This alone loses no event."));
        trail.write_lock(state, 1, UINT64_MAX);
        check_findings(trail.root, {{error::index_invalid, "index.json", 0}});
    }
}

BOOST_AUTO_TEST_CASE(p06_a_record_accounts_only_for_its_own_ids) {
    two_categories trail;
    trail.add(1, 3, 1);
    auto const offset = trail.size(8);
    trail.add(8);
    write_index(trail.root, 8);
    trail.record(kind::unused_ids, 5, 6);
    // The ids of a vanished segment were written to the next one.
    trail.record(kind::vanished_segment, 4, 7, trail.path_of(3, 9));
    append_bytes(trail.root / ".recovery.jsonl", R"({"time":1,"kind":"unused_ids","first_id":1,"last_id")");
    auto const report = check_findings(
        trail.root, {{error::ids_missing, trail.path_of(8), offset}, {error::ids_missing, trail.path_of(8), offset}});
    BOOST_TEST(report.missing_ids == 2u);
}

BOOST_AUTO_TEST_CASE(p14_segments_that_vanished_under_a_writer_are_a_note) {
    two_categories trail;
    trail.add(1, 6, 1);
    trail.add(7, 8, 2);
    trail.add(9, 10, 5);
    write_index(trail.root, 10);
    auto const hole_of_even = verdict{error::segment_missing, trail.path_of(10, 5), 0};
    auto const hole_of_odd = verdict{error::segment_missing, trail.path_of(9, 5), 0};
    check_findings(trail.root, {hole_of_even, hole_of_odd});
    trail.record(kind::vanished_segment, 0, 0, trail.path_of(10, 3));
    check_findings(trail.root, {hole_of_even, hole_of_odd});
    trail.record(kind::vanished_segment, 9, 10, trail.path_of(10, 4));
    check_findings(trail.root, {hole_of_odd});
    trail.record(kind::vanished_segment, 0, 0, trail.path_of(9, 3));
    trail.record(kind::vanished_segment, 0, 0, trail.path_of(9, 4));
    check_notes(trail.root, {hole_of_even, hole_of_odd});
}

/// The newest segment was deleted while a writer wrote to it. Only the ids of that batch are in the next segment.
BOOST_AUTO_TEST_CASE(p14_ids_of_a_vanished_leading_segment_are_missing_until_the_loss_is_accepted) {
    damaged_trail trail;
    trail.line(24, "audit-000002.jsonl");
    trail.line(25, "audit-000002.jsonl");
    write_index(trail.root, 25);
    check_notes(trail.root, {{error::segment_missing, "d/c/audit-000002.jsonl", 0}, {error::ids_missing, "", 0}});
    add_record(trail.root, kind::vanished_segment, 24, 24, segment_path);
    auto const report = check_findings(trail.root, {{error::ids_missing, "d/c/audit-000002.jsonl", 0}});
    BOOST_TEST(report.missing_ids == 23u);
    BOOST_TEST(report.findings.at(0).text.find("ids 1 to 23, may have been in a segment that vanished") !=
               std::string::npos);
    add_record(trail.root, kind::accepted_loss, 1, 23);
    check_notes(trail.root,
                {{error::segment_missing, "d/c/audit-000002.jsonl", 0}, {error::ids_missing, ".recovery.jsonl", 0}});
}

/// The odd segment 1 vanished; ids from 7 on went to segment 2. Later, old segments of both categories were deleted.
BOOST_AUTO_TEST_CASE(p14_later_retention_excuses_only_ids_that_were_not_in_the_vanished_segment) {
    two_categories trail;
    trail.add(21, 30, 3);
    write_index(trail.root, 30);
    trail.record(kind::vanished_segment, 7, 7, trail.path_of(7));
    auto const report = check_findings(trail.root, {{error::ids_missing, trail.path_of(21, 3), 0}});
    BOOST_TEST(report.missing_ids == 6u);
    BOOST_TEST(note_on_ids(report).starts_with("ids 7 to 20: "));
    trail.record(kind::accepted_loss, 1, 6);
    check_findings(trail.root, {});
}

/// The record does not name the first id that went to the next segment.
BOOST_AUTO_TEST_CASE(p14_ids_below_the_segment_after_the_vanished_one_are_missing) {
    two_categories trail;
    trail.add(21, 30, 3);
    append_bytes(trail.root / trail.path_of(41, 5), line_of(make_event(41, "d", "odd")));
    append_bytes(trail.root / trail.path_of(50, 5), line_of(make_event(50, "d", "even")));
    fs::remove(trail.root / trail.path_of(30, 3));
    write_index(trail.root, 50);
    trail.record(kind::vanished_segment, 0, 0, trail.path_of(41, 4));
    auto const report = verify(trail.root);
    BOOST_TEST(report.missing_ids == 35u);
    BOOST_TEST(note_on_ids(report).starts_with("ids 42 to 49: "));
}

/// A later segment does not exist, or the record has no place.
BOOST_AUTO_TEST_CASE(p14_without_a_later_segment_every_missing_id_may_have_been_in_the_vanished_one) {
    for (std::string const path : {"d/gone/audit-000001.jsonl", "d/even/audit-000003.jsonl", "nonsense", ""}) {
        two_categories trail;
        trail.add(21, 30, 3);
        write_index(trail.root, 30);
        trail.record(kind::vanished_segment, 0, 0, path);
        BOOST_TEST(verify(trail.root).missing_ids == 20u, path);
    }
}

/// New records count again: an accepted loss accounts only for segments that vanished before it.
BOOST_AUTO_TEST_CASE(p14_an_accepted_loss_accounts_for_the_segments_that_vanished_before_it) {
    two_categories trail;
    trail.add(21, 30, 3);
    write_index(trail.root, 30);
    trail.record(kind::vanished_segment, 0, 0, trail.path_of(7));
    BOOST_TEST(verify(trail.root).missing_ids == 20u);
    trail.record(kind::accepted_loss, 1, 4);
    check_findings(trail.root, {});
    trail.record(kind::vanished_segment, 8, 8, trail.path_of(8));
    BOOST_TEST(verify(trail.root).missing_ids == 3u);
}

BOOST_AUTO_TEST_CASE(p14_ids_of_another_program_are_missing_if_a_segment_vanished) {
    two_categories trail;
    trail.add(9, 10, 1);
    trail.write_lock(end_state::clean, 9);
    write_index(trail.root, 10);
    trail.record(kind::vanished_segment, 9, 9, "d/gone/audit-000001.jsonl");
    BOOST_TEST(verify(trail.root).missing_ids == 8u);
}

BOOST_AUTO_TEST_CASE(deleted_leading_segments_are_a_note) {
    two_categories trail;
    trail.add(1, 10, 1);
    trail.add(11, 20, 2);
    trail.add(21, 30, 3);
    write_index(trail.root, 30);
    check_notes(trail.root, {});
    fs::remove(trail.root / trail.path_of(2, 1));
    fs::remove(trail.root / trail.path_of(2, 2));
    auto const report =
        check_notes(trail.root, {{error::segment_missing, trail.path_of(2, 3), 0}, {error::ids_missing, "", 0}});
    BOOST_TEST(report.missing_ids == 0u);
    BOOST_TEST(note_on_ids(report).starts_with("10 of the ids 2 to 20: "));
}

/// Ids after the first remaining id cannot have been in the deleted segments.
BOOST_AUTO_TEST_CASE(deleted_leading_segments_excuse_no_later_loss) {
    two_categories trail;
    trail.add(2, 10, 2);
    auto const offset = fs::file_size(trail.root / trail.path_of(12, 2));
    trail.add(12, 13, 2);
    write_index(trail.root, 13);
    auto const report = check_findings(trail.root, {{error::ids_missing, trail.path_of(12, 2), offset}});
    BOOST_TEST(report.missing_ids == 1u);
    BOOST_TEST(note_on_ids(report).starts_with("id 1: "));
}

BOOST_AUTO_TEST_CASE(a_category_without_an_event_excuses_no_loss) {
    two_categories trail;
    trail.add(1, 6, 1);
    trail.add(9);
    append_bytes(trail.root / "d/empty/audit-000002.jsonl", "");
    write_index(trail.root, 12);
    auto const report = verify(trail.root);
    BOOST_TEST(report.missing_ids == 5u);
    BOOST_TEST(note_on_ids(report) == "");
}

/// The first remaining id was changed by hand.
BOOST_AUTO_TEST_CASE(deleted_segments_excuse_no_id_above_the_index) {
    two_categories trail;
    trail.add(2, 4, 2);
    trail.add(8, 2);
    append_bytes(trail.root / "d/changed/audit-000002.jsonl", line_of(make_event(1000, "d", "changed")));
    write_index(trail.root, 8);
    auto const report = verify(trail.root);
    BOOST_TEST(report.missing_ids == 991u);
    BOOST_TEST(note_on_ids(report).starts_with("4 of the ids 1 to 7: "), note_on_ids(report));
}

BOOST_AUTO_TEST_CASE(an_id_that_no_writer_assigns_is_not_the_last_id) {
    two_categories trail;
    trail.add(1, 6, 1);
    auto const offset = trail.size(1);
    append_bytes(trail.root / trail.path_of(1), line_of(make_event(UINT64_MAX, "d", "odd")));
    trail.add(7, 9, 1);
    write_index(trail.root, 9);
    auto const report = check_findings(trail.root, {{error::id_too_high, trail.path_of(1), offset}});
    BOOST_TEST(report.last_event_id == 9u);
    BOOST_TEST(report.events == 10u);
}

BOOST_AUTO_TEST_CASE(a_directory_without_a_trail_is_reported) {
    temporary_directory directory;
    check_findings(directory.path(), {{error::no_trail, "", 0}});
    append_bytes(directory.path() / "README.txt", "x");
    check_findings(directory.path(), {{error::no_trail, "", 0}});
}

BOOST_AUTO_TEST_CASE(lines_in_another_spelling_are_notes) {
    std::string const line = R"({"event_id":1,"timestamp":5,"domain":"d","category":"c","model_name":"m",)"
                             R"("operation":"create","logical_user_id":"u","payload":{"after":{"a":1.5}}})";
    auto const changed = [&](std::string const& from, std::string const& to) {
        std::string text = line;
        return text.replace(text.find(from), from.size(), to);
    };
    std::string const others[] = {changed("event_id\":1", "event_id\": 1"),
                                  changed(R"("event_id":1,"timestamp":5)", R"("timestamp":5,"event_id":1)"),
                                  changed("\"m\"", R"("\u006d")"),
                                  changed("\"u\"", "\"\xc3\xbc\""),
                                  changed("1.5", "1.50"),
                                  changed("1.5", "15e-1"),
                                  line + " "};
    for (auto const& text : others) {
        temporary_directory directory;
        append_bytes(directory.path() / "d/c/audit-000001.jsonl", text + '\n');
        write_index(directory.path(), 1);
        check_notes(directory.path(), {{error::other_spelling, "d/c/audit-000001.jsonl", 0}});
    }
    temporary_directory directory;
    append_bytes(directory.path() / "d/c/audit-000001.jsonl", line + '\n');
    write_index(directory.path(), 1);
    check_notes(directory.path(), {});
}

BOOST_AUTO_TEST_CASE(ids_from_before_this_library_had_the_root_are_a_note) {
    two_categories trail;
    trail.add(2, 5, 1);
    trail.add(9);
    trail.write_lock(end_state::clean, 9);
    write_index(trail.root, 9);
    auto const report = check_notes(trail.root, {{error::ids_missing, ".lock", 0}});
    BOOST_TEST(note_on_ids(report).starts_with("4 of the ids 1 to 8: "));
    trail.write_lock(end_state::clean, 8);
    BOOST_TEST(verify(trail.root).missing_ids == 1u);
    std::ofstream(trail.root / ".lock") << "nonsense";
    BOOST_TEST(verify(trail.root).missing_ids == 4u);
}

BOOST_AUTO_TEST_CASE(p06_ids_above_the_index_after_a_crash_are_a_note) {
    two_categories trail;
    trail.add(1, 5, 1);
    trail.add(8);
    write_index(trail.root, 5);
    verdict const behind{error::index_behind, "index.json", 0};
    for (auto const state : {end_state::open, end_state::failed}) {
        trail.write_lock(state);
        auto const report = check_findings(trail.root, {behind});
        BOOST_TEST(notes_but_modes(report) == (std::vector<verdict>{{error::ids_missing, "index.json", 0}}),
                   boost::test_tools::per_element());
    }
    trail.write_lock(end_state::clean);
    BOOST_TEST(verify(trail.root).missing_ids == 2u);
}

BOOST_AUTO_TEST_CASE(p02_an_index_that_is_too_low_or_invalid_is_reported) {
    two_categories trail;
    trail.add(1, 5, 1);
    check_findings(trail.root, {{error::index_invalid, "index.json", 0}});
    for (char const* const text : {"", "{", "[5]", R"({"last_event_id":"5"})", R"({"last_event_id":5.0})"}) {
        write_index(trail.root, text);
        check_findings(trail.root, {{error::index_invalid, "index.json", 0}});
    }
    write_index(trail.root, 4);
    check_findings(trail.root, {{error::index_behind, "index.json", 0}});
    write_index(trail.root, "{\n  \"last_event_id\": 5\n}");
    check_findings(trail.root, {});
}

BOOST_AUTO_TEST_CASE(p02_an_index_ahead_means_that_events_are_missing) {
    two_categories trail;
    trail.add(1, 5, 1);
    write_index(trail.root, 8);
    auto const report = check_findings(trail.root, {{error::index_ahead, "index.json", 0}});
    BOOST_TEST(report.findings[0].text.ends_with("ids 6 to 8"));
    BOOST_TEST(report.missing_ids == 3u);
    trail.record(kind::index_ahead, 6, 8);
    check_notes(trail.root, {{error::ids_missing, ".recovery.jsonl", 0}});
}

BOOST_AUTO_TEST_CASE(foreign_files_and_loose_modes_are_notes) {
    two_categories trail;
    trail.add(1, 5, 1);
    write_index(trail.root, 5);
    fs::create_directories(trail.root / ".broken/d");
    for (char const* const name : {"README.txt", "d/notes", "d/odd/audit-1.jsonl", ".hidden"}) {
        append_bytes(trail.root / name, "x");
    }
    check_notes(trail.root, {{error::foreign_file, ".hidden", 0},
                             {error::foreign_file, "README.txt", 0},
                             {error::foreign_file, "d/notes", 0},
                             {error::foreign_file, "d/odd/audit-1.jsonl", 0}});

    using enum fs::perms;
    auto const private_directory = owner_all | group_read | group_exec;
    auto const private_file = owner_read | owner_write | group_read;
    for (char const* const name : {"", "d", "d/odd", "d/even"}) fs::permissions(trail.root / name, private_directory);
    for (char const* const name : {"index.json", "d/odd/audit-000001.jsonl"})
        fs::permissions(trail.root / name, private_file);
    fs::permissions(trail.root / "d/even", private_directory | others_exec);
    fs::permissions(trail.root / "d/even/audit-000001.jsonl", private_file | group_write);
    std::vector<std::string> loose;
    for (auto const& note : verify(trail.root).notes) {
        if (note.reason == error::loose_mode) loose.push_back(note.path + ' ' + note.text);
    }
    BOOST_TEST_REQUIRE(loose.size() == 1u);
    BOOST_TEST(loose[0].starts_with("d/even mode 0751: "));
    BOOST_TEST(loose[0].ends_with("; the first of 2 such files and directories"));
}

/// Every second id is missing: more gaps than the detector keeps.
BOOST_AUTO_TEST_CASE(memory_is_bounded_however_many_ids_are_missing) {
    temporary_directory directory;
    std::string text;
    for (std::uint64_t id = 2; id <= 60'000; id += 2) text += line_of(make_event(id, "d", "c"));
    append_bytes(directory.path() / "d/c/audit-000001.jsonl", text);
    write_index(directory.path(), 60'000);
    auto const report = verify(directory.path());
    BOOST_TEST(report.missing_ids == 30'000u);
    BOOST_TEST(report.total_findings == 30'000u);
    BOOST_TEST(report.findings.size() == 100u);
    BOOST_TEST(report.findings[0].first_id == 1u);
}

BOOST_AUTO_TEST_CASE(p15_beside_a_writer_only_committed_lines_are_checked) {
    two_categories trail;
    trail.add(1, 10, 1);
    trail.add(13);
    append_bytes(trail.root / trail.path_of(2), "half a li");
    write_index(trail.root, 8);
    lock_holder const writer(trail.root);
    trail.write_lock(end_state::open);
    auto const report = check_notes(trail.root, {});
    BOOST_TEST((report.limit == std::uint64_t{8}));
    BOOST_TEST(report.last_event_id == 8u);
    BOOST_TEST(report.events == 8u);
    write_index(trail.root, 12);
    check_findings(trail.root, {{error::index_ahead, "index.json", 0}});
    write_index(trail.root, "");
    check_findings(trail.root, {{error::index_invalid, "index.json", 0}});
}

BOOST_AUTO_TEST_CASE(p15_an_older_index_beside_a_writer_is_a_finding) {
    two_categories trail;
    trail.add(1, 10, 1);
    write_index(trail.root, 5);
    lock_holder const writer(trail.root);
    std::ofstream(trail.root / ".lock") << storage::format_lock_record({end_state::open, 10, 1});
    check_findings(trail.root, {{error::index_behind, "index.json", 0}});
}

/// A writer opens the root while the trail is read, appends to segments before and after the current one, and stays or
/// closes.
BOOST_AUTO_TEST_CASE(p15_a_writer_that_opens_the_root_during_a_pass_restarts_the_check) {
    for (bool const stays : {true, false}) {
        two_categories trail;
        std::string odd;
        std::string even;
        for (std::uint64_t id = 1; id <= 40'000; ++id)
            (id % 2 ? odd : even) += line_of(make_event(id, "d", trail.name_of(id)));
        append_bytes(trail.root / trail.path_of(1), odd);
        append_bytes(trail.root / trail.path_of(2), even);
        write_index(trail.root, 40'000);

        std::optional<lock_holder> writer;
        bool has_come = false;
        verify_options options;
        options.on_progress = [&](read_report const&) {
            if (std::exchange(has_come, true)) return;
            writer.emplace(trail.root);
            trail.write_lock(end_state::open);
            trail.add(40'001, 40'100, 2);
            write_index(trail.root, 40'098);
            if (stays) return;
            write_index(trail.root, 40'100);
            trail.write_lock(end_state::clean);
            writer.reset();
        };
        auto const report = check_findings(trail.root, {}, options);
        BOOST_TEST(has_come);
        BOOST_TEST(report.events == (stays ? 40'098u : 40'100u));
        BOOST_TEST(report.limit.has_value() == stays);
    }
}

BOOST_AUTO_TEST_CASE(old_segments_that_are_deleted_during_a_pass_restart_the_check) {
    damaged_trail trail;
    std::string text;
    for (std::uint64_t id = 1; id <= 30'000; ++id) text += line_of(make_event(id, "d", "c"));
    append_bytes(trail.segment, text);
    trail.line(30'001, "audit-000002.jsonl");
    trail.line(30'002, "audit-000003.jsonl");
    write_index(trail.root, 30'002);

    verify_options options;
    options.on_progress = [&](read_report const&) {
        fs::remove(trail.segment);
        fs::remove(trail.category / "audit-000002.jsonl");
    };
    auto const report = check_findings(trail.root, {}, options);
    BOOST_TEST(report.events == 1u);
    BOOST_TEST(notes_but_modes(report) == (std::vector<verdict>{{error::segment_missing, "d/c/audit-000003.jsonl", 0},
                                                                {error::ids_missing, "", 0}}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_trail_that_a_writer_is_creating_has_no_findings) {
    temporary_directory directory;
    lock_holder const writer(directory.path());
    check_notes(directory.path(), {});
}

BOOST_AUTO_TEST_CASE(the_catalog_has_no_findings) {
    temporary_directory directory;
    trail_builder builder(directory.path(), 65536);
    for (auto const& value : catalog_events()) builder.add(value);
    write_index(directory.path(), 6000);
    auto const report = check_notes(directory.path(), {});
    BOOST_TEST(report.events == 6000u);
    BOOST_TEST(report.last_event_id == 6000u);
}

}  // namespace audit_trail::test::ids_test
