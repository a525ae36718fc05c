#include <audit_trail/event.hpp>
#include <boost/test/unit_test.hpp>
#include <type_traits>

using namespace audit_trail;

// Braced aggregates are freed twice inside co_await by GCC 12.
static_assert(!std::is_aggregate_v<event_draft>);
static_assert(!std::is_aggregate_v<event>);
static_assert(std::is_nothrow_move_constructible_v<event_draft>);
static_assert(std::is_nothrow_move_constructible_v<event>);

BOOST_AUTO_TEST_CASE(a_draft_holds_what_it_is_made_of) {
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
