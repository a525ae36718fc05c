#include <boost/test/unit_test.hpp>
#include <limits>

#include "format/samples.hpp"
#include "support/deep_trees.hpp"

namespace test::payload_test {

using namespace audit_trail;
using namespace audit_trail::test;

namespace {

std::string delta_of(json::object const& before, json::object const& after) {
    payload const value = payload::from_update(before, after);
    BOOST_TEST(!value.before);
    BOOST_TEST(!value.after);
    BOOST_REQUIRE(value.delta);
    return text_of(*value.delta);
}

bool is_too_deep(boost::system::system_error const& failure) {
    return failure.code() == error::nested_too_deep;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_create_carries_the_record_as_after) {
    payload const value = payload::from_create({{"a", 1}});
    BOOST_TEST(!value.before);
    BOOST_TEST(!value.delta);
    BOOST_TEST((value.after == json::object{{"a", 1}}));
}

BOOST_AUTO_TEST_CASE(a_delete_carries_the_record_as_before) {
    payload const value = payload::from_delete({{"a", 1}});
    BOOST_TEST(!value.after);
    BOOST_TEST(!value.delta);
    BOOST_TEST((value.before == json::object{{"a", 1}}));
}

BOOST_AUTO_TEST_CASE(an_update_carries_changed_fields_in_the_order_of_before_then_the_new_ones) {
    BOOST_TEST(
        delta_of({{"z", 1}, {"same", "x"}, {"gone", true}, {"a", 2}},
                 {{"new", 5}, {"a", 3}, {"same", "x"}, {"z", 0}}) ==
        R"({"z":{"old":1,"new":0},"gone":{"old":true,"new":null},"a":{"old":2,"new":3},"new":{"old":null,"new":5}})");
}

BOOST_AUTO_TEST_CASE(an_update_of_nothing_has_an_empty_delta) {
    BOOST_TEST(delta_of({}, {}) == "{}");
    BOOST_TEST(delta_of({{"a", {1, 2.5, "x"}}, {"b", nullptr}}, {{"b", nullptr}, {"a", {1, 2.5, "x"}}}) == "{}");
}

BOOST_AUTO_TEST_CASE(fields_differ_when_their_text_does) {
    BOOST_TEST(delta_of({{"a", 1}}, {{"a", 1.0}}) == R"({"a":{"old":1,"new":1.0}})");
    BOOST_TEST(delta_of({{"a", 0.0}}, {{"a", -0.0}}) == R"({"a":{"old":0.0,"new":-0.0}})");
    BOOST_TEST(delta_of({{"a", std::int64_t{5}}}, {{"a", std::uint64_t{5}}}) == "{}");
    BOOST_TEST(delta_of({{"a", {{"x", 1}, {"y", 2}}}}, {{"a", {{"y", 2}, {"x", 1}}}}) ==
               R"({"a":{"old":{"x":1,"y":2},"new":{"y":2,"x":1}}})");
}

BOOST_AUTO_TEST_CASE(a_field_that_cannot_be_encoded_counts_as_changed) {
    double const nan = std::numeric_limits<double>::quiet_NaN();
    BOOST_TEST(payload::from_update({{"a", nan}}, {{"a", nan}}).delta->contains("a"));
    BOOST_TEST(payload::from_update({{"a", "\xff"}}, {{"a", "\xff"}}).delta->contains("a"));
}

BOOST_AUTO_TEST_CASE(a_field_that_is_nested_too_deeply_is_refused) {
    std::size_t const deepest = format::max_depth - 4;
    json::object const empty;
    json::object const deep{{"a", nested_arrays(deepest)}};
    json::object const deeper{{"a", nested_arrays(deepest + 1)}};
    payload const value = payload::from_update(deep, empty);
    BOOST_TEST(tail_of(small_draft().with_payload(value)).size() > 2 * deepest);
    BOOST_CHECK_EXCEPTION(payload::from_update(deeper, empty), boost::system::system_error, is_too_deep);
    BOOST_CHECK_EXCEPTION(payload::from_update(empty, deeper), boost::system::system_error, is_too_deep);
    BOOST_CHECK_EXCEPTION(payload::from_update(deeper, deeper), boost::system::system_error, is_too_deep);
}

BOOST_AUTO_TEST_CASE(a_deep_field_is_refused_even_after_a_field_that_cannot_be_encoded) {
    json::object const before{{"a", json::array{std::numeric_limits<double>::quiet_NaN(), nested_arrays(200)}}};
    BOOST_CHECK_EXCEPTION(payload::from_update(before, {}), boost::system::system_error, is_too_deep);
}

}  // namespace test::payload_test
