#include "storage/index_file.hpp"

#include <boost/test/unit_test.hpp>

#include "print.hpp"
#include "root_fixture.hpp"

namespace audit_trail::storage::index_file_test {
namespace {

using namespace test;

std::string const python_index = "{\n  \"last_event_id\": 2\n}";

/// A trail of three events in two categories, closed.
struct closed_trail : root_fixture {
    closed_trail() {
        trail_session session(root);
        session.append("d", "a");
        session.append("d", "b");
        session.append("d", "a");
        session.close();
    }
};

BOOST_AUTO_TEST_SUITE(index_text)

BOOST_AUTO_TEST_CASE(p02_the_index_has_the_same_size_for_every_id_and_is_read_back) {
    for (std::uint64_t const id : {0ul, 1ul, 6000ul, 1ul << 53}) {
        BOOST_TEST(format_index(id).size() == format_index(0).size());
        BOOST_TEST(parse_index(format_index(id)).value() == id);
    }
    BOOST_TEST(format_index(UINT64_MAX).size() == format_index(0).size());
}

BOOST_AUTO_TEST_CASE(p02_any_json_object_with_the_id_is_an_index) {
    BOOST_TEST(parse_index(python_index).value() == 2u);
    BOOST_TEST(parse_index("{\"last_event_id\":7,\"more\":[1]}").value() == 7u);
    BOOST_TEST(parse_index("{\"last_event_id\": 9007199254740992}").value() == 1ul << 53);
}

BOOST_AUTO_TEST_CASE(p02_text_that_is_not_an_index_is_ignored) {
    for (char const* const text :
         {"", " ", "{", "{}", "[]", "7", "null", "{\"last_event_id\":\"7\"}", "{\"last_event_id\":null}",
          "{\"last_event_id\":-1}", "{\"last_event_id\":7.0}", "{\"last_event_id\":1e3}", "{\"last_event_id\":7}x",
          "{\"last_event_id\":9007199254740993}", "{\"last_event_id\":18446744073709551616}",
          "{\"last_event_id\":[7]}"}) {
        BOOST_TEST_CONTEXT(text) {
            BOOST_TEST(!parse_index(text));
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(index_at_opening, closed_trail)

BOOST_AUTO_TEST_CASE(p02_a_missing_index_changes_nothing) {
    std::filesystem::remove(root / "index.json");
    trail_session session(root);
    BOOST_TEST(session.store().next_id() == 4u);
    BOOST_TEST(session.report.findings.empty());
    BOOST_TEST(read_file(root / "index.json") == format_index(3));
}

BOOST_AUTO_TEST_CASE(p02_a_corrupt_stale_or_excessive_index_changes_nothing) {
    for (char const* const text : {"", "garbage", "{\"last_event_id\": 1}", "{\"last_event_id\": 9007199254740993}",
                                   "{\"last_event_id\": -5}", "[3]", "\n"}) {
        BOOST_TEST_CONTEXT(text) {
            write_file(root / "index.json", text);
            trail_session session(root);
            BOOST_TEST(session.store().next_id() == 4u);
            BOOST_TEST(session.report.findings.empty());
            BOOST_TEST(read_file(root / "index.json") == format_index(3));
            session.close();
        }
    }
}

BOOST_AUTO_TEST_CASE(p02_a_link_or_directory_named_index_json_is_never_followed) {
    write_file(directory.path() / "outside", "untouched");
    std::filesystem::remove(root / "index.json");
    std::filesystem::create_symlink(directory.path() / "outside", root / "index.json");
    {
        trail_session session(root);
        BOOST_REQUIRE(session.is_open());
        session.append("d", "a");
    }
    BOOST_TEST(read_file(directory.path() / "outside") == "untouched");
    BOOST_TEST(read_file(root / "index.json") == format_index(4));
}

BOOST_AUTO_TEST_CASE(p11_an_index_with_another_link_is_replaced_and_not_written_through) {
    write_file(directory.path() / "outside", format_index(3));
    std::filesystem::remove(root / "index.json");
    std::filesystem::create_hard_link(directory.path() / "outside", root / "index.json");
    trail_session session(root);
    BOOST_REQUIRE(session.is_open());
    session.append("d", "a");
    BOOST_TEST(read_file(directory.path() / "outside") == format_index(3));
    BOOST_TEST(read_file(root / "index.json") == format_index(4));
}

BOOST_AUTO_TEST_CASE(p02_an_index_ahead_of_the_segments_means_missing_events_and_their_ids_are_not_used_again) {
    write_file(root / "index.json", "{\"last_event_id\": 10}");
    {
        trail_session session(root);
        BOOST_TEST(session.store().next_id() == 11u);
        BOOST_REQUIRE(session.report.findings.size() == 1u);
        auto const& finding = session.report.findings[0];
        BOOST_TEST((finding.kind == recovery_finding::kind_type::lost_ids));
        BOOST_TEST(finding.first_id == 4u);
        BOOST_TEST(finding.last_id == 10u);
        session.append("d", "a");
        session.close();
    }
    auto const log = read_file(root / ".recovery.jsonl");
    BOOST_TEST(log.find(R"("kind":"lost_ids","first_id":4,"last_id":10,"reason")") != log.npos);
    trail_session again(root);
    BOOST_TEST(again.report.findings.empty());
    BOOST_TEST(again.store().next_id() == 12u);
    BOOST_TEST(read_file(root / ".recovery.jsonl") == log);
}

BOOST_AUTO_TEST_CASE(p02_a_finding_is_recorded_only_once) {
    write_file(root / "index.json", "{\"last_event_id\": 10}");
    for (int i = 0; i < 3; ++i) {
        trail_session session(root);
        BOOST_TEST(session.report.findings.size() == 1u);
        session.close();
    }
    auto const log = read_file(root / ".recovery.jsonl");
    BOOST_TEST(std::ranges::count(log, '\n') == 1);
}

BOOST_AUTO_TEST_CASE(p02_an_index_in_another_format_is_replaced_by_a_rename) {
    write_file(root / "index.json", "{\n  \"last_event_id\": 3\n}");
    trail_session session(root, {}, system);
    auto const replaced = position(call_kind::rename, "index.json");
    BOOST_REQUIRE(replaced < system.calls().size());
    BOOST_TEST(position(call_kind::sync, ".index.json.new") < replaced);
    BOOST_TEST(!std::filesystem::exists(root / ".index.json.new"));
    session.append("d", "a");
    BOOST_TEST(read_file(root / "index.json") == format_index(4));
    BOOST_TEST(system.count(call_kind::rename) == 1u);
}

BOOST_AUTO_TEST_CASE(an_index_in_the_librarys_own_format_is_not_replaced) {
    trail_session session(root, {}, system);
    session.append("d", "a");
    BOOST_TEST(system.count(call_kind::rename) == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace audit_trail::storage::index_file_test
