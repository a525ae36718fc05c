#include <audit_trail/event.hpp>
#include <audit_trail/json.hpp>
#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <limits>
#include <sstream>
#include <type_traits>

namespace test::event_test {

using namespace audit_trail;

// Braced aggregates are freed twice inside co_await by GCC 12.
static_assert(!std::is_aggregate_v<event_draft>);
static_assert(!std::is_aggregate_v<event>);
static_assert(std::is_nothrow_move_constructible_v<event_draft>);
static_assert(std::is_nothrow_move_constructible_v<event>);

BOOST_AUTO_TEST_CASE(a_draft_stores_its_arguments) {
    event_draft const draft("d", "c", "m", operation::update, "u");
    BOOST_TEST(draft.domain == "d");
    BOOST_TEST(draft.category == "c");
    BOOST_TEST(draft.model_name == "m");
    BOOST_TEST((draft.operation == operation::update));
    BOOST_TEST(draft.logical_user_id == "u");
    BOOST_TEST(!draft.request_id);
    BOOST_TEST(!draft.payload);
    BOOST_TEST(!draft.timestamp);
}

BOOST_AUTO_TEST_CASE(a_draft_takes_its_optional_parts_one_by_one) {
    event_draft draft;
    draft.with_request_id("r").with_timestamp(-5).with_payload(payload::from_create({{"a", 1}}));
    BOOST_TEST(draft.request_id.value() == "r");
    BOOST_TEST(draft.timestamp.value() == -5);
    BOOST_TEST((draft.payload->after == json::object{{"a", 1}}));
}

BOOST_AUTO_TEST_CASE(a_temporary_draft_can_be_completed_and_moved_on) {
    event_draft const draft = event_draft("d", "c", "m", operation::remove, "u").with_request_id("r").with_timestamp(1);
    BOOST_TEST(draft.domain == "d");
    BOOST_TEST(draft.request_id.value() == "r");
    BOOST_TEST(draft.timestamp.value() == 1);
}

BOOST_AUTO_TEST_CASE(operations_have_the_names_that_are_on_disk) {
    std::ostringstream out;
    out << operation::create << ' ' << operation::update << ' ' << operation::remove << ' '
        << static_cast<operation>(9);
    BOOST_TEST(out.str() == "create update delete unknown");
}

BOOST_AUTO_TEST_CASE(the_line_of_a_parsed_draft_is_the_line_of_the_segment) {
    std::ifstream vectors(TEST_DATA_DIR "/encoding_vectors.jsonl");
    std::size_t count = 0;
    for (std::string text; std::getline(vectors, text); ++count) {
        json::value const vector = json::parse(text);
        std::string expected(vector.at("line").as_string());
        if (expected.ends_with('\n')) expected.pop_back();
        // The line without its id is the draft with its timestamp.
        std::string const id =
            R"("event_id":)" + std::to_string(vector.at("event_id").to_number<std::uint64_t>()) + ",";
        std::string draft_text = expected;
        draft_text.erase(draft_text.find(id), id.size());
        error_code ec;
        event_draft parsed = parse_draft(draft_text, ec);
        BOOST_REQUIRE_MESSAGE(!ec, draft_text << ": " << ec.message());
        event persisted;
        persisted.event_id = vector.at("event_id").to_number<std::uint64_t>();
        persisted.timestamp = parsed.timestamp.value();
        persisted.domain = parsed.domain;
        persisted.category = parsed.category;
        persisted.model_name = parsed.model_name;
        persisted.operation = parsed.operation;
        persisted.logical_user_id = parsed.logical_user_id;
        persisted.request_id = parsed.request_id;
        persisted.payload = parsed.payload;
        BOOST_TEST(to_line(persisted, ec) == expected);
        BOOST_TEST(!ec, ec.message());
    }
    BOOST_TEST(count == 1500u);
}

BOOST_AUTO_TEST_CASE(an_event_that_has_no_line_is_an_error) {
    error_code ec;
    BOOST_TEST(to_line(event(), ec) == "");
    BOOST_TEST((ec == error::invalid_event_id));
    BOOST_TEST(to_json(json::value(std::numeric_limits<double>::infinity()), ec) == "");
    BOOST_TEST((ec == error::not_finite));
    BOOST_TEST(to_json(json::value{1, "\n", 0.5}, ec) == R"([1,"\n",0.5])");
    BOOST_TEST(!ec);
}

BOOST_AUTO_TEST_CASE(what_is_wrong_with_a_draft_is_explained) {
    error_code ec;
    std::string explanation;
    parse_draft(R"({"domain":"d","category":"c/","model_name":"m"})", ec, explanation);
    BOOST_TEST((ec == error::invalid_category));
    BOOST_TEST(explanation.find("category") != std::string::npos);
    BOOST_TEST(explanation.find("byte 25") != std::string::npos, explanation);
    parse_draft("{", ec);
    BOOST_TEST((ec == error::malformed_json));
}

BOOST_AUTO_TEST_CASE(names_of_domains_and_categories_are_checked) {
    BOOST_TEST(is_valid_name("users.v2"));
    BOOST_TEST(!is_valid_name(""));
    BOOST_TEST(!is_valid_name("../users"));
    BOOST_TEST(!is_valid_name("index.json"));
}

}  // namespace test::event_test
