#include "storage/recovery_log.hpp"

#include <boost/test/unit_test.hpp>

namespace audit_trail::storage::recovery_log_test {
namespace {

using kind_type = recovery_finding::kind_type;

BOOST_AUTO_TEST_SUITE(recovery_records)

BOOST_AUTO_TEST_CASE(p06_a_record_is_read_back) {
    recovery_finding torn;
    torn.time = 1700000000;
    torn.path = "d/c/audit-000001.jsonl";
    torn.offset = 17;
    torn.bytes = 5;
    torn.saved_as = ".broken/\"x\"";
    torn.reason = "no newline";
    recovery_finding ids;
    ids.kind = kind_type::unused_ids;
    ids.first_id = 5;
    ids.last_id = UINT64_MAX;
    recovery_finding ahead = ids;
    ahead.kind = kind_type::index_ahead;
    recovery_finding vanished = torn;
    vanished.kind = kind_type::vanished_segment;
    vanished.offset = vanished.bytes = 0;
    recovery_finding lost = ids;
    lost.kind = kind_type::lost_ids;
    recovery_finding accepted = ids;
    accepted.kind = kind_type::accepted_loss;
    accepted.user = "operator";
    for (auto const& finding : {torn, ids, ahead, vanished, lost, accepted}) {
        auto const read = parse_finding(format_finding(finding));
        BOOST_TEST_REQUIRE(read.has_value());
        BOOST_TEST((read->kind == finding.kind));
        BOOST_TEST(format_finding(*read) == format_finding(finding));
    }
}

BOOST_AUTO_TEST_CASE(p06_other_lines_are_not_records) {
    for (char const* const text : {"", "{", "{}", "[]", "null", R"({"kind":1})", R"({"kind":"other"})",
                                   R"({"kind":"torn_tail"} x)", R"({"kind":"torn_tail","kind")"}) {
        BOOST_TEST(!parse_finding(text).has_value(), text);
    }
    auto const odd = parse_finding(R"({"kind":"unused_ids","first_id":-1,"last_id":2.5,"path":7})");
    BOOST_TEST_REQUIRE(odd.has_value());
    BOOST_TEST(odd->first_id == 0u);
    BOOST_TEST(odd->last_id == 0u);
    BOOST_TEST(odd->path == "");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace audit_trail::storage::recovery_log_test
