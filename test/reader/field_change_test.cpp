/// \file
/// Tests which fields an event changed, and the filter for changed fields.
#include <audit_trail/field_change.hpp>
#include <audit_trail/json.hpp>
#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>
#include <string>

#include "reader/damaged_trail.hpp"

namespace audit_trail::test::field_change_test {
namespace {

event with(operation done, std::string const& payload_text) {
    entry found;
    found.line = R"({"event_id":1,"timestamp":1,"domain":"d","category":"c","model_name":"m","operation":")" +
                 std::string(to_string(done)) + R"(","logical_user_id":"u","payload":)" + payload_text + "}";
    BOOST_TEST_REQUIRE(!found.decode_payload());
    return found.event;
}

std::string text_of(std::optional<json::value> const& side) {
    error_code ec;
    return side ? to_json(*side, ec) : "-";
}

/// `OLD -> NEW`, or nothing if the field was not changed. An absent side is `-`.
std::string change_of(event const& changed, std::string_view field) {
    auto const change = find_change(changed, field);
    return change ? text_of(change->before) + " -> " + text_of(change->after) : "";
}

BOOST_AUTO_TEST_CASE(an_update_changed_the_fields_of_its_delta) {
    event const changed = with(
        operation::update,
        R"({"delta":{"a":{"old":1,"new":2},"n":{"old":null,"new":null},"x.y":{"old":3,"new":4},)"
        R"("address":{"old":{"city":"A","zip":1,"geo":{"lat":1.0}},"new":{"city":"B","zip":1,"geo":{"lat":1}}}}})");
    BOOST_TEST(change_of(changed, "a") == "1 -> 2");
    BOOST_TEST(change_of(changed, "n") == "null -> null");
    BOOST_TEST(change_of(changed, "x.y") == "3 -> 4");
    BOOST_TEST(change_of(changed, "address.city") == R"("A" -> "B")");
    BOOST_TEST(change_of(changed, "address.geo.lat") == "1.0 -> 1");
    for (auto const* other : {"", "b", "old", "a.old", "a.b", "x", "address.zip", "address.", "address.city.x", ".a"}) {
        BOOST_TEST(change_of(changed, other) == "", other);
    }
}

BOOST_AUTO_TEST_CASE(a_nested_field_can_appear_and_disappear) {
    event const changed =
        with(operation::update, R"({"delta":{"a":{"old":{"x":1},"new":{"y":2}},"b":{"old":null,"new":{"z":null}}}})");
    BOOST_TEST(change_of(changed, "a.x") == "1 -> -");
    BOOST_TEST(change_of(changed, "a.y") == "- -> 2");
    BOOST_TEST(change_of(changed, "b.z") == "- -> null");
}

BOOST_AUTO_TEST_CASE(an_update_with_records_changed_the_fields_that_differ) {
    event const changed =
        with(operation::update, R"({"before":{"a":1,"b":[1],"c":{"d":1}},"after":{"a":1,"b":[2],"c":{"d":1},"e":0}})");
    BOOST_TEST(change_of(changed, "a") == "");
    BOOST_TEST(change_of(changed, "b") == "[1] -> [2]");
    BOOST_TEST(change_of(changed, "c.d") == "");
    BOOST_TEST(change_of(changed, "e") == "- -> 0");
    BOOST_TEST(change_of(with(operation::update, R"({"after":{"a":1}})"), "a") == "- -> 1");
}

BOOST_AUTO_TEST_CASE(a_create_and_a_delete_changed_all_fields) {
    BOOST_TEST(change_of(with(operation::create, R"({"after":{"a":{"b":1}}})"), "a.b") == "- -> 1");
    BOOST_TEST(change_of(with(operation::remove, R"({"before":{"a":{"b":1}}})"), "a") == R"({"b":1} -> -)");
    BOOST_TEST(change_of(with(operation::create, "{}"), "a") == "");
    BOOST_TEST(change_of(event(), "a") == "");
}

BOOST_AUTO_TEST_CASE(the_filter_selects_events_that_changed_a_field) {
    damaged_trail trail;
    for (std::uint64_t id = 1; id <= 30; ++id) {
        event changed = make_event(id, "d", "c");
        changed.operation = operation::update;
        changed.payload.emplace().delta = {{id % 10 == 0 ? "rare" : "common", {{"old", 1}, {"new", {{"x", 2}}}}}};
        append_bytes(trail.segment, line_of(changed));
    }
    append_bytes(trail.segment, with_payload(R"({"after":{"rare":123456789012345678901234567890}})", 31));
    append_bytes(trail.segment, with_payload(R"({"delta":{"rare":}})", 32));
    append_bytes(trail.segment, with_payload(R"({"after":{"n":123456789012345678901234567890}})", 33));
    append_bytes(trail.segment, with_payload(R"({"delta":{"r\u0061re":{"old":1,"new":2}}})", 34));
    event_filter filter;
    filter.fields = {"rare", "neither"};
    std::vector<std::uint64_t> const expected = {10, 20, 30, 31, 34};  // what 31 changed is unknown
    for (auto const order : {read_order::event_id, read_order::segment}) {
        reader source(trail.root, filter, order);
        BOOST_TEST(ids_of(source) == expected, boost::test_tools::per_element());
        BOOST_TEST(source.report().total == 1u);
    }
    filter.max_event_id = 30;
    BOOST_TEST(reader(trail.root, filter).count() == 3u);
    filter.fields = {"common.x"};
    filter.logical_user_ids = {"u-1"};
    BOOST_TEST(reader(trail.root, filter).count() == 6u);
}

}  // namespace
}  // namespace audit_trail::test::field_change_test
