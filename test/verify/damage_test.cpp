/// \file
/// Tests each kind of damage: exactly this is reported, with file, offset and reason.
#include <sys/stat.h>
#include <sys/wait.h>

#include <array>
#include <boost/test/unit_test.hpp>
#include <cerrno>

#include "storage/recovery_log.hpp"
#include "storage/root_lock.hpp"
#include "support/files_limit.hpp"
#include "support/memory_growth.hpp"
#include "verify/support.hpp"

namespace audit_trail::test::damage_test {
namespace {

/// The lines 1 to 9 of d/c, in segments of three lines, and a correct index.
struct nine_lines : damaged_trail {
    std::array<std::uint64_t, 10> offset_of{};  // of a line in its segment

    nine_lines() {
        for (std::uint64_t id = 1; id <= 9; ++id) {
            auto const file = category / file_of(id);
            offset_of[id] = fs::exists(file) ? fs::file_size(file) : 0;
            line(id, file_of(id));
        }
        write_index(root, 9);
    }

    static std::string file_of(std::uint64_t id) { return storage::segment_name(1 + (id - 1) / 3); }
    static std::string path_of(std::uint64_t id) { return "d/c/" + file_of(id); }

    std::string text_of(std::uint64_t id) const { return line_of(make_event(id, "d", "c")); }

    /// Replaces a line with other bytes.
    void replace(std::uint64_t id, std::string const& bytes) const {
        auto const file = category / file_of(id);
        std::string text = contents(file);
        text.replace(offset_of[id], text_of(id).size(), bytes);
        write(file, text);
    }

