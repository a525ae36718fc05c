#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <limits>

#include "format/names.hpp"
#include "format/samples.hpp"

namespace test::encode_test {

using namespace audit_trail;
using namespace audit_trail::test;
using namespace std::string_literals;
namespace data = boost::unit_test::data;

namespace {

/// The reason why a draft is refused; also checks that the buffer is left as it was.
error_code refusal(event_draft const& draft, std::size_t max_event_bytes = plenty) {
    detail::text_buffer out;
    out.append("before");
    error_code const ec = format::encode_tail(draft, 1700000000, max_event_bytes, out);
    if (ec) BOOST_TEST(out.view() == "before");
    return ec;
}

error_code refusal_of_change(json::value change) {
    payload value;
    value.delta.emplace().emplace("field", std::move(change));
    return refusal(small_draft().with_payload(std::move(value)));
}

std::vector<std::string> const not_utf8 = {"\x80",              // a continuation alone
                                           "\xc3",              // cut short
                                           "\xe2\x82",          // cut short
                                           "\xf0\x9f\x97",      // cut short
                                           "\xe2\x28\xa1",      // no continuation
                                           "\xc0\xaf",          // overlong
                                           "\xc1\xbf",          // overlong
                                           "\xe0\x9f\xbf",      // overlong
                                           "\xf0\x8f\xbf\xbf",  // overlong
                                           "\xed\xa0\x80",      // a surrogate
                                           "\xed\xbf\xbf",      // a surrogate
                                           "\xf4\x90\x80\x80",  // past U+10FFFF
                                           "\xf8\x88\x80\x80\x80",
                                           "\xfe",
                                           "\xff"};

std::vector<std::string> const around = {"", "short", "long enough for several steps of the scan"};

}  // namespace

BOOST_AUTO_TEST_CASE(members_are_written_in_the_documented_order_without_absent_members) {
    event value;
    value.event_id = 18446744073709551615u;
    value.timestamp = -1;
    value.domain = "d";
    value.category = "c";
    value.model_name = "m";
    value.operation = operation::remove;
    value.logical_user_id = "u";
    std::string const head =
        R"({"event_id":18446744073709551615,"timestamp":-1,"domain":"d","category":"c","model_name":"m",)"
        R"("operation":"delete","logical_user_id":"u")";
    BOOST_TEST(line_of(value) == head + "}\n");
    value.payload.emplace();
    BOOST_TEST(line_of(value) == head + ",\"payload\":{}}\n");
    value.request_id = "r";
    value.payload->delta.emplace();
    BOOST_TEST(line_of(value) == head + ",\"request_id\":\"r\",\"payload\":{\"delta\":{}}}\n");
    value.payload->before.emplace();
    value.payload->after.emplace().emplace("a", 1);
    BOOST_TEST(line_of(value) ==
               head + ",\"request_id\":\"r\",\"payload\":{\"before\":{},\"after\":{\"a\":1},\"delta\":{}}}\n");
}

BOOST_AUTO_TEST_CASE(a_tail_is_the_line_after_its_id) {
    event_draft const draft = draft_with({{"a", 1}}).with_request_id("r");
    event decoded;
    BOOST_REQUIRE_EQUAL(explain(format::decode_tail(42, tail_of(draft), decoded)), "");
    BOOST_TEST(line_of(decoded) == "{\"event_id\":42" + tail_of(draft));
}

BOOST_AUTO_TEST_CASE(text_is_appended_to_the_content_of_the_buffer) {
    detail::text_buffer out;
    out.append("kept");
    BOOST_TEST(!format::encode_value(json::value("x"), out));
    BOOST_TEST(out.view() == "kept\"x\"");
}

BOOST_AUTO_TEST_CASE(strings_are_escaped_as_python_does) {
    std::string all;
    for (char c = 0; c < 0x7f; ++c) all += c;
    all += '\x7f';
    BOOST_TEST(
        text_of(json::value(all)) ==
        R"("\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007\b\t\n\u000b\f\r\u000e\u000f\u0010\u0011\u0012\u0013)"
        R"(\u0014\u0015\u0016\u0017\u0018\u0019\u001a\u001b\u001c\u001d\u001e\u001f !\"#$%&'()*+,-./0123456789:;)"
        R"(<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~\u007f")");
    BOOST_TEST(text_of(json::value("\u0080\u07ff\u0800\ud7ff\ue000\uffff\U00010000\U0010ffff")) ==
               R"("\u0080\u07ff\u0800\ud7ff\ue000\uffff\ud800\udc00\udbff\udfff")");
}

