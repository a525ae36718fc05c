// Tests P12: an invalid event is refused before it gets an id, and no other event is affected.
#include <audit_trail/reader.hpp>
#include <boost/test/unit_test.hpp>
#include <limits>

#include "support/deep_trees.hpp"
#include "support/drafts.hpp"
#include "support/handlers.hpp"
#include "support/printing.hpp"
#include "support/temporary_root.hpp"
#include "support/trail_files.hpp"
#include "support/waiting.hpp"

namespace audit_trail::test::p12_validity_test {

namespace {

using namespace std::string_literals;

std::vector<std::string> const not_names = {"",           std::string(129, 'a'),
                                            ".",          "..",
                                            ".hidden",    "-option",
                                            "_first",     "a/b",
                                            "/",          "a b",
                                            "a\0b"s,      "a\n",
                                            "caf\u00e9",  "a\xff",
                                            "index.json", "index.json.new"};

std::vector<std::string> const not_utf8 = {"\x80"s,  // a continuation alone
                                           "\xc3"s,
                                           "\xe2\x82"s,
                                           "\xf0\x9f\x97"s,  // cut short
                                           "\xe2\x28\xa1"s,  // no continuation
                                           "\xc0\xaf"s,
                                           "\xc0\x80"s,
                                           "\xe0\x80\xaf"s,      // overlong
                                           "\xf0\x80\x80\xaf"s,  //
                                           "\xed\xa0\x80"s,
                                           "\xed\xbf\xbf"s,      // lone surrogates
                                           "\xf4\x90\x80\x80"s,  // past U+10FFFF
                                           "\xff"s};

double const not_numbers[] = {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(),
                              -std::numeric_limits<double>::infinity()};

event_draft draft_with(payload content) {
    return make_draft().with_payload(std::move(content));
}

event_draft draft_with_change(json::value change) {
    payload content;
    content.delta.emplace().emplace("field", std::move(change));
    return draft_with(std::move(content));
}

/// Returns drafts whose payloads contain the value in every possible position.
std::vector<event_draft> drafts_with_value(json::value const& value) {
    return {draft_with(payload::from_create({{"field", value}})),
            draft_with(payload::from_delete({{"field", value}})),
            draft_with(payload::from_create({{"list", {1, {value}}}, {"record", {{"inner", value}}}})),
            draft_with_change({{"old", value}, {"new", nullptr}}),
            draft_with_change({{"old", nullptr}, {"new", value}}),
            draft_with_change({{"old", nullptr}, {"new", {{"inner", {value}}}}})};
}

std::vector<event_draft> drafts_with_key(std::string const& key) {
    payload content;
    content.delta.emplace().emplace(key, json::object{{"old", 1}, {"new", 2}});
    return {draft_with(payload::from_create({{key, 1}})), draft_with(payload::from_delete({{key, 1}})),
            draft_with(payload::from_create({{"list", {{{key, 1}}}}})), draft_with(content),
            draft_with_change({{"old", {{key, 1}}}, {"new", nullptr}})};
}

/// Returns a draft whose line has `levels` levels: line, payload, after, and the arrays.
event_draft draft_of_depth(std::size_t levels) {
    payload content;
    content.after.emplace().emplace("deep", nested_arrays(levels - 3));
    return draft_with(std::move(content));
}

struct validity_fixture {
    temporary_root root;
    asio::io_context context;
    writer trail;
    std::uint64_t last_id = 0;

    explicit validity_fixture(writer_options options = {}) {
        options.durability = durability::written;
        trail = writer::open(context.get_executor(), root.path(), options);
    }
    ~validity_fixture() { BOOST_TEST(ids_in(root.path()) == ids_up_to(last_id)); }

    void expect_taken(event_draft draft) {
        trail.async_record(std::move(draft), must_be_called([expected = ++last_id](error_code ec, receipt given) {
                               BOOST_TEST(!ec, ec.message());
                               BOOST_TEST(given.event_id == expected);
                           }));
    }

    /// Creates the draft for each call, so that a deep draft is never copied.
    template <class Make>
    void check_refused(Make make, error expected) {
        expect_taken(make_draft());
        trail.async_append(make(), must_be_called([=](error_code ec, event const& given) {
                               BOOST_TEST(ec == expected, ec.message());
                               BOOST_TEST(ec == condition::not_written);
                               BOOST_TEST(given.event_id == 0u);
                           }));
        trail.async_record(make(), must_be_called([=](error_code ec, receipt given) {
                               BOOST_TEST(ec == expected, ec.message());
                               BOOST_TEST(given.event_id == 0u);
                           }));
        for (std::size_t place = 0; place != 3; ++place) {
            auto drafts = make_drafts(3);
            drafts[place] = make();
            trail.async_append_batch(std::move(drafts), must_be_called([=](error_code ec, auto const& given) {
                                         BOOST_TEST(ec == expected, ec.message());
                                         BOOST_TEST(given.empty());
                                     }));
        }
        expect_taken(make_draft());
        run_all(context);
    }

