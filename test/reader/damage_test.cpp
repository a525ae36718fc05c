#include <sys/stat.h>

#include <algorithm>
#include <audit_trail/reader.hpp>
#include <boost/test/unit_test.hpp>

#include "reader/damaged_trail.hpp"
#include "support/memory_growth.hpp"

namespace audit_trail::test::damage_test {
namespace {

using boost::test_tools::per_element;

struct reading {
    std::vector<std::uint64_t> ids;
    read_report report;
};

reading read(fs::path const& root, read_order order = read_order::event_id, std::size_t max_line_bytes = 1 << 24) {
    reader_options options;
    options.order = order;
    options.max_line_bytes = max_line_bytes;
    reader source(root, {}, options);
    auto ids = ids_of(source);
    return {std::move(ids), source.report()};
}

/// Checks that all orders report exactly this.
void check_damage(damaged_trail const& trail, std::vector<std::uint64_t> const& ids, std::string const& path,
                  std::uint64_t offset, error_code const& reason, std::size_t max_line_bytes = 1 << 24) {
    for (auto const order : {read_order::event_id, read_order::segment, read_order::newest_first}) {
        auto [found, report] = read(trail.directory.path(), order, max_line_bytes);
        if (order == read_order::newest_first) std::ranges::reverse(found);
        BOOST_TEST(found == ids, per_element());
        BOOST_TEST(report.total == 1u);
        BOOST_TEST(report.count_of(reason) == 1u);
        BOOST_TEST_REQUIRE(report.findings.size() == 1u);
        BOOST_TEST(report.findings[0].path == path);
        BOOST_TEST(report.findings[0].offset == offset);
        BOOST_TEST(report.findings[0].reason == reason);
        BOOST_TEST(!report.findings[0].text.empty());
    }
}

/// Inserts bytes between two lines, as one damaged line.
void check_damaged_line(std::string const& bytes, error reason) {
    damaged_trail trail;
    trail.line(1);
    auto const offset = trail.size();
    append_bytes(trail.segment, bytes);
    trail.line(2);
    BOOST_TEST_CONTEXT(bytes.substr(0, 100)) {
        check_damage(trail, {1, 2}, segment_path, offset, reason);
    }
}

}  // namespace

BOOST_AUTO_TEST_CASE(p15_malformed_lines_are_reported) {
    check_damaged_line("some text\n", error::malformed_json);
    check_damaged_line("{}\n", error::missing_member);
    check_damaged_line("[1]\n", error::not_an_object);
    check_damaged_line("{\"event_id\":9\n", error::malformed_json);
    check_damaged_line(line_of(make_event(9, "d", "c")).substr(40), error::malformed_json);
    check_damaged_line(line_of(make_event(9, "d", "c")).substr(0, 60) + "\n", error::malformed_json);
    check_damaged_line(with_payload("{\"after\":{\"a\":1}"), error::malformed_json);
    check_damaged_line(with_payload("{\"after\":{\"a\":}}"), error::malformed_json);
    check_damaged_line(with_payload("{\"after\":{\"a\":NaN}}"), error::malformed_json);
    check_damaged_line(std::string(5000, '\0') + line_of(make_event(9, "d", "c")), error::malformed_json);
    check_damaged_line("\x7f\x45LF\x01\xff\xfe\n", error::malformed_json);
}

BOOST_AUTO_TEST_CASE(p15_blank_lines_and_byte_order_marks_are_reported) {
    check_damaged_line("\n", error::blank_line);
    check_damaged_line(" \t \n", error::blank_line);
    check_damaged_line("\xef\xbb\xbf" + line_of(make_event(9, "d", "c")), error::byte_order_mark);
}

BOOST_AUTO_TEST_CASE(p15_text_that_is_not_unicode_is_reported) {
    check_damaged_line(with_payload(R"({"after":{"a":"\ud800"}})"), error::invalid_payload_text);
    check_damaged_line(with_payload("{\"after\":{\"a\":\"\xff\"}}"), error::invalid_payload_text);
    auto line = line_of(make_event(9, "d", "c"));
    line.replace(line.find("model-2"), 7, "\\udc00");
    check_damaged_line(line, error::invalid_model_name);
}

BOOST_AUTO_TEST_CASE(p15_a_payload_of_two_hundred_thousand_levels_is_reported) {
    std::string const open(200000, '[');
    std::string const close(200000, ']');
    check_damaged_line(with_payload("{\"after\":{\"a\":" + open + close + "}}"), error::nested_too_deep);
}

BOOST_AUTO_TEST_CASE(p15_a_line_that_ends_with_a_carriage_return_is_read_and_reported) {
    damaged_trail trail;
    trail.line(1);
    auto line = line_of(make_event(2, "d", "c"));
    line.insert(line.size() - 1, 1, '\r');
    auto const offset = trail.size();
    append_bytes(trail.segment, line);
    check_damage(trail, {1, 2}, segment_path, offset, error::carriage_return);

    reader source(trail.directory.path());
    source.next();
    auto found = source.next();
    BOOST_TEST(found->line + "\n" == line);
    BOOST_TEST(!found->decode_payload());
    BOOST_TEST(found->event.payload->after->at("revision").as_int64() == 2);
}

BOOST_AUTO_TEST_CASE(p15_torn_tails) {
    auto const whole = line_of(make_event(2, "d", "c"));
    for (std::string const& tail : {whole.substr(0, 50), whole.substr(0, whole.size() - 1), std::string(70000, '\0')}) {
        damaged_trail trail;
        trail.line(1);
        auto const offset = trail.size();
        append_bytes(trail.segment, tail);
        trail.line(3, "audit-000002.jsonl");
        check_damage(trail, {1, 3}, segment_path, offset, error::torn_line);
    }
}

BOOST_AUTO_TEST_CASE(p15_lines_that_are_too_long_are_reported_and_skipped) {
    damaged_trail trail;
    trail.line(1);
    auto const offset = trail.size();
    append_bytes(trail.segment, std::string(3000000, 'x') + "\n");
    trail.line(2);
    check_damage(trail, {1, 2}, segment_path, offset, error::line_too_long, 1000);
    check_damage(trail, {1, 2}, segment_path, offset, error::line_too_long, 2999999);
    check_damage(trail, {1, 2}, segment_path, offset, error::malformed_json, 3000000);
}

BOOST_AUTO_TEST_CASE(p15_a_gibibyte_without_an_end_takes_no_memory) {
    damaged_trail trail;
    trail.line(1);
    auto const offset = trail.size();
    fs::resize_file(trail.segment, offset + (std::uint64_t{1} << 30));
    trail.line(2, "audit-000002.jsonl");

    for (auto const order : {read_order::event_id, read_order::newest_first}) {
        reader source(trail.directory.path(), {}, order);
        std::vector<std::uint64_t> ids;
        BOOST_TEST(peak_growth_kibibytes([&] { ids = ids_of(source); }) < 64 * 1024);
        std::ranges::sort(ids);
        BOOST_TEST(ids == (std::vector<std::uint64_t>{1, 2}), per_element());
        BOOST_TEST(source.report().count_of(error::torn_line) == 1u);
        BOOST_TEST(source.report().findings.at(0).offset == offset);
    }
}

BOOST_AUTO_TEST_CASE(p15_lines_in_the_wrong_directory_are_reported) {
    check_damaged_line(line_of(make_event(9, "d", "other")), error::misplaced_line);
    check_damaged_line(line_of(make_event(9, "other", "c")), error::misplaced_line);
}

BOOST_AUTO_TEST_CASE(p15_ids_out_of_order_are_reported_and_read) {
    damaged_trail trail;
    trail.line(5);
    auto const offset = trail.size();
    trail.line(3);
    trail.line(6);
    check_damage(trail, {5, 3, 6}, segment_path, offset, error::id_out_of_order);
}

BOOST_AUTO_TEST_CASE(p15_an_id_in_two_categories_is_reported) {
    damaged_trail trail;
    trail.line(1);
    append_bytes(trail.directory.path() / "d" / "e" / "audit-000001.jsonl", line_of(make_event(1, "d", "e")));
    auto const [ids, report] = read(trail.directory.path());
    BOOST_TEST(ids == (std::vector<std::uint64_t>{1, 1}), per_element());
    BOOST_TEST(report.count_of(error::id_out_of_order) == 1u);
}

BOOST_AUTO_TEST_CASE(p15_missing_segments_and_ids_are_reported) {
    damaged_trail trail;
    trail.line(3, "audit-000002.jsonl");
    trail.line(4, "audit-000005.jsonl");
    trail.line(9, "audit-1000000.jsonl");
    for (auto const order : {read_order::event_id, read_order::newest_first}) {
        auto [ids, report] = read(trail.directory.path(), order);
        std::ranges::sort(ids);
        BOOST_TEST(ids == (std::vector<std::uint64_t>{3, 4, 9}), per_element());
        BOOST_TEST(report.count_of(error::segment_missing) == 2u);
        BOOST_TEST_REQUIRE(report.findings.size() == 2u);
        auto const& first = report.findings[order == read_order::newest_first ? 1 : 0];
        BOOST_TEST(first.path == "d/c/audit-000005.jsonl");
        BOOST_TEST(first.text.ends_with("3 to 4"));
        BOOST_TEST(report.missing_ids == 6u);
    }
}

BOOST_AUTO_TEST_CASE(p15_foreign_files_are_notes) {
    damaged_trail trail;
    trail.line(1);
    auto const& root = trail.directory.path();
    for (char const* const own : {".lock", ".recovery.jsonl", "index.json", "index.json.tmp"})
        append_bytes(root / own, "x");
    fs::create_directories(root / ".broken" / "d");
    BOOST_TEST(read(root).report.total == 0u);

    std::vector<std::string> const foreign = {"README.txt", "d/notes", "d/c/audit-1.jsonl", "d/c/audit-000002.jsonl.gz",
                                              "d/c/audit-000000.jsonl"};
    for (auto const& name : foreign) append_bytes(root / name, "x");
    fs::create_directories(root / "lost+found");
    auto const [ids, report] = read(root);
    BOOST_TEST(ids == (std::vector<std::uint64_t>{1}), per_element());
    BOOST_TEST(report.total == 0u);
    BOOST_TEST(report.findings.empty());
    BOOST_TEST(report.total_notes == foreign.size() + 1);
    BOOST_TEST(report.note_count_of(error::foreign_file) == foreign.size() + 1);
    BOOST_TEST_REQUIRE(report.notes.size() == foreign.size() + 1);
    BOOST_TEST(report.notes[0].path == "README.txt");
    BOOST_TEST(report.notes[1].path == "lost+found");
}

BOOST_AUTO_TEST_CASE(p15_notes_above_max_findings_are_counted) {
    damaged_trail trail;
    trail.line(1);
    auto const& root = trail.directory.path();
    for (int n = 0; n != 5; ++n) append_bytes(root / ("foreign-" + std::to_string(n)), "x");
    for (std::size_t const max : {0u, 2u, 5u}) {
        reader_options options;
        options.max_findings = max;
        reader source(root, {}, options);
        ids_of(source);
        BOOST_TEST(source.report().notes.size() == max);
        BOOST_TEST(source.report().total_notes == 5u);
        BOOST_TEST(source.report().note_count_of(error::foreign_file) == 5u);
    }
}

BOOST_AUTO_TEST_CASE(p15_links_and_fifos_are_not_followed) {
    damaged_trail trail;
    temporary_directory outside;
    append_bytes(outside.path() / "line", line_of(make_event(2, "d", "c")));
    trail.line(1);
    trail.line(4, "audit-000004.jsonl");
    fs::create_symlink(outside.path() / "line", trail.category / "audit-000002.jsonl");
    BOOST_TEST_REQUIRE(::mkfifo((trail.category / "audit-000003.jsonl").c_str(), 0600) == 0);
    fs::create_directory_symlink(trail.category, trail.directory.path() / "d" / "linked");
    fs::create_directory_symlink(trail.directory.path() / "d", trail.directory.path() / "linked");
    auto const [ids, report] = read(trail.directory.path());
    BOOST_TEST(ids == (std::vector<std::uint64_t>{1, 4}), per_element());
    BOOST_TEST(report.count_of(error::not_a_trail) == 4u);
    BOOST_TEST(report.count_of(error::segment_missing) == 1u);
    BOOST_TEST(report.total == 5u);
}

BOOST_AUTO_TEST_CASE(p15_unreadable_files_are_reported) {
    if (::geteuid() == 0) {
        BOOST_TEST_MESSAGE("skipped: root reads everything");
        return;
    }
    damaged_trail trail;
    trail.line(1);
    trail.line(2, "audit-000002.jsonl");
    fs::permissions(trail.segment, fs::perms::none);
    error_code const denied(EACCES, boost::system::system_category());
    check_damage(trail, {2}, segment_path, 0, denied);
}

BOOST_AUTO_TEST_CASE(p15_a_payload_that_cannot_be_decoded_is_returned_with_its_line) {
    damaged_trail trail;
    std::string line = with_payload(R"({"after":{"n":123456789012345678901234567890}})");
    line.replace(line.find("\"event_id\":9"), 12, "\"event_id\":2");
    trail.line(1);
    append_bytes(trail.segment, line);
    reader source(trail.directory.path());
    source.next();
    auto found = source.next();
    BOOST_TEST_REQUIRE(found.has_value());
    auto const before = found->event;
    BOOST_TEST(found->decode_payload() == make_error_code(error::integer_out_of_range));
    BOOST_TEST(!found->event.payload);
    BOOST_TEST(found->line + "\n" == line);
    BOOST_TEST(line_of(found->event) == line_of(before));
    BOOST_TEST(source.report().total == 0u);
}

BOOST_AUTO_TEST_CASE(findings_are_bounded_for_each_reason) {
    damaged_trail trail;
    for (int i = 0; i < 500; ++i) append_bytes(trail.segment, "\n");
    append_bytes(trail.segment, "nonsense\n");
    reader_options options;
    options.max_findings = 3;
    reader source(trail.directory.path(), {}, options);
    BOOST_TEST(ids_of(source).empty());
    BOOST_TEST(source.report().total == 501u);
    BOOST_TEST(source.report().count_of(error::blank_line) == 500u);
    BOOST_TEST(source.report().findings.size() == 4u);
    BOOST_TEST(source.report().lines == 501u);
    BOOST_TEST(source.report().bytes == 509u);
}

BOOST_AUTO_TEST_CASE(p15_limits_on_ids_work_around_damage) {
    damaged_trail trail;
    for (std::uint64_t segment = 1; segment <= 9; ++segment) {
        auto const name = storage::segment_name(segment);
        if (segment % 3 != 0) append_bytes(trail.category / name, "damage\n");
        if (segment % 4 == 0) continue;
        for (std::uint64_t i = 0; i < 500; ++i) {
            trail.line(segment * 1000 + i, name);
            if (i % 7 == 0) append_bytes(trail.category / name, std::string(300 * (i % 13), 'x') + "\n");
        }
    }
    for (std::uint64_t id = 1000; id < 10000; id += 111) {
        event_filter filter;
        filter.min_event_id = filter.max_event_id = id;
        bool const is_there = id % 1000 < 500 && id / 1000 % 4 != 0;
        for (auto const order : {read_order::event_id, read_order::newest_first}) {
            BOOST_TEST(read_ids(trail.directory.path(), filter, order).size() == (is_there ? 1u : 0u));
        }
    }
}

}  // namespace audit_trail::test::damage_test
