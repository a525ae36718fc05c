#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>

#include "format/samples.hpp"

namespace test::decode_test {

using namespace audit_trail;
using namespace audit_trail::test;
using namespace std::string_literals;
namespace data = boost::unit_test::data;

namespace {

/// A text with one fault. `^` marks the byte that the failure must name; it is not part of the text.
struct bad_text {
    std::string marked;
    error code;
    std::string member;
};

std::ostream& operator<<(std::ostream& out, bad_text const& bad) {
    return out << bad.marked.substr(0, 200);
}

/// `members` are written in place of the payload, or replace members.
std::string line_with(std::string const& more) {
    return R"({"event_id":1,"timestamp":2,"domain":"d","category":"c","model_name":"m","operation":"create",)"
           R"("logical_user_id":"u")" +
           more + "}\n";
}

std::string after(std::string const& value) {
    return line_with(R"(,"payload":{"after":{"f":)" + value + "}}");
}

std::string delta(std::string const& value) {
    return line_with(R"(,"payload":{"delta":{"f":)" + value + "}}");
}

std::vector<bad_text> const bad_lines = {
    // no JSON
    {"^", error::malformed_json, ""},
    {"\n^", error::malformed_json, ""},
    {"^nothing", error::not_an_object, ""},
    {"^?", error::malformed_json, ""},
    {"^\0"s, error::malformed_json, ""},
    {"{^", error::malformed_json, ""},
    {"{^,}", error::malformed_json, ""},
    {"{^event_id:1}", error::malformed_json, ""},
    {"{\"event_id\" ^1}", error::malformed_json, ""},
    {"{\"event_id\":^}", error::malformed_json, "event_id"},
    {"{\"event_id\":1 ^\"timestamp\":2}", error::malformed_json, ""},
    {"{\"event_id\":1,^}", error::malformed_json, ""},
    {"{\"event_id\":1^", error::malformed_json, ""},
    {"^\xef\xbb\xbf{}", error::malformed_json, ""},
    {line_with("") + "^x", error::malformed_json, ""},
    {line_with("") + "^{}", error::malformed_json, ""},
    {line_with("") + "^\0"s, error::malformed_json, ""},
    {after("^"), error::malformed_json, "payload.after.f"},
    {after("[1 ^2]"), error::malformed_json, "payload.after.f"},
    {after("[1,^]"), error::malformed_json, "payload.after.f[1]"},
    {after("[^,1]"), error::malformed_json, "payload.after.f[0]"},
    {after("{\"a\":1,^}"), error::malformed_json, "payload.after.f"},
    {after("{^'a':1}"), error::malformed_json, "payload.after.f"},
    {after("^nul"), error::malformed_json, "payload.after.f"},
    {after("^True"), error::malformed_json, "payload.after.f"},
    {after("^NaN"), error::malformed_json, "payload.after.f"},
    {after("^Infinity"), error::malformed_json, "payload.after.f"},
    {after("^-Infinity"), error::malformed_json, "payload.after.f"},
    {after("^-"), error::malformed_json, "payload.after.f"},
    {after("^+1"), error::malformed_json, "payload.after.f"},
    {after("^.5"), error::malformed_json, "payload.after.f"},
    {after("^1."), error::malformed_json, "payload.after.f"},
    {after("^1.e5"), error::malformed_json, "payload.after.f"},
    {after("^1e"), error::malformed_json, "payload.after.f"},
    {after("^1e+"), error::malformed_json, "payload.after.f"},
    {after("0^1"), error::malformed_json, "payload.after"},
    {after("-0^1"), error::malformed_json, "payload.after"},
    {after("0^x10"), error::malformed_json, "payload.after"},
    {after("1 ^/* no */"), error::malformed_json, "payload.after"},
    {after("\"^\n\""), error::malformed_json, "payload.after.f"},
    {after("\"abc^\0\""s), error::malformed_json, "payload.after.f"},
    {after("\"^\\x\""), error::malformed_json, "payload.after.f"},
    {after("\"^\\u12g4\""), error::malformed_json, "payload.after.f"},
    {after("\"\\ud83d^\\uzzzz\""), error::malformed_json, "payload.after.f"},
    {R"({"domain":"open^)", error::malformed_json, "domain"},
    {R"({"domain":"open\^)", error::malformed_json, "domain"},
    {R"({"domain":"open^\u12)", error::malformed_json, "domain"},

    // no object
    {"^[]", error::not_an_object, ""},
    {"^\"text\"", error::not_an_object, ""},
    {" ^1", error::not_an_object, ""},
    {"^null", error::not_an_object, ""},
    {line_with(R"(,"payload":^null)"), error::not_an_object, "payload"},
    {line_with(R"(,"payload":^[])"), error::not_an_object, "payload"},
    {line_with(R"(,"payload":{"before":^[]})"), error::not_an_object, "payload.before"},
    {line_with(R"(,"payload":{"after":^1})"), error::not_an_object, "payload.after"},
    {line_with(R"(,"payload":{"delta":^"x"})"), error::not_an_object, "payload.delta"},

    // members
    {"{^}", error::missing_member, "event_id"},
    {"{\"event_id\":1^}", error::missing_member, "timestamp"},
    {line_with(R"(,^"id":1)"), error::unknown_member, "id"},
    {line_with(R"(,^"Event_id":1)"), error::unknown_member, "Event_id"},
    {line_with(R"(,^"":1)"), error::unknown_member, ""},
    {line_with(R"(,"payload":{^"changes":{}})"), error::unknown_member, "payload.changes"},
    {line_with(R"(,^"domain":"d")"), error::duplicate_member, "domain"},
    {line_with(R"(,^"event_id":1)"), error::duplicate_member, "event_id"},
    {line_with(R"(,"payload":{},^"payload":{})"), error::duplicate_member, "payload"},
    {line_with(R"(,"payload":{"after":{},^"after":{}})"), error::duplicate_member, "payload.after"},
    {line_with(R"(,"payload":{"after":{"a":1,^"a":1}})"), error::duplicate_member, "payload.after.a"},
    {line_with(R"(,"payload":{"after":{"a":1,^"\u0061":1}})"), error::duplicate_member, "payload.after.a"},
    {line_with(R"(,"payload":{"delta":{"a":{},^"a":{}}})"), error::duplicate_member, "payload.delta.a"},
    {after(R"([{"x":{"a":1,"b":2,^"a":3}}])"), error::duplicate_member, "payload.after.f[0].x.a"},
    {delta(R"({"old":1,^"old":1})"), error::duplicate_member, "payload.delta.f.old"},
    {delta(R"({"new":1,"old":2,^"new":1})"), error::duplicate_member, "payload.delta.f.new"},
    {delta(R"({"old":{"a":1,^"a":1}})"), error::duplicate_member, "payload.delta.f.old.a"},

    // types
    {R"({"timestamp":^"2"})", error::wrong_type, "timestamp"},
    {R"({"timestamp":^null})", error::wrong_type, "timestamp"},
    {R"({"timestamp":^1.5})", error::wrong_type, "timestamp"},
    {R"({"timestamp":^1e3})", error::wrong_type, "timestamp"},
    {R"({"timestamp":^9223372036854775808})", error::wrong_type, "timestamp"},
    {R"({"domain":^1})", error::wrong_type, "domain"},
    {R"({"category":^[]})", error::wrong_type, "category"},
    {R"({"model_name":^null})", error::wrong_type, "model_name"},
    {R"({"operation":^0})", error::wrong_type, "operation"},
    {R"({"logical_user_id":^true})", error::wrong_type, "logical_user_id"},
    {R"({"request_id":^null})", error::wrong_type, "request_id"},

    // values
    {R"({"event_id":^0})", error::invalid_event_id, "event_id"},
    {R"({"event_id":^-1})", error::invalid_event_id, "event_id"},
    {R"({"event_id":^1.0})", error::invalid_event_id, "event_id"},
    {R"({"event_id":^1e3})", error::invalid_event_id, "event_id"},
    {R"({"event_id":^1e999})", error::invalid_event_id, "event_id"},
    {R"({"event_id":^18446744073709551616})", error::invalid_event_id, "event_id"},
    {R"({"event_id":^"1"})", error::invalid_event_id, "event_id"},
    {R"({"event_id":^null})", error::invalid_event_id, "event_id"},
    {R"({"event_id": ^{}})", error::invalid_event_id, "event_id"},
    {R"({"domain":^""})", error::invalid_domain, "domain"},
    {R"({"domain":^"../x"})", error::invalid_domain, "domain"},
    {R"({"domain": ^"index.json"})", error::invalid_domain, "domain"},
    {R"({"category":^"a b"})", error::invalid_category, "category"},
    {R"({"category":^"\u002e"})", error::invalid_category, "category"},
    {R"({"operation":^"remove"})", error::invalid_operation, "operation"},
    {R"({"operation":^""})", error::invalid_operation, "operation"},
    {R"({"operation":^"Create"})", error::invalid_operation, "operation"},
    {R"({"timestamp":^18446744073709551616})", error::integer_out_of_range, "timestamp"},
    {after("^18446744073709551616"), error::integer_out_of_range, "payload.after.f"},
    {after("^-9223372036854775809"), error::integer_out_of_range, "payload.after.f"},
    {after("[1,^99999999999999999999999999]"), error::integer_out_of_range, "payload.after.f[1]"},
    {after("^1e400"), error::not_finite, "payload.after.f"},
    {after("^-1e400"), error::not_finite, "payload.after.f"},
    {after("^1.7976931348623159e308"), error::not_finite, "payload.after.f"},
    {after("^1e99999999999999999999"), error::not_finite, "payload.after.f"},
    {after("^1" + std::string(400, '0') + ".0"), error::not_finite, "payload.after.f"},
    {delta("^1"), error::invalid_delta, "payload.delta.f"},
    {delta("^null"), error::invalid_delta, "payload.delta.f"},
    {delta("^[1,2]"), error::invalid_delta, "payload.delta.f"},
    {delta(R"({"old":1,^"now":2})"), error::invalid_delta, "payload.delta.f.now"},

    // text
    {R"({"domain":"^\ud800"})", error::invalid_domain, "domain"},
    {"{\"domain\":\"^\xff\"}", error::invalid_domain, "domain"},
    {"{\"category\":\"^\xff\"}", error::invalid_category, "category"},
    {"{\"model_name\":\"ok^\xff\"}", error::invalid_model_name, "model_name"},
    {R"({"model_name":"ok^\udc00"})", error::invalid_model_name, "model_name"},
    {"{\"operation\":\"^\xff\"}", error::invalid_operation, "operation"},
    {"{\"logical_user_id\":\"^\xc3\"}", error::invalid_logical_user_id, "logical_user_id"},
    {R"({"logical_user_id":"^\ud800x"})", error::invalid_logical_user_id, "logical_user_id"},
    {"{\"request_id\":\"^\xed\xa0\x80\"}", error::invalid_request_id, "request_id"},
    {R"({"request_id":"^\ud800\ud800"})", error::invalid_request_id, "request_id"},
    {after("\"long enough to be scanned in steps ^\xf4\x90\x80\x80\""), error::invalid_payload_text, "payload.after.f"},
    {after(R"("^\ud800\n")"), error::invalid_payload_text, "payload.after.f"},
    {after(R"("^\ud83d\u0041")"), error::invalid_payload_text, "payload.after.f"},
    {after(R"("^\udfff\ud800")"), error::invalid_payload_text, "payload.after.f"},
    {after("{\"^\xff\":1}"), error::invalid_payload_text, "payload.after.f"},
    {after(R"({"^\ud800":1})"), error::invalid_payload_text, "payload.after.f"},
    {line_with(",\"payload\":{\"delta\":{\"^\xff\":{}}}"), error::invalid_payload_text, "payload.delta"},
    {delta("{\"old\":\"^\xff\"}"), error::invalid_payload_text, "payload.delta.f.old"},
    {delta("{\"^\xff\":1}"), error::invalid_delta, "payload.delta.f"},
    {line_with(",\"^\xff\":1"), error::unknown_member, ""},
};

json::value value_in(std::string const& text) {
    event line;
    BOOST_REQUIRE_EQUAL(explain(format::decode_event(after(text), line)), "");
    return line.payload->after->at("f");
}

std::string const draft_text =
    R"({"domain":"d","category":"c","model_name":"m","operation":"update","logical_user_id":"u","payload":)";

}  // namespace

BOOST_DATA_TEST_CASE(a_line_that_is_not_an_event_is_refused_with_reason_offset_and_member, data::make(bad_lines), bad) {
    std::size_t const mark = bad.marked.find('^');
    std::string text = bad.marked;
    text.erase(mark, 1);
    event line;
    auto const failure = format::decode_event(text, line);
    BOOST_REQUIRE(failure);
    BOOST_TEST(failure->code.message() == make_error_code(bad.code).message());
    BOOST_TEST((failure->code == bad.code));
    BOOST_TEST(failure->offset == mark);
    BOOST_TEST(failure->member == bad.member);
}

BOOST_AUTO_TEST_CASE(a_line_cut_short_at_any_byte_is_not_an_event) {
    std::string const whole =
        line_with(R"(,"request_id":"\ud83d\uddfa","payload":{"after":{"f":[1.5e3,-2,true,null]}})");
    event line;
    BOOST_REQUIRE_EQUAL(explain(format::decode_event(whole, line)), "");
    BOOST_REQUIRE_EQUAL(explain(format::decode_event(whole.substr(0, whole.size() - 1), line)), "");
    for (std::size_t size = 0; size + 1 < whole.size(); ++size) {
        auto const failure = format::decode_event(whole.substr(0, size), line);
        BOOST_REQUIRE(failure);
        BOOST_TEST((failure->code == error::malformed_json));
        BOOST_TEST(failure->offset <= size);
    }
}

BOOST_AUTO_TEST_CASE(each_missing_required_member_is_reported_by_name) {
    std::vector<std::pair<std::string, std::string>> const members = {
        {"event_id", "1"},      {"timestamp", "2"},          {"domain", "\"d\""},        {"category", "\"c\""},
        {"model_name", "\"\""}, {"operation", "\"create\""}, {"logical_user_id", "\"\""}};
    for (auto const& [missing, unused] : members) {
        std::string text = "{";
        for (auto const& [name, value] : members) {
            if (name == missing) continue;
            if (text.size() > 1) text += ',';
            text += "\"" + name + "\":" + value;
        }
        text += "}\n";
        event line;
        auto const failure = format::decode_event(text, line);
        BOOST_REQUIRE(failure);
        BOOST_TEST((failure->code == error::missing_member));
        BOOST_TEST(failure->member == missing);
        BOOST_TEST(failure->offset == text.size() - 2);
    }
}

BOOST_AUTO_TEST_CASE(numbers_keep_their_kind_and_every_bit) {
    BOOST_TEST(text_of(value_in("9223372036854775807")) == "9223372036854775807");
    BOOST_TEST(value_in("9223372036854775807").is_int64());
    BOOST_TEST(value_in("-9223372036854775808").is_int64());
    BOOST_TEST(value_in("9223372036854775808").is_uint64());
    BOOST_TEST(value_in("18446744073709551615").get_uint64() == 18446744073709551615u);
    BOOST_TEST(value_in("1.0").is_double());
    BOOST_TEST(value_in("1e2").is_double());
    BOOST_TEST(text_of(value_in("1E+2")) == "100.0");
    BOOST_TEST(text_of(value_in("-0.0")) == "-0.0");
    BOOST_TEST(text_of(value_in("-0e0")) == "-0.0");
    // An integer stays one, as in Python: there is only one integer zero.
    BOOST_TEST(text_of(value_in("-0")) == "0");
    BOOST_TEST(text_of(value_in("9007199254740993.0")) == "9007199254740992.0");
    BOOST_TEST(text_of(value_in("0.1000000000000000055511151231257827021181583404541015625")) == "0.1");
    BOOST_TEST(text_of(value_in("2.4703282292062328e-324")) == "5e-324");
    BOOST_TEST(text_of(value_in("1.7976931348623158e308")) == "1.7976931348623157e+308");
}

BOOST_AUTO_TEST_CASE(numbers_too_close_to_zero_become_zero_and_keep_their_sign) {
    BOOST_TEST(text_of(value_in("1e-400")) == "0.0");
    BOOST_TEST(text_of(value_in("-1e-400")) == "-0.0");
    BOOST_TEST(text_of(value_in("123456e-99999999999999999999")) == "0.0");
    BOOST_TEST(text_of(value_in("0." + std::string(400, '0') + "1")) == "0.0");
    BOOST_TEST(text_of(value_in("0e99999999999999999999")) == "0.0");
    BOOST_TEST(text_of(value_in("0." + std::string(400, '0') + "1e401")) == "1.0");
    BOOST_TEST(text_of(value_in("1" + std::string(400, '0') + "e-400")) == "1.0");
}

BOOST_AUTO_TEST_CASE(every_escape_is_read) {
    BOOST_TEST(value_in(R"("\"\\\/\b\f\n\r\t\u0041\u00e9\u20AC\uD83d\uDdfa\u0000")").as_string() ==
               json::string("\"\\/\b\f\n\r\tA\u00e9\u20ac\U0001f5fa\0"s));
    BOOST_TEST(value_in("\"raw \u00e9 \u20ac \U0001f5fa \x7f end\"").as_string() ==
               "raw \u00e9 \u20ac \U0001f5fa \x7f end");
}

BOOST_AUTO_TEST_CASE(a_change_without_old_or_new_is_read_with_null) {
    event line;
    BOOST_REQUIRE_EQUAL(explain(format::decode_event(delta(R"({"new":1})"), line)), "");
    BOOST_TEST(text_of(*line.payload->delta) == R"({"f":{"old":null,"new":1}})");
    BOOST_REQUIRE_EQUAL(explain(format::decode_event(delta(R"({"old":[1]})"), line)), "");
    BOOST_TEST(text_of(*line.payload->delta) == R"({"f":{"old":[1],"new":null}})");
    BOOST_REQUIRE_EQUAL(explain(format::decode_event(delta("{}"), line)), "");
    BOOST_TEST(text_of(*line.payload->delta) == R"({"f":{"old":null,"new":null}})");
}

BOOST_AUTO_TEST_CASE(a_change_in_a_draft_must_have_both_sides) {
    for (std::string const change : {"{}", R"({"new":1})", R"({"old":1})"}) {
        event_draft draft;
        auto const failure = format::decode_draft(draft_text + R"({"delta":{"f":)" + change + "}}}", draft);
        BOOST_REQUIRE(failure);
        BOOST_TEST((failure->code == error::invalid_delta));
        BOOST_TEST(failure->member == "payload.delta.f");
        BOOST_TEST(failure->offset == draft_text.size() + 14);
    }
    event_draft draft;
    BOOST_REQUIRE_EQUAL(explain(format::decode_draft(draft_text + R"({"delta":{"f":{"new":1,"old":2}}}})", draft)), "");
    BOOST_TEST(text_of(*draft.payload->delta) == R"({"f":{"old":2,"new":1}})");
}

BOOST_AUTO_TEST_CASE(a_draft_may_lack_its_timestamp) {
    event_draft draft = small_draft();
    BOOST_REQUIRE_EQUAL(explain(format::decode_draft(draft_text + "{}}", draft)), "");
    BOOST_TEST(!draft.timestamp);
    BOOST_TEST((draft.operation == operation::update));
    BOOST_REQUIRE_EQUAL(explain(format::decode_draft(draft_text + "{},\"timestamp\":-9223372036854775808}", draft)),
                        "");
    BOOST_TEST(draft.timestamp.value() == std::numeric_limits<std::int64_t>::min());
}

BOOST_AUTO_TEST_CASE(a_draft_has_no_event_id) {
    event_draft draft;
    auto const failure = format::decode_draft(draft_text + "{},\"event_id\":1}", draft);
    BOOST_REQUIRE(failure);
    BOOST_TEST((failure->code == error::unknown_member));
    BOOST_TEST(failure->member == "event_id");
}

BOOST_AUTO_TEST_CASE(a_tail_is_read_from_the_comma_after_the_id) {
    std::string const tail = line_with("").substr(13);
    event decoded;
    BOOST_REQUIRE_EQUAL(explain(format::decode_tail(18446744073709551615u, tail, decoded)), "");
    BOOST_TEST(decoded.event_id == 18446744073709551615u);
    BOOST_TEST((format::decode_tail(0, tail, decoded)->code == error::invalid_event_id));
    BOOST_TEST((format::decode_tail(1, tail.substr(1), decoded)->code == error::malformed_json));
    BOOST_TEST((format::decode_tail(1, "", decoded)->code == error::malformed_json));
    BOOST_TEST((format::decode_tail(1, "}", decoded)->code == error::malformed_json));
    BOOST_TEST((format::decode_tail(1, ",\"event_id\":1}", decoded)->code == error::duplicate_member));
    BOOST_TEST(format::decode_tail(1, ",\"event_id\":1}", decoded)->offset == 1u);
}

BOOST_AUTO_TEST_CASE(the_id_is_read_if_it_is_first_whatever_follows) {
    BOOST_TEST(format::read_event_id(line_with("")).value() == 1u);
    BOOST_TEST(format::read_event_id("{\"event_id\":18446744073709551615,").value() == 18446744073709551615u);
    BOOST_TEST(format::read_event_id("{\"event_id\":12}").value() == 12u);
    BOOST_TEST(format::read_event_id("{\"event_id\":12 ,").value() == 12u);
    BOOST_TEST(format::read_event_id("{\"event_id\":12,garbage").value() == 12u);
}

BOOST_AUTO_TEST_CASE(the_id_is_read_from_a_line_in_any_order) {
    BOOST_TEST(format::read_event_id(R"( { "other" : [1,{"event_id":5}] , "event_id" : 7 , garbage)").value() == 7u);
    BOOST_TEST(format::read_event_id("{\"event\\u005fid\":7}").value() == 7u);
}

BOOST_DATA_TEST_CASE(a_line_without_a_complete_id_has_none,
                     data::make(std::vector<std::string>{
                         "", "\n", "x", "[]", "{}", "{\"event_id\":", "{\"event_id\":}", "{\"event_id\":12",
                         "{\"event_id\":0,", "{\"event_id\":-1,", "{\"event_id\":1.0,", "{\"event_id\":1e3,",
                         "{\"event_id\":\"1\",", "{\"event_id\":18446744073709551616,", "{\"event_id\":01,",
                         "{\"event_id\":1x", "{\"a\":1}", "{\"a\":bad,\"event_id\":1}", "{\"a\":{\"event_id\":1}}"}),
                     text) {
    BOOST_TEST(!format::read_event_id(text));
}

BOOST_AUTO_TEST_CASE(a_failure_is_printed_as_a_sentence) {
    event line;
    BOOST_TEST(explain(format::decode_event(delta("1"), line)) ==
               make_error_code(error::invalid_delta).message() + " (\"payload.delta.f\", byte 140)");
    BOOST_TEST(explain(format::decode_event("x", line)) ==
               make_error_code(error::malformed_json).message() + " (byte 0)");
}

BOOST_AUTO_TEST_CASE(a_failure_is_printed_without_control_characters_and_with_shortened_keys) {
    event line;
    std::string const text =
        explain(format::decode_event(line_with(",\"\\u001b[31m" + std::string(100'000, 'x') + "\":1"), line));
    BOOST_TEST(text.size() < 300u);
    BOOST_TEST(text.find('\x1b') == std::string::npos);
    BOOST_TEST(text.find("\\u001b[31mxxx") != std::string::npos);
}

}  // namespace test::decode_test
