#include "storage/layout.hpp"

#include <boost/test/unit_test.hpp>

namespace audit_trail::storage::layout_test {
namespace {

BOOST_AUTO_TEST_SUITE(segment_names)

BOOST_AUTO_TEST_CASE(a_segment_number_has_at_least_six_digits) {
    BOOST_TEST(segment_name(1) == "audit-000001.jsonl");
    BOOST_TEST(segment_name(999999) == "audit-999999.jsonl");
    BOOST_TEST(segment_name(1000000) == "audit-1000000.jsonl");
    BOOST_TEST(segment_path("d", "c", 12) == "d/c/audit-000012.jsonl");
}

BOOST_AUTO_TEST_CASE(every_segment_name_is_parsed_back) {
    for (std::uint64_t const number : {1ul, 42ul, 999999ul, 1000000ul, UINT64_MAX}) {
        BOOST_TEST(parse_segment_name(segment_name(number)).value() == number);
    }
}

BOOST_AUTO_TEST_CASE(other_names_are_not_segment_names) {
    for (char const* const name :
         {"", "audit-.jsonl", "audit-1.jsonl", "audit-00001.jsonl", "audit-0000001.jsonl", "audit-000000.jsonl",
          "audit-00000a.jsonl", "audit--00001.jsonl", "audit-+00001.jsonl", "audit-000001.json",
          "audit-000001.jsonl.gz", "Audit-000001.jsonl", " audit-000001.jsonl", "audit-000001.jsonl ",
          "audit-18446744073709551616.jsonl"}) {
        BOOST_TEST_CONTEXT(name) {
            BOOST_TEST(!parse_segment_name(name));
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace audit_trail::storage::layout_test
