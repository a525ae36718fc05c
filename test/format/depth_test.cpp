#include <boost/test/unit_test.hpp>

#include "format/payload.hpp"
#include "format/samples.hpp"
#include "support/deep_trees.hpp"

namespace test::depth_test {

using namespace audit_trail;
using namespace audit_trail::test;

namespace {

/// Less than a recursion over 100,000 levels would need, with room for a sanitizer's frames.
constexpr std::size_t small_stack = 1024 * 1024;

json::value nested_objects(std::size_t levels) {
    json::value tree(json::object_kind);
    for (std::size_t i = 1; i < levels; ++i) {
        json::value outer(json::object_kind);
        outer.get_object().emplace("inner", std::move(tree));
        outer.get_object().emplace("beside", "text");
        tree = std::move(outer);
    }
    return tree;
}

/// A draft of which the line nests `levels` deep: line, payload, after, and the arrays.
event_draft draft_of_depth(std::size_t levels) {
    event_draft draft = draft_with({});
    draft.payload->after->emplace("deep", nested_arrays(levels - 3));
    return draft;
}

error_code encode(event_draft const& draft) {
    detail::text_buffer out;
    return format::encode_tail(draft, 0, plenty, out);
}

std::string text_of_depth(std::size_t levels) {
    return R"({"domain":"d","category":"c","model_name":"m","operation":"create","logical_user_id":"u",)"
           R"("payload":{"after":{"deep":)" +
           std::string(levels - 3, '[') + std::string(levels - 3, ']') + "}}}";
}

}  // namespace

BOOST_AUTO_TEST_CASE(p12_a_line_of_128_levels_is_accepted_and_of_129_levels_refused) {
    BOOST_TEST(!encode(draft_of_depth(128)));
    BOOST_TEST((encode(draft_of_depth(129)) == error::nested_too_deep));
}

BOOST_AUTO_TEST_CASE(p12_the_levels_are_the_same_for_objects_and_for_each_part_of_the_payload) {
    auto const with = [](auto&& fill) {
        payload value;
        fill(value);
        return encode(small_draft().with_payload(std::move(value)));
    };
    for (auto part : {&payload::before, &payload::after}) {
        BOOST_TEST(!with([&](payload& p) { (p.*part).emplace().emplace("a", nested_objects(125)); }));
        BOOST_TEST((with([&](payload& p) { (p.*part).emplace().emplace("a", nested_objects(126)); }) ==
                    error::nested_too_deep));
    }
    for (std::size_t const levels : {124u, 125u}) {
        for (auto const& [filled, other] : {std::pair("old", "new"), std::pair("new", "old")}) {
            error_code const ec = with([&](payload& p) {
                json::object& change = p.delta.emplace()["a"].emplace_object();
                change.emplace(filled, nested_arrays(levels));
                change.emplace(other, nullptr);
            });
            BOOST_TEST((levels == 124u ? !ec : ec == error::nested_too_deep));
        }
    }
}

BOOST_AUTO_TEST_CASE(p12_the_reader_has_the_same_limit_as_the_writer) {
    event_draft draft;
    BOOST_TEST(explain(format::decode_draft(text_of_depth(128), draft)) == "");
    BOOST_TEST(text_of(*draft.payload->after) == text_of(*draft_of_depth(128).payload->after));
    auto const failure = format::decode_draft(text_of_depth(129), draft);
    BOOST_REQUIRE(failure);
    BOOST_TEST((failure->code == error::nested_too_deep));
    BOOST_TEST(failure->offset == text_of_depth(129).find(']') - 1);
    BOOST_TEST(failure->member.starts_with("payload.after.deep[0][0]"));
}

BOOST_AUTO_TEST_CASE(p12_a_hundred_thousand_levels_are_refused_and_freed_on_a_small_stack) {
    on_small_stack(small_stack, [] {
        event_draft draft = draft_of_depth(100'000);
        draft.payload->before.emplace().emplace("deep", nested_objects(100'000));
        draft.payload->delta.emplace().emplace("deep", nested_objects(100'000));
        BOOST_TEST((encode(draft) == error::nested_too_deep));
        format::dismantle(*draft.payload);
        BOOST_TEST(!draft.payload->before);
        BOOST_TEST(!draft.payload->after);
        BOOST_TEST(!draft.payload->delta);
    });
}

BOOST_AUTO_TEST_CASE(ten_million_levels_are_freed_on_a_small_stack) {
    on_small_stack(small_stack, [] {
        payload value;
        value.after.emplace().emplace("deep", nested_arrays(10'000'000));
        format::dismantle(value);
        BOOST_TEST(!value.after);
    });
}

BOOST_AUTO_TEST_CASE(a_wide_and_deep_tree_is_freed_whole) {
    // Under the address sanitizer a leak fails the test.
    on_small_stack(small_stack, [] {
        json::value tree(json::array_kind);
        for (int level = 0; level < 50'000; ++level) {
            json::value outer(json::object_kind);
            auto& members = outer.get_object();
            members.emplace("first",
                            json::array{1, "a text that needs memory of its own", json::object{{"x", json::array{}}}});
            members.emplace("deep", std::move(tree));
            members.emplace("last", json::object{{"a", {1, 2, {3, {4}}}}});
            tree = std::move(outer);
        }
        payload value;
        value.before.emplace().emplace("tree", std::move(tree));
        value.after.emplace();
        format::dismantle(value);
        BOOST_TEST(!value.before);
        BOOST_TEST(!value.after);
    });
}

BOOST_AUTO_TEST_CASE(p12_over_deep_text_is_refused_on_a_small_stack) {
    on_small_stack(small_stack, [] {
        for (std::string const opening : {"[", "{\"a\":", "[{\"a\":"}) {
            std::string text = R"({"payload":{"after":{"deep":)";
            for (int i = 0; i < 200'000; ++i) text += opening;
            event_draft draft;
            auto const failure = format::decode_draft(text, draft);
            BOOST_REQUIRE(failure);
            BOOST_TEST((failure->code == error::nested_too_deep));
            BOOST_TEST(failure->offset < 1000u);
        }
        event line;
        BOOST_TEST((format::decode_event(std::string(200'000, '['), line)->code == error::not_an_object));
        BOOST_TEST(!format::read_event_id(R"({"a":)" + std::string(200'000, '[')));
    });
}

}  // namespace test::depth_test
