// Checks how the context of an event is encoded and decoded.
#include <boost/test/unit_test.hpp>

#include "format/line_header.hpp"
#include "format/payload.hpp"
#include "format/samples.hpp"
#include "support/deep_trees.hpp"

namespace test::context_test {

using namespace audit_trail;
using namespace audit_trail::test;

namespace {

std::string const begin =
    R"({"event_id":7,"timestamp":5,"domain":"d","category":"c","model_name":"m","operation":"update",)"
    R"("logical_user_id":"u","request_id":"r")";
std::string const context = R"({"action":"login","outcome":null,"ip":"10.0.0.7","nested":{"n":[1,2.5]}})";
std::string const payload_text = R"({"delta":{"f":{"old":1,"new":2}}})";

std::string line_with(std::string const& members) {
    return begin + members + "}";
}

error_code encode(json::object given) {
    event_draft const draft = small_draft().with_context(std::move(given));
    detail::text_buffer out;
    return format::encode_tail(draft, 0, plenty, out);
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_context_is_between_the_request_and_the_payload) {
    for (std::string const& given : {context, std::string("{}"), context + ",\"payload\":" + payload_text}) {
        std::string const members = ",\"context\":" + given;
        event decoded;
        BOOST_TEST(explain(format::decode_event(line_with(members), decoded)) == "");
        BOOST_TEST(decoded.context.has_value());
        BOOST_TEST(line_of(decoded) == line_with(members) + "\n");
    }
}

BOOST_AUTO_TEST_CASE(the_event_of_an_append_has_its_context) {
    event_draft const draft = small_draft().with_context(parse(context).as_object());
    detail::text_buffer tail;
    BOOST_TEST(!format::encode_tail(draft, 5, plenty, tail));
    event decoded;
    decoded.context.emplace().emplace("of", "an earlier event");
    BOOST_TEST(explain(format::decode_tail(7, tail.view(), decoded)) == "");
    BOOST_REQUIRE(decoded.context);
    BOOST_TEST(text_of(*decoded.context) == context);
}

BOOST_AUTO_TEST_CASE(a_draft_may_have_a_context) {
    event_draft draft;
    std::string const text =
        R"({"domain":"d","category":"c","model_name":"m","operation":"create","logical_user_id":"u","context":)";
    BOOST_TEST(explain(format::decode_draft(text + context + "}", draft)) == "");
    BOOST_TEST(text_of(*draft.context) == context);
    for (auto const* const other : {"[1]", "null", "\"text\"", "1"}) {
        auto const failure = format::decode_draft(text + other + "}", draft);
        BOOST_REQUIRE(failure);
        BOOST_TEST((failure->code == error::not_an_object));
        BOOST_TEST(failure->member == "context");
        BOOST_TEST(failure->offset == text.size());
    }
}

BOOST_AUTO_TEST_CASE(p12_a_context_that_is_not_valid_is_refused) {
    BOOST_TEST(!encode({{"text", "\xc3\xbc"}}));
    BOOST_TEST((encode({{"text", "\xff"}}) == error::invalid_context_text));
    BOOST_TEST((encode({{"\xff", 1}}) == error::invalid_context_text));
    BOOST_TEST((encode({{"number", std::numeric_limits<double>::infinity()}}) == error::not_finite));
    BOOST_TEST((encode({{"long", std::string(plenty, 'x')}}) == error::event_too_large));
    BOOST_TEST(!encode({{"deep", nested_arrays(126)}}));
    BOOST_TEST((encode({{"deep", nested_arrays(127)}}) == error::nested_too_deep));
}

BOOST_AUTO_TEST_CASE(p12_a_bad_payload_after_a_context_is_named_as_payload) {
    event_draft const draft =
        small_draft().with_context({{"a", 1}}).with_payload(payload::from_create({{"text", "\xff"}}));
    detail::text_buffer out;
    BOOST_TEST((format::encode_tail(draft, 0, plenty, out) == error::invalid_payload_text));
}

BOOST_AUTO_TEST_CASE(p12_a_refused_context_of_any_depth_is_freed_on_a_small_stack) {
    on_small_stack(1024 * 1024, [] {
        event_draft draft = small_draft().with_context({});
        draft.context->emplace("deep", nested_arrays(100'000));
        detail::text_buffer out;
        BOOST_TEST((format::encode_tail(draft, 0, plenty, out) == error::nested_too_deep));
        format::dismantle(draft);
        BOOST_TEST(!draft.context);
    });
}

BOOST_AUTO_TEST_CASE(a_header_has_the_text_of_the_context) {
    std::string const with_both = line_with(",\"context\":" + context + ",\"payload\":" + payload_text);
    format::line_header header;
    BOOST_TEST(explain(header.scan(with_both)) == "");
    BOOST_TEST(header.context == context);
    BOOST_TEST(header.payload_offset() == with_both.find(payload_text));
    BOOST_TEST(explain(header.check_payload()) == "");
    event found;
    header.copy_to(found);
    BOOST_TEST(text_of(*found.context) == context);

    std::string const without = line_with(",\"payload\":" + payload_text);
    BOOST_TEST(explain(header.scan(without)) == "");
    BOOST_TEST(header.context == "");
    header.copy_to(found);
    BOOST_TEST(!found.context);
    BOOST_TEST(format::context_text(without) == "");
}

BOOST_AUTO_TEST_CASE(a_header_finds_a_context_in_a_line_of_another_form) {
    std::string const line = line_with(", \"payload\": {\"x\": 1e400}, \"context\": {\"b\": 2}");
    format::line_header header;
    BOOST_TEST(explain(header.scan(line)) == "");
    BOOST_TEST(header.context == "{\"b\": 2}");
    BOOST_TEST(format::context_text(line) == "{\"b\": 2}");
    event found;
    header.copy_to(found);
    BOOST_TEST(text_of(*found.context) == R"({"b":2})");
}

BOOST_AUTO_TEST_CASE(a_header_finds_a_context_after_the_payload) {
    format::line_header header;
    event found;
    std::string const line = line_with(",\"payload\":" + payload_text + ",\"context\":{\"b\":2}");
    BOOST_TEST(explain(header.scan(line)) == "");
    BOOST_TEST(header.find_context() == "{\"b\":2}");
    header.copy_to(found);
    BOOST_TEST(text_of(*found.context) == R"({"b":2})");

    std::string const nested = line_with(R"(,"payload":{"after":{"context":{"b":2}}})");
    BOOST_TEST(explain(header.scan(nested)) == "");
    BOOST_TEST(header.find_context() == "");
    header.copy_to(found);
    BOOST_TEST(!found.context);
}

BOOST_AUTO_TEST_CASE(p15_a_context_that_cannot_be_stored_leaves_the_event_readable) {
    for (auto const* const stored : {R"({"a":123456789012345678901})", R"({"a":1,"a":2})"}) {
        std::string const line = line_with(std::string(",\"context\":") + stored);
        format::line_header header;
        BOOST_TEST(explain(header.scan(line)) == "");
        BOOST_TEST(header.context == stored);
        event found;
        header.copy_to(found);
        BOOST_TEST(!found.context);
        BOOST_TEST(found.event_id == 7u);
    }
}

BOOST_AUTO_TEST_CASE(p15_a_context_that_is_no_json_object_is_damage) {
    for (auto const* const stored : {"{\"a\":}", "{\"a\":1", "[1]", "null", "{\"a\":\"\xff\"}"}) {
        format::line_header header;
        BOOST_TEST(header.scan(line_with(std::string(",\"context\":") + stored)).has_value(), stored);
    }
}

}  // namespace test::context_test
