/// \file
/// Tests `verify`: its text and its JSON, while a writer runs, and after a writer was killed.
#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>
#include <csignal>
#include <filesystem>

#include "cli/program.hpp"
#include "cli/scratch_directory.hpp"
#include "cli/trail_files.hpp"

namespace test::verify_test {
namespace {

using namespace test;
namespace fs = std::filesystem;
namespace json = boost::json;

struct small_trail {
    scratch_directory const scratch;
    std::string const root = scratch.root();
    fs::path const segment = fs::path(root) / "d/c/audit-000001.jsonl";

    small_trail() { BOOST_REQUIRE_EQUAL(run({"append", root}, draft() + draft() + draft()).exit_code, 0); }

    std::size_t offset_of(int id) const { return read_file(segment).find("{\"event_id\":" + std::to_string(id) + ','); }
    /// Replaces a line by other bytes.
    void replace_line(int id, std::string const& bytes) const {
        std::string text = read_file(segment);
        auto const begin = offset_of(id);
        text.replace(begin, text.find('\n', begin) + 1 - begin, bytes);
        scratch.write("root/d/c/audit-000001.jsonl", text);
    }
};

json::object verify_json(std::string const& root, int exit_code) {
    auto const done = run({"verify", root, "--format", "json"});
    BOOST_TEST(done.exit_code == exit_code);
    BOOST_TEST(done.err == "");
    BOOST_TEST(lines_of(done.out).size() == 1);
    return json::parse(done.out).as_object();
}

BOOST_AUTO_TEST_CASE(a_whole_trail_is_reported_in_one_line) {
    small_trail const trail;
    auto const done = run({"verify", trail.root});
    BOOST_TEST(done.exit_code == 0);
    BOOST_TEST(done.err == "");
    BOOST_TEST(done.out.starts_with(trail.root + ": whole: 3 events (1 to 3), 1 segment, 1 category, "), done.out);
    BOOST_TEST(lines_of(done.out).size() == 1);
}

BOOST_AUTO_TEST_CASE(the_catalog_is_whole) {
    scratch_directory const scratch;
    auto const made = run({"append", scratch.root(), catalog_file(), "--max-segment-bytes", "65536"});
    BOOST_REQUIRE_EQUAL(made.exit_code, 0);
    auto const report = verify_json(scratch.root(), 0);
    BOOST_TEST(report.at("whole").as_bool());
    BOOST_TEST(report.at("events").as_int64() == 6000);
    BOOST_TEST(report.at("last_event_id").as_int64() == 6000);
    BOOST_TEST(report.at("total_notes").as_int64() == 0);
    BOOST_TEST(report.at("limit").is_null());
    BOOST_TEST(report.at("segments").as_int64() == static_cast<std::int64_t>(segments_in(scratch.root()).size()));
}

BOOST_AUTO_TEST_CASE(findings_name_file_offset_reason_and_remedy) {
    small_trail const trail;
    trail.replace_line(2, "damage\n");
    auto const done = run({"verify", trail.root});
    BOOST_TEST(done.exit_code == 1);
    BOOST_TEST(done.err == "");
    auto const lines = lines_of(done.out);
    BOOST_REQUIRE_EQUAL(lines.size(), 5);
    BOOST_TEST(lines[0].starts_with(trail.root + ": 2 findings: 2 events (1 to 3), "), lines[0]);
    BOOST_TEST(lines[0].ends_with(", 1 id missing"), lines[0]);
    std::string const place = "finding: " + trail.segment.string() + ": offset ";
    auto const offset = read_file(trail.segment).find("damage");
    BOOST_TEST(lines[1].starts_with(place + std::to_string(offset) + ": the text is not JSON"), lines[1]);
    BOOST_TEST(lines[2].starts_with("    "), lines[2]);
    BOOST_TEST(lines[3] == place + std::to_string(trail.offset_of(3)) + ": ids are missing from the segments: id 2");
    BOOST_TEST(lines[4].starts_with("    "), lines[4]);
}

BOOST_AUTO_TEST_CASE(many_findings_of_a_kind_are_counted) {
    small_trail const trail;
    trail.replace_line(2, std::string(50, '\n'));
    auto const done = run({"verify", trail.root});
    BOOST_TEST(done.exit_code == 1);
    BOOST_TEST(done.out.find("finding: 30 more: the line is blank\n") != std::string::npos, done.out);
    BOOST_TEST(verify_json(trail.root, 1).at("findings").as_array().size() == 51u);
}

/// A note about missing ids says why they are missing: advice to look for them would contradict it.
BOOST_AUTO_TEST_CASE(notes_about_ids_have_no_advice) {
    small_trail const trail;
    trail.replace_line(2, "");
    trail.scratch.write("root/README", "");
    trail.scratch.write("root/.recovery.jsonl",
                        R"({"time":1,"kind":"accepted_loss","first_id":2,"last_id":2,"user":"ada"})"
                        "\n");
    auto const done = run({"verify", trail.root});
    BOOST_TEST(done.exit_code == 0);
    BOOST_TEST(done.out.find("id 2: lost; .recovery.jsonl records who accepted the loss") != std::string::npos,
               done.out);
    BOOST_TEST(done.out.find("Look for the events") == std::string::npos, done.out);
    BOOST_TEST(done.out.find("    Readers and writers ignore it.") != std::string::npos, done.out);
    auto const report = verify_json(trail.root, 0);
    for (auto const& note : report.at("notes").as_array()) {
        bool const is_about_ids = note.at("reason").as_string() == "ids_missing";
        BOOST_TEST(note.as_object().contains("advice") == !is_about_ids);
    }
}

BOOST_AUTO_TEST_CASE(json_has_the_whole_report) {
    small_trail const trail;
    trail.replace_line(2, "");
    trail.scratch.write("root/\x1b\xff\"", "");
    auto const report = verify_json(trail.root, 1);
    BOOST_TEST(report.at("root").as_string() == trail.root);
    BOOST_TEST(!report.at("whole").as_bool());
    BOOST_TEST(report.at("lines").as_int64() == 2);
    BOOST_TEST(report.at("bytes").as_int64() == static_cast<std::int64_t>(fs::file_size(trail.segment)));
    BOOST_TEST(report.at("categories").as_int64() == 1);
    BOOST_TEST(report.at("first_event_id").as_int64() == 1);
    BOOST_TEST(report.at("missing_ids").as_int64() == 1);
    BOOST_TEST(report.at("total_findings").as_int64() == 1);

    auto const& finding = report.at("findings").as_array().at(0).as_object();
    BOOST_TEST(finding.at("path").as_string() == "d/c/audit-000001.jsonl");
    BOOST_TEST(finding.at("offset").as_int64() == static_cast<std::int64_t>(trail.offset_of(3)));
    BOOST_TEST(finding.at("reason").as_string() == "ids_missing");
    BOOST_TEST(finding.at("first_id").as_int64() == 2);
    BOOST_TEST(finding.at("last_id").as_int64() == 2);
    BOOST_TEST(finding.at("text").as_string().size() > 10u);
    BOOST_TEST(finding.at("advice").as_string().size() > 10u);

    auto const& notes = report.at("notes").as_array();
    bool const has_foreign = std::any_of(notes.begin(), notes.end(), [](json::value const& note) {
        return note.at("reason").as_string() == "foreign_file" && note.at("path").as_string() == "\\x1b\\xff\"";
    });
    BOOST_TEST(has_foreign);
}

BOOST_AUTO_TEST_CASE(control_bytes_of_file_names_never_reach_the_terminal) {
    small_trail const trail;
    trail.scratch.write("root/\x1b[31m\xc2\x9b", "");
    auto const done = run({"verify", trail.root});
    BOOST_TEST(done.exit_code == 0);
    BOOST_TEST(done.out.find("note: " + trail.root + "/\\x1b[31m\\xc2\\x9b: ") != std::string::npos, done.out);
    BOOST_TEST(done.out.find('\x1b') == std::string::npos);
}

BOOST_AUTO_TEST_CASE(wrong_usage_and_invalid_roots_are_reported) {
    scratch_directory const scratch;
    scratch.write("root/file", "x");
    for (std::vector<std::string> const& arguments : {std::vector<std::string>{"verify"},
                                                      {"verify", scratch.root(), "--format", "xml"},
                                                      {"verify", scratch.root(), "more"}}) {
        auto const done = run(arguments);
        BOOST_TEST(done.exit_code == 2);
        BOOST_TEST(done.out == "");
    }
    for (auto const& root : {scratch.root(), scratch.root() + "/none", scratch.root() + "/file"}) {
        auto const done = run({"verify", root});
        BOOST_TEST(done.exit_code == 1);
        BOOST_TEST(done.out == "");
        BOOST_TEST(done.err.starts_with("audit-trail: " + root + ": "), done.err);
    }
}

BOOST_AUTO_TEST_CASE(a_full_output_is_an_error_of_verify) {
    small_trail const trail;
    auto const done = run_shell("\"$PROGRAM\" verify " + trail.root + " >/dev/full");
    BOOST_TEST(done.exit_code == 1);
    BOOST_TEST(done.err.starts_with("standard output: "), done.err);
}

/// Segments, index.json and `.lock` change while verify reads.
BOOST_AUTO_TEST_CASE(p15_a_trail_that_is_written_is_whole_at_every_moment) {
    scratch_directory const scratch;
    running_program writer({"append", scratch.root(), catalog_file(), catalog_file(), "-", "--max-segment-bytes",
                            "16384", "--window", "8"});
    std::int64_t printed = 0;
    for (std::int64_t committed = 1; printed < 12'000;) {
        // The writer stops when its output is not read.
        for (; printed < committed; ++printed) BOOST_REQUIRE(writer.read_line().has_value());
        auto const report = verify_json(scratch.root(), 0);
        BOOST_TEST(report.at("limit").as_int64() == report.at("last_event_id").as_int64());
        BOOST_TEST(report.at("last_event_id").as_int64() >= committed);
        committed = report.at("last_event_id").as_int64();
    }
    writer.close_input();
    BOOST_TEST(writer.wait().exit_code == 0);
    BOOST_TEST(verify_json(scratch.root(), 0).at("events").as_int64() == 12'000);
}

BOOST_AUTO_TEST_CASE(p06_a_trail_whose_writer_was_killed_is_whole_once_it_was_opened_again) {
    constexpr int rounds = 10;
    scratch_directory const scratch;
    for (int round = 0; round != rounds; ++round) {
        running_program writer({"append", scratch.root(), catalog_file(), "--max-segment-bytes", "32768", "--window",
                                "1024", "--durability", "written"});
        for (int i = 0; i <= round * 97 % 1500; ++i) BOOST_REQUIRE(writer.read_line().has_value());
        writer.signal(SIGKILL);
        writer.wait();
        // Acknowledged events are never missing.
        auto const before = verify_json(scratch.root(), run({"verify", scratch.root()}).exit_code);
        BOOST_TEST(before.at("missing_ids").as_int64() == 0);
        BOOST_REQUIRE_EQUAL(run({"append", scratch.root()}).exit_code, 0);
        auto const after = verify_json(scratch.root(), 0);
        BOOST_TEST(after.at("missing_ids").as_int64() == 0);
    }
}

}  // namespace
}  // namespace test::verify_test