    static std::string contents(fs::path const& file) {
        std::ifstream in(file, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    static void write(fs::path const& file, std::string const& text) {
        fs::remove(file);
        append_bytes(file, text);
    }
};

/// Replaces line 5 with bytes that still show its id.
void check_damaged_line(std::string const& bytes, error reason, verify_options const& options = {}) {
    nine_lines trail;
    trail.replace(5, bytes);
    BOOST_TEST_CONTEXT(bytes.substr(0, 100)) {
        auto const report = check_findings(trail.root, {{reason, trail.path_of(5), trail.offset_of[5]}}, options);
        BOOST_TEST(report.findings.at(0).first_id == 5u);
    }
}

/// Replaces line 5 with bytes that do not show its id, so that the id is missing, too.
void check_unknown_line(std::string const& bytes, error reason) {
    nine_lines trail;
    trail.replace(5, bytes);
    std::uint64_t const behind = trail.offset_of[5] + bytes.size();
    BOOST_TEST_CONTEXT(bytes.substr(0, 100)) {
        auto const report = check_findings(trail.root, {{reason, trail.path_of(5), trail.offset_of[5]},
                                                        {error::ids_missing, trail.path_of(6), behind}});
        BOOST_TEST(report.missing_ids == 1u);
    }
}

std::string const fifth = line_of(make_event(5, "d", "c"));

std::string with_byte(std::string const& member, char byte) {
    std::string line = fifth;
    line.at(line.find(member)) = byte;
    return line;
}

/// Runs a function as a user without permissions. Returns whether it returned true.
template <typename Function>
bool as_nobody(Function function) {
    constexpr uid_t nobody = 65534;
    pid_t const child = ::fork();
    if (child == 0) ::_exit(::setuid(nobody) == 0 && function() ? 0 : 1);
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_whole_trail_has_no_findings) {
    nine_lines const trail;
    auto const report = check_notes(trail.root, {});
    BOOST_TEST(report.categories == 1u);
    BOOST_TEST(report.segments == 3u);
    BOOST_TEST(report.lines == 9u);
    BOOST_TEST(report.events == 9u);
    BOOST_TEST(report.first_event_id == 1u);
    BOOST_TEST(report.last_event_id == 9u);
    BOOST_TEST(report.missing_ids == 0u);
    BOOST_TEST(!report.limit);
    std::uint64_t bytes = 0;
    for (auto const& file : fs::directory_iterator(trail.category)) bytes += file.file_size();
    BOOST_TEST(report.bytes == bytes);
}

BOOST_AUTO_TEST_CASE(a_flipped_byte_is_reported) {
    check_damaged_line(with_byte("timestamp", 'T'), error::unknown_member);
    check_damaged_line(with_byte(R"(":1700)", '\x02'), error::malformed_json);
    check_damaged_line(with_byte("}}", ']'), error::malformed_json);
    check_damaged_line(with_byte("after", '\xe1'), error::invalid_payload_text);
    check_damaged_line(with_byte("after", 'A'), error::unknown_member);
    check_damaged_line(with_byte("delete", 'D'), error::invalid_operation);
    check_unknown_line(with_byte("event_id", 'E'), error::unknown_member);
    check_unknown_line(with_byte("{", '['), error::not_an_object);
}

BOOST_AUTO_TEST_CASE(a_flipped_digit_of_an_id_is_reported) {
    nine_lines trail;
    std::string line = fifth;
    line.replace(line.find(":5,"), 3, ":7,");
    trail.replace(5, line);
    check_findings(trail.root, {{error::id_out_of_order, trail.path_of(6), trail.offset_of[6]},
                                {error::ids_missing, trail.path_of(5), trail.offset_of[5]},
                                {error::duplicate_id, trail.path_of(7), trail.offset_of[7]}});
}

BOOST_AUTO_TEST_CASE(a_flipped_digit_that_makes_an_id_very_high_is_reported) {
    nine_lines trail;
    std::string line = fifth;
    line.replace(line.find(":5,"), 3, ":18446744073709551615,");
    trail.replace(5, line);
    auto const behind = trail.offset_of[5] + line.size();
    auto const report = check_findings(trail.root, {{error::ids_missing, trail.path_of(6), behind},
                                                    {error::id_too_high, trail.path_of(5), trail.offset_of[5]}});
    BOOST_TEST(report.findings[0].first_id == 5u);
    BOOST_TEST(report.findings[0].last_id == 5u);
    BOOST_TEST(report.last_event_id == 9u);
}

BOOST_AUTO_TEST_CASE(a_deleted_line_is_reported) {
    nine_lines trail;
    trail.replace(5, "");
    auto const report = check_findings(trail.root, {{error::ids_missing, trail.path_of(6), trail.offset_of[5]}});
    BOOST_TEST(report.findings[0].first_id == 5u);
    BOOST_TEST(report.findings[0].last_id == 5u);
    BOOST_TEST(report.findings[0].text.ends_with(": id 5"));
}

BOOST_AUTO_TEST_CASE(a_deleted_last_line_is_reported) {
    nine_lines trail;
    trail.replace(9, "");
    auto const report = check_findings(trail.root, {{error::index_ahead, "index.json", 0}});
    BOOST_TEST(report.missing_ids == 1u);
}

BOOST_AUTO_TEST_CASE(a_doubled_line_is_reported) {
    nine_lines trail;
    trail.replace(5, fifth + fifth);
    check_findings(trail.root, {{error::duplicate_id, trail.path_of(5), trail.offset_of[5] + fifth.size()}});
}

BOOST_AUTO_TEST_CASE(a_line_that_is_repeated_later_is_reported) {
    nine_lines trail;
    trail.replace(9, fifth + trail.text_of(9));
    check_findings(trail.root, {{error::duplicate_id, trail.path_of(9), trail.offset_of[9]}});
}

BOOST_AUTO_TEST_CASE(swapped_lines_are_reported) {
    nine_lines trail;
    std::string const sixth = trail.text_of(6);
    trail.replace(6, "");
    trail.replace(5, sixth + fifth);
    check_findings(trail.root, {{error::id_out_of_order, trail.path_of(5), trail.offset_of[5] + sixth.size()}});
}

BOOST_AUTO_TEST_CASE(a_deleted_segment_is_reported) {
    nine_lines trail;
    fs::remove(trail.category / trail.file_of(5));
    auto const report = check_findings(
        trail.root, {{error::segment_missing, trail.path_of(7), 0}, {error::ids_missing, trail.path_of(7), 0}});
    BOOST_TEST(report.findings[0].text.ends_with("2 to 2"));
    BOOST_TEST(report.findings[1].text.ends_with("ids 4 to 6"));
    BOOST_TEST(report.missing_ids == 3u);
}

BOOST_AUTO_TEST_CASE(a_deleted_last_segment_is_reported) {
    nine_lines trail;
    fs::remove(trail.category / trail.file_of(7));
    auto const report = check_findings(trail.root, {{error::index_ahead, "index.json", 0}});
    BOOST_TEST(report.missing_ids == 3u);
}

BOOST_AUTO_TEST_CASE(a_deleted_category_is_reported) {
    nine_lines trail;
    append_bytes(trail.root / "d/e/audit-000001.jsonl", line_of(make_event(10, "d", "e")));
    write_index(trail.root, 10);
    check_findings(trail.root, {});
    fs::remove_all(trail.category);
    check_findings(trail.root, {{error::ids_missing, "d/e/audit-000001.jsonl", 0}});
}

BOOST_AUTO_TEST_CASE(a_cut_tail_is_reported) {
    nine_lines trail;
    fs::resize_file(trail.category / trail.file_of(6), trail.offset_of[6] + 60);
    auto const report = check_findings(trail.root, {{error::torn_line, trail.path_of(6), trail.offset_of[6]}});
    BOOST_TEST(report.findings[0].first_id == 6u);
    fs::resize_file(trail.category / trail.file_of(6), trail.offset_of[6] + 10);
    check_findings(trail.root, {{error::torn_line, trail.path_of(6), trail.offset_of[6]},
                                {error::ids_missing, trail.path_of(7), 0}});
}

BOOST_AUTO_TEST_CASE(a_tail_of_nuls_is_reported) {
    nine_lines trail;
    fs::resize_file(trail.category / trail.file_of(9), 100'000);
    check_findings(trail.root, {{error::torn_line, trail.path_of(9), trail.offset_of[9] + trail.text_of(9).size()}});
}

BOOST_AUTO_TEST_CASE(a_gibibyte_without_an_end_takes_no_memory) {
    nine_lines trail;
    fs::resize_file(trail.category / trail.file_of(6), std::uint64_t{1} << 30);
    auto const offset = trail.offset_of[6] + trail.text_of(6).size();
    long const grown = peak_growth_kibibytes([&] {
        check_findings(trail.root, {{error::torn_line, trail.path_of(6), offset}});
    });
    BOOST_TEST(grown < 64 * 1024);
}

BOOST_AUTO_TEST_CASE(a_line_that_is_too_long_is_reported) {
    verify_options options;
    options.max_line_bytes = 1000;
    std::string long_line = fifth;
    long_line.insert(long_line.find("model-"), 5000, 'x');
    check_damaged_line(long_line, error::line_too_long, options);
    nine_lines trail;
    trail.replace(5, long_line);
    check_findings(trail.root, {});
}

BOOST_AUTO_TEST_CASE(a_binary_file_is_reported) {
    nine_lines trail;
    std::string bytes;
    for (int i = 0; i != 1000; ++i) bytes += static_cast<char>(i * 37 % 251);
    trail.write(trail.category / trail.file_of(5), bytes + "\n");
    auto const report = verify(trail.root);
    BOOST_TEST(report.missing_ids == 3u);
    BOOST_TEST_REQUIRE(!report.findings.empty());
    for (auto const& finding : report.findings) {
        if (finding.reason == error::ids_missing) continue;
        BOOST_TEST(finding.path == trail.path_of(5));
    }
    BOOST_TEST(report.findings.back().text.ends_with("ids 4 to 6"));
}

BOOST_AUTO_TEST_CASE(byte_order_marks_and_blank_lines_are_reported) {
    check_damaged_line("\xef\xbb\xbf" + fifth, error::byte_order_mark);
    check_unknown_line("\n", error::blank_line);
    check_unknown_line(" \t\n", error::blank_line);
    nine_lines trail;
    trail.replace(5, fifth.substr(0, fifth.size() - 1) + "\r\n");
    check_findings(trail.root, {{error::carriage_return, trail.path_of(5), trail.offset_of[5]}});
}

BOOST_AUTO_TEST_CASE(a_blank_line_between_lines_is_reported) {
    nine_lines trail;
    trail.replace(5, fifth + "\n");
    check_findings(trail.root, {{error::blank_line, trail.path_of(5), trail.offset_of[6]}});
}

BOOST_AUTO_TEST_CASE(a_line_in_the_wrong_directory_is_reported) {
    check_damaged_line(line_of(make_event(5, "d", "other")), error::misplaced_line);
    check_damaged_line(line_of(make_event(5, "other", "c")), error::misplaced_line);
}

BOOST_AUTO_TEST_CASE(half_surrogate_pairs_are_reported) {
    check_damaged_line(with_payload(R"({"after":{"a":"\ud800"}})", 5), error::invalid_payload_text);
    check_damaged_line(with_payload(R"({"after":{"\udc00":1}})", 5), error::invalid_payload_text);
}

BOOST_AUTO_TEST_CASE(a_payload_of_two_hundred_thousand_levels_is_reported) {
    std::string const deep = std::string(200'000, '[') + std::string(200'000, ']');
    check_damaged_line(with_payload(R"({"after":{"a":)" + deep + "}}", 5), error::nested_too_deep);
}

/// Readers return these lines, but no event can hold them.
BOOST_AUTO_TEST_CASE(payloads_that_no_event_can_have_are_reported) {
    check_damaged_line(with_payload(R"({"after":{"a":123456789012345678901}})", 5), error::integer_out_of_range);
    check_damaged_line(with_payload(R"({"after":{"a":1e999}})", 5), error::not_finite);
    check_damaged_line(with_payload(R"({"after":{"a":1,"a":2}})", 5), error::duplicate_member);
    check_damaged_line(with_payload(R"({"during":{}})", 5), error::unknown_member);
    check_damaged_line(with_payload(R"({"after":[]})", 5), error::not_an_object);
    check_damaged_line(with_payload(R"({"delta":{"a":1}})", 5), error::invalid_delta);
}

/// Other programs write such lines, with the same meaning.
BOOST_AUTO_TEST_CASE(lines_in_another_form_are_not_damage) {
    nine_lines trail;
    std::string line = with_payload(R"({ "delta" : {"a": {"new":1}} })", 5);
    line.insert(1, " ");
    trail.replace(5, line);
    check_findings(trail.root, {});
}

BOOST_AUTO_TEST_CASE(a_segment_that_is_a_link_is_reported) {
    nine_lines trail;
    temporary_directory outside;
    fs::rename(trail.category / trail.file_of(5), outside.path() / "moved");
    fs::create_symlink(outside.path() / "moved", trail.category / trail.file_of(5));
    check_findings(trail.root, {{error::not_a_trail, trail.path_of(5), 0},
                                {error::segment_missing, trail.path_of(7), 0},
                                {error::ids_missing, trail.path_of(7), 0}});
}

BOOST_AUTO_TEST_CASE(an_unreadable_file_is_reported) {
    nine_lines trail;
    fs::permissions(trail.directory.path(), fs::perms::all);
    fs::permissions(trail.category / trail.file_of(5), fs::perms::none);
    error_code const denied(EACCES, boost::system::system_category());
    auto const names_it = [&] {
        auto const report = verify(trail.root);
        return verdicts(report.findings) == std::vector<verdict>{{denied, trail.path_of(5), 0}} &&
               report.missing_ids == 0;
    };
    BOOST_TEST((::geteuid() == 0 ? as_nobody(names_it) : names_it()));
}

/// Without the marks it is unknown whether there is a writer, and which ids exist.
BOOST_AUTO_TEST_CASE(unreadable_marks_are_reported) {
    nine_lines trail;
    fs::permissions(trail.directory.path(), fs::perms::all);
    error_code const denied(EACCES, boost::system::system_category());
    append_bytes(trail.root / ".lock", "");
    for (std::vector<std::string> const& names :
         {std::vector<std::string>{"index.json"}, {".lock"}, {".lock", "index.json"}}) {
        for (char const* const name : {".lock", "index.json"}) {
            bool const is_denied = std::ranges::find(names, name) != names.end();
            fs::permissions(trail.root / name, is_denied ? fs::perms::none : fs::perms::all);
        }
        auto const names_them = [&] {
            auto const report = verify(trail.root);
            std::vector<verdict> expected;
            for (auto const& name : names) expected.push_back({denied, name, 0});
            return verdicts(report.findings) == expected && report.missing_ids == 0 && !report.limit;
        };
        BOOST_TEST((::geteuid() == 0 ? as_nobody(names_them) : names_them()), names.front());
    }
}

BOOST_AUTO_TEST_CASE(an_unreadable_directory_is_reported) {
    nine_lines trail;
    fs::permissions(trail.directory.path(), fs::perms::all);
    fs::permissions(trail.category, fs::perms::none);
    auto const names_it = [&] {
        auto const report = verify(trail.root);
        auto const found = verdicts(report.findings);
        verdict const unread{{EACCES, boost::system::system_category()}, "d/c", 0};
        return found == std::vector<verdict>{unread} && report.missing_ids == 0;
    };
    BOOST_TEST((::geteuid() == 0 ? as_nobody(names_it) : names_it()));
    fs::permissions(trail.category, fs::perms::all);
}

/// Whatever could not be opened: no id is reported as missing, and no file as damaged.
void check_whole_or_out_of_files(fs::path const& root, rlim_t files_left, bool& is_whole) {
    error_code const out_of_files(EMFILE, boost::system::system_category());
    error_code ec;
    verify_report report;
    {
        files_limit const limit(files_left);
        report = verify(root, {}, ec);
    }
    BOOST_TEST_CONTEXT(files_left << " files left") {
        if (ec) BOOST_TEST(ec == out_of_files);
        BOOST_TEST(report.missing_ids == 0u);
        BOOST_TEST(!report.limit);
        for (auto const& found : verdicts(report.findings)) BOOST_TEST(found.reason == out_of_files, found);
        is_whole = !ec && report.is_whole();
    }
}

/// The ids 19 and 20 were in a deleted first segment. A segment vanished, but no id that it may have had is missing.
BOOST_AUTO_TEST_CASE(ids_are_not_missing_if_the_process_runs_out_of_files) {
    nine_lines trail;
    auto const add = [&](std::uint64_t id, std::string const& name, std::uint64_t segment) {
        append_bytes(trail.root / storage::segment_path("d", name, segment), line_of(make_event(id, "d", name)));
    };
    for (std::uint64_t id = 10; id != 19; ++id) add(id, id % 2 == 0 ? "even" : "odd", id / 2);
    add(21, "late", 2);
    recovery_finding vanished;
    vanished.kind = recovery_finding::kind_type::vanished_segment;
    vanished.path = storage::segment_path("d", "even", 4);
    append_bytes(trail.root / ".recovery.jsonl", storage::format_finding(vanished) + '\n');
    append_bytes(trail.root / ".lock", storage::format_lock_record({storage::end_state::clean, 21, 1}));
    write_index(trail.root, 21);
    check_findings(trail.root, {});

    bool is_whole = false;
    for (rlim_t files_left = 0; files_left <= 12; ++files_left) {
        check_whole_or_out_of_files(trail.root, files_left, is_whole);
    }
    BOOST_TEST(is_whole);
    auto const text = advice({EMFILE, boost::system::system_category()});
    BOOST_TEST(text.starts_with("Missing ids were not searched for."));
}

BOOST_AUTO_TEST_CASE(findings_are_bounded_for_each_reason) {
    nine_lines trail;
    append_bytes(trail.category / trail.file_of(9), std::string(500, '\n') + "x\n");
    verify_options options;
    options.max_findings = 3;
    auto const report = verify(trail.root, options);
    BOOST_TEST(report.total_findings == 501u);
    BOOST_TEST(report.findings.size() == 4u);
    BOOST_TEST_REQUIRE(report.finding_counts.size() == 2u);
    BOOST_TEST(report.finding_counts[0].second == 500u);
}

/// Tests more damage than a pass keeps.
BOOST_AUTO_TEST_CASE(all_damage_is_counted) {
    nine_lines trail;
    append_bytes(trail.category / trail.file_of(9), std::string(25'000, '\n'));
    auto const report = verify(trail.root);
    BOOST_TEST(report.total_findings == 25'000u);
    BOOST_TEST(report.finding_counts.at(0).second == 25'000u);
    BOOST_TEST(report.findings.size() == 100u);
}

BOOST_AUTO_TEST_CASE(an_absent_root_is_an_error) {
    temporary_directory directory;
    error_code ec;
    verify(directory.path() / "none", {}, ec);
    BOOST_TEST(ec == boost::system::errc::no_such_file_or_directory);
    BOOST_CHECK_THROW(verify(directory.path() / "none"), boost::system::system_error);
}

BOOST_AUTO_TEST_CASE(an_empty_root_is_not_a_trail) {
    temporary_directory directory;
    auto const report = check_findings(directory.path(), {{error::no_trail, "", 0}});
    BOOST_TEST(report.events == 0u);
    BOOST_TEST(report.first_event_id == 0u);
    BOOST_TEST(report.last_event_id == 0u);
}

}  // namespace audit_trail::test::damage_test