BOOST_AUTO_TEST_CASE(a_character_to_escape_is_found_at_every_place) {
    for (std::size_t size = 1; size <= 40; ++size) {
        for (std::size_t place = 0; place < size; ++place) {
            std::string text(size, 'x');
            text[place] = '"';
            std::string expected = "\"" + std::string(place, 'x') + "\\\"" + std::string(size - place - 1, 'x') + "\"";
            BOOST_TEST(text_of(json::value(text)) == expected);
            BOOST_TEST(parse(expected).as_string() == text);
        }
    }
}

BOOST_AUTO_TEST_CASE(text_longer_than_the_inline_buffer_is_written_whole) {
    for (std::size_t const size : {500u, 511u, 512u, 513u, 5000u, 100000u}) {
        BOOST_TEST(text_of(json::value(std::string(size, 'x'))).size() == size + 2);
        BOOST_TEST(text_of(json::value(std::string(size, '\n'))).size() == 2 * size + 2);
    }
}

BOOST_AUTO_TEST_CASE(the_sides_of_a_change_may_have_any_order_and_are_written_old_first) {
    payload value;
    value.delta = json::object{{"f", {{"new", 2}, {"old", 1}}}};
    BOOST_TEST(tail_of(small_draft().with_payload(value)).find(R"("delta":{"f":{"old":1,"new":2}})") !=
               std::string::npos);
}

BOOST_AUTO_TEST_CASE(p12_valid_names_are_accepted) {
    for (auto const& name : {"a", "Z", "0", "a.b-c_d", "0.._-", "index.jso", "Index.json"}) {
        BOOST_TEST(format::is_valid_name(name), name);
    }
    BOOST_TEST(format::is_valid_name(std::string(128, 'a')));
}

BOOST_DATA_TEST_CASE(p12_other_names_are_refused_as_domain_and_as_category,
                     data::make(std::vector<std::string>{"", ".", "..", ".a", "-a", "_a", "a/b", "a b", "a\n", "a\0b"s,
                                                         "\u00e9", "a\u00e9", "index.json", "index.json.tmp", "a\\b",
                                                         "a:b", std::string(129, 'a'), "a\xff"}),
                     name) {
    BOOST_TEST(!format::is_valid_name(name));
    event_draft draft = small_draft();
    draft.domain = name;
    BOOST_TEST(refusal(draft) == error::invalid_domain);
    draft = small_draft();
    draft.category = name;
    BOOST_TEST(refusal(draft) == error::invalid_category);
}

BOOST_DATA_TEST_CASE(p12_invalid_utf8_in_every_text_field_is_refused_by_the_fields_own_error,
                     data::make(not_utf8) * data::make(around), bytes, beside) {
    std::string const bad = beside + bytes + beside;
    event_draft draft = small_draft();
    draft.model_name = bad;
    BOOST_TEST(refusal(draft) == error::invalid_model_name);
    draft = small_draft();
    draft.logical_user_id = bad;
    BOOST_TEST(refusal(draft) == error::invalid_logical_user_id);
    BOOST_TEST(refusal(small_draft().with_request_id(bad)) == error::invalid_request_id);
}

BOOST_DATA_TEST_CASE(p12_invalid_utf8_in_every_part_of_the_payload_is_refused,
                     data::make(not_utf8) * data::make(around), bytes, beside) {
    json::string const bad(beside + bytes + beside);
    BOOST_TEST(refusal(draft_with({{"text", bad}})) == error::invalid_payload_text);
    BOOST_TEST(refusal(draft_with({{bad, 1}})) == error::invalid_payload_text);
    BOOST_TEST(refusal(draft_with({{"deep", {1, {{"deeper", bad}}}}})) == error::invalid_payload_text);
    BOOST_TEST(refusal(small_draft().with_payload(payload::from_delete({{bad, 1}}))) == error::invalid_payload_text);
    BOOST_TEST(refusal_of_change({{"old", bad}, {"new", nullptr}}) == error::invalid_payload_text);
    BOOST_TEST(refusal_of_change({{"old", nullptr}, {"new", bad}}) == error::invalid_payload_text);
    payload value;
    value.delta = json::object{{bad, {{"old", 1}, {"new", 2}}}};
    BOOST_TEST(refusal(small_draft().with_payload(value)) == error::invalid_payload_text);
}

BOOST_AUTO_TEST_CASE(p12_an_operation_out_of_range_is_refused) {
    event_draft draft = small_draft();
    draft.operation = static_cast<operation>(3);
    BOOST_TEST(refusal(draft) == error::invalid_operation);
    draft.operation = static_cast<operation>(-1);
    BOOST_TEST(refusal(draft) == error::invalid_operation);
}