    void check_refused(event_draft const& draft, error expected) {
        check_refused([&] { return draft; }, expected);
    }

    template <class Member>
    void check_text_refused(Member set, error expected) {
        for (std::string const& bytes : not_utf8) {
            for (std::string const& text : {bytes, "in the middle " + bytes + " of a longer text"}) {
                event_draft draft = make_draft();
                set(draft, text);
                check_refused(draft, expected);
            }
        }
    }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(p12_validity, validity_fixture)

BOOST_AUTO_TEST_CASE(p12_names_of_every_bad_kind_are_refused_as_domain_and_as_category) {
    for (std::string const& name : not_names) {
        BOOST_TEST_CONTEXT("name " << name) {
            event_draft draft = make_draft();
            draft.domain = name;
            check_refused(draft, error::invalid_domain);
            draft = make_draft();
            draft.category = name;
            check_refused(draft, error::invalid_category);
        }
    }
    for (auto const& entry : std::filesystem::directory_iterator(root.path())) {
        if (entry.is_directory()) BOOST_TEST(entry.path().filename() == "shop");
    }
}

BOOST_AUTO_TEST_CASE(p12_the_longest_names_are_accepted) {
    event_draft draft = make_draft();
    draft.domain = draft.category = 'a' + std::string(127, '.');
    expect_taken(draft);
    run_all(context);
}

BOOST_AUTO_TEST_CASE(p12_empty_model_names_and_users_are_refused) {
    event_draft draft = make_draft();
    draft.model_name.clear();
    check_refused(draft, error::empty_model_name);
    draft = make_draft();
    draft.logical_user_id.clear();
    check_refused(draft, error::empty_logical_user_id);
    expect_taken(make_draft().with_request_id(""));
    run_all(context);
}

BOOST_AUTO_TEST_CASE(p12_text_that_is_not_utf8_is_refused_in_every_text_field) {
    check_text_refused([](event_draft& draft, std::string const& text) { draft.model_name = text; },
                       error::invalid_model_name);
    check_text_refused([](event_draft& draft, std::string const& text) { draft.logical_user_id = text; },
                       error::invalid_logical_user_id);
    check_text_refused([](event_draft& draft, std::string const& text) { draft.request_id = text; },
                       error::invalid_request_id);
}

BOOST_AUTO_TEST_CASE(p12_text_that_is_not_utf8_is_refused_in_every_place_of_the_payload) {
    for (std::string const& bytes : not_utf8) {
        for (event_draft const& draft : drafts_with_value(json::string(bytes))) {
            check_refused(draft, error::invalid_payload_text);
        }
        for (event_draft const& draft : drafts_with_key(bytes)) check_refused(draft, error::invalid_payload_text);
    }
}

BOOST_AUTO_TEST_CASE(p12_numbers_that_are_not_finite_are_refused_in_every_place_of_the_payload) {
    for (double const number : not_numbers) {
        for (event_draft const& draft : drafts_with_value(number)) check_refused(draft, error::not_finite);
    }
}

BOOST_AUTO_TEST_CASE(p12_operations_out_of_range_are_refused) {
    for (int const number : {-1, 3, 1000}) {
        event_draft draft = make_draft();
        draft.operation = static_cast<operation>(number);
        check_refused(draft, error::invalid_operation);
    }
}

BOOST_AUTO_TEST_CASE(p12_changes_that_are_not_old_and_new_are_refused) {
    json::value const bad[] = {nullptr,
                               7,
                               "old",
                               json::array{1, 2},
                               json::object{},
                               json::object{{"old", 1}},
                               json::object{{"new", 1}},
                               json::object{{"old", 1}, {"new", 2}, {"more", 3}},
                               json::object{{"old", 1}, {"New", 2}}};
    for (json::value const& change : bad) check_refused(draft_with_change(change), error::invalid_delta);
}

BOOST_AUTO_TEST_CASE(p12_the_writer_accepts_a_line_of_128_levels_and_refuses_129) {
    expect_taken(draft_of_depth(128));
    trail.async_append(draft_of_depth(128), must_be_called([this](error_code ec, event const& given) {
                           BOOST_TEST(!ec, ec.message());
                           BOOST_TEST(given.event_id == ++last_id);
                           BOOST_TEST((*given.payload->after == *draft_of_depth(128).payload->after));
                       }));
    run_all(context);
    check_refused([] { return draft_of_depth(129); }, error::nested_too_deep);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(p12_empty_names)

BOOST_AUTO_TEST_CASE(p12_empty_model_names_and_users_are_accepted_if_the_option_allows_them) {
    writer_options options;
    options.allow_empty_names = true;
    validity_fixture fixture(options);
    event_draft draft = make_draft();
    draft.model_name.clear();
    draft.logical_user_id.clear();
    fixture.expect_taken(draft);
    run_all(fixture.context);
    auto const found = reader(fixture.root.path()).next();
    BOOST_REQUIRE(found.has_value());
    BOOST_TEST(found->event.model_name.empty());
    BOOST_TEST(found->event.logical_user_id.empty());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(p12_size)

BOOST_AUTO_TEST_CASE(p12_the_writer_accepts_the_longest_event_and_refuses_one_byte_more) {
    // The length of the draft's line if its id has 20 digits.
    std::size_t longest = 0;
    event_draft const draft = make_draft("\u20ac " + std::string(1000, 'x'));
    {
        validity_fixture measured;
        measured.expect_taken(draft);
        run_all(measured.context);
        longest = read_trail(measured.root.path()).front().text.size() + std::string("\n").size() + 19;
    }
    writer_options options;
    options.max_event_bytes = longest;
    validity_fixture roomy(options);
    roomy.expect_taken(draft);
    roomy.trail.async_append_batch({draft, draft}, must_be_called([&](error_code ec, auto const& given) {
                                       BOOST_TEST(!ec, ec.message());
                                       roomy.last_id += given.size();
                                   }));
    run_all(roomy.context);
    event_draft longer = draft;
    longer.logical_user_id += '.';
    roomy.check_refused(longer, error::event_too_large);

    options.max_event_bytes = longest - 1;
    validity_fixture tight(options);
    tight.check_refused(draft, error::event_too_large);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(p12_depth)

namespace {

constexpr std::size_t small_stack = 256 * 1024;
constexpr std::size_t far_too_many = 100'000;

event_draft deep_everywhere() {
    event_draft draft = draft_of_depth(far_too_many);
    draft.payload->before.emplace().emplace("deep", nested_arrays(far_too_many));
    json::object& change = draft.payload->delta.emplace()["field"].emplace_object();
    change.emplace("old", nested_arrays(far_too_many));
    change.emplace("new", nested_arrays(far_too_many));
    return draft;
}

/// The draft is invalid for another reason, which is found before the depth. It must be freed, too.
event_draft deep_and_misnamed() {
    event_draft draft = deep_everywhere();
    draft.domain = "no/name";
    return draft;
}

}  // namespace

BOOST_AUTO_TEST_CASE(p12_a_hundred_thousand_levels_are_refused_and_freed_on_a_small_stack) {
    on_small_stack(small_stack, [] {
        validity_fixture fixture;
        fixture.check_refused(deep_everywhere, error::nested_too_deep);
        fixture.check_refused(deep_and_misnamed, error::invalid_domain);
    });
}

BOOST_AUTO_TEST_CASE(p12_a_refused_batch_frees_its_deep_drafts_on_a_small_stack) {
    on_small_stack(small_stack, [] {
        validity_fixture fixture;
        std::vector<event_draft> drafts;
        drafts.push_back(make_invalid_draft());
        for (int n = 0; n != 3; ++n) drafts.push_back(deep_everywhere());
        error_code answer;
        fixture.trail.async_append_batch(std::move(drafts), [&](error_code ec, auto const&) { answer = ec; });
        run_all(fixture.context);
        BOOST_TEST(answer == error::invalid_domain);
    });
}

BOOST_AUTO_TEST_CASE(p12_a_full_or_closed_writer_frees_refused_drafts_on_a_small_stack) {
    on_small_stack(small_stack, [] {
        writer_options options;
        options.overflow = overflow::reject;
        options.max_pending_events = 1;
        validity_fixture fixture(options);
        auto const expect = [&](error expected) {
            return must_be_called([=](error_code ec, auto const&) { BOOST_TEST(ec == expected); });
        };
        auto const append_all = [&](error expected) {
            fixture.trail.async_append(deep_everywhere(), expect(expected));
            fixture.trail.async_record(deep_everywhere(), expect(expected));
        };
        fixture.expect_taken(make_draft());
        append_all(error::queue_full);
        fixture.trail.async_close([](error_code ec) { BOOST_TEST(!ec); });
        append_all(error::closed);
        std::vector<event_draft> drafts;
        drafts.push_back(deep_everywhere());
        fixture.trail.async_append_batch(std::move(drafts), expect(error::closed));
        run_all(fixture.context);
    });
}

BOOST_AUTO_TEST_CASE(p12_a_line_of_128_levels_is_encoded_and_decoded_on_a_small_stack) {
    on_small_stack(small_stack, [] {
        validity_fixture fixture;
        bool done = false;
        fixture.trail.async_append(draft_of_depth(128), [&](error_code ec, event const& given) {
            BOOST_TEST(!ec, ec.message());
            fixture.last_id = given.event_id;
            done = true;
        });
        run_all(fixture.context);
        BOOST_TEST(done);
    });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace audit_trail::test::p12_validity_test