BOOST_AUTO_TEST_CASE(p12_numbers_that_are_not_finite_are_refused) {
    double const infinity = std::numeric_limits<double>::infinity();
    for (double const bad : {std::numeric_limits<double>::quiet_NaN(), infinity, -infinity}) {
        BOOST_TEST(refusal(draft_with({{"number", bad}})) == error::not_finite);
        BOOST_TEST(refusal(draft_with({{"numbers", {1, bad}}})) == error::not_finite);
        BOOST_TEST(refusal_of_change({{"old", bad}, {"new", 1}}) == error::not_finite);
        BOOST_TEST(refusal_of_change({{"old", 1}, {"new", bad}}) == error::not_finite);
    }
}

BOOST_AUTO_TEST_CASE(p12_a_change_that_is_not_old_and_new_is_refused) {
    BOOST_TEST(!refusal_of_change({{"old", 1}, {"new", 2}}));
    BOOST_TEST(!refusal_of_change({{"old", nullptr}, {"new", nullptr}}));
    for (json::value const& bad : {json::value(nullptr), json::value(1), json::value("old"),
                                   json::value(json::array{1, 2}), json::value(json::object{}), json::value{{"old", 1}},
                                   json::value{{"new", 1}}, json::value{{"old", 1}, {"new", 2}, {"x", 3}},
                                   json::value{{"old", 1}, {"now", 2}}, json::value{{"Old", 1}, {"new", 2}}}) {
        BOOST_TEST(refusal_of_change(bad) == error::invalid_delta);
    }
}

BOOST_AUTO_TEST_CASE(an_event_without_an_id_is_not_encoded) {
    event value;
    value.domain = value.category = "a";
    detail::text_buffer out;
    BOOST_TEST((format::encode_line(value, out) == error::invalid_event_id));
    BOOST_TEST(out.size() == 0u);
}

BOOST_AUTO_TEST_CASE(a_line_is_refused_for_the_same_reasons_as_a_draft) {
    event value;
    value.event_id = 1;
    value.domain = "a";
    value.category = "a b";
    detail::text_buffer out;
    out.append("before");
    BOOST_TEST((format::encode_line(value, out) == error::invalid_category));
    BOOST_TEST(out.view() == "before");
}

BOOST_AUTO_TEST_CASE(p12_the_longest_event_is_accepted_and_one_byte_more_is_refused) {
    for (std::size_t const size : {0u, 1u, 100u, 1000u, 100'000u}) {
        event_draft const draft = draft_with({{"text", std::string(size, 'x')}});
        std::size_t const line = format::id_prefix.size() + 20 + tail_of(draft).size();
        BOOST_TEST(!refusal(draft, line));
        BOOST_TEST(refusal(draft, line - 1) == error::event_too_large);
    }
}

BOOST_AUTO_TEST_CASE(p12_an_event_is_measured_by_its_escaped_text) {
    event_draft const draft = draft_with({{"\u20ac", std::string(100, '\x01')}});
    std::size_t const line = format::id_prefix.size() + 20 + tail_of(draft).size();
    BOOST_TEST(!refusal(draft, line));
    BOOST_TEST(refusal(draft, line - 1) == error::event_too_large);
}

BOOST_AUTO_TEST_CASE(p12_any_limit_too_small_for_an_event_refuses_it) {
    std::size_t const line = format::id_prefix.size() + 20 + tail_of(small_draft()).size();
    for (std::size_t limit = 0; limit < line; ++limit)
        BOOST_TEST(refusal(small_draft(), limit) == error::event_too_large);
    BOOST_TEST(!refusal(small_draft(), line));
    BOOST_TEST(!refusal(small_draft(), std::numeric_limits<std::size_t>::max()));
}

BOOST_AUTO_TEST_CASE(p12_encoding_stops_early_far_over_the_limit) {
    json::array many(1'000'000, json::value(json::string("some text of a modest length")));
    event_draft const draft = draft_with({{"many", std::move(many)}});
    detail::text_buffer out;
    BOOST_TEST((format::encode_tail(draft, 0, 1000, out) == error::event_too_large));
    BOOST_TEST(out.capacity() < 10'000u);
    BOOST_TEST((format::encode_tail(draft_with({{"long", std::string(10'000'000, 'x')}}), 0, 1000, out) ==
                error::event_too_large));
    BOOST_TEST(out.capacity() < 10'000u);
}

BOOST_AUTO_TEST_CASE(encode_tail_returns_the_positions_of_the_names) {
    event_draft draft = small_draft();
    draft.domain = "some_domain";
    draft.category = "some-category";
    detail::text_buffer out;
    out.append("before");
    format::name_positions names;
    BOOST_TEST(!format::encode_tail(draft, -12345, plenty, out, &names));
    auto const tail = out.view().substr(6);
    BOOST_TEST(tail.substr(names.domain).starts_with("some_domain\","));
    BOOST_TEST(tail.substr(names.category).starts_with("some-category\","));
}

}  // namespace test::encode_test
