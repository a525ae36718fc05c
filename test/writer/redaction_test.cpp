// Tests that redaction rules remove values before an event is written.
#include <audit_trail/json.hpp>
#include <audit_trail/reader.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>
#include <stdexcept>

#include "format/payload.hpp"
#include "support/deep_trees.hpp"
#include "support/drafts.hpp"
#include "support/handlers.hpp"
#include "support/printing.hpp"
#include "support/temporary_root.hpp"
#include "support/trail_files.hpp"
#include "support/waiting.hpp"
#include "writer/redactor.hpp"

namespace audit_trail::test::redaction_test {
namespace {

using action = redaction_action;

std::string length_of(std::string_view value) {
    return "hash of " + std::to_string(value.size()) + " bytes";
}

/// Returns a payload or context with these members after the rules were applied, as JSON text.
std::string after_rules(std::vector<redaction_rule> const& rules, std::string_view members) {
    detail::redactor const redactor(rules, length_of);
    event_draft draft = make_draft().with_payload(payload::from_create(json::parse(members).as_object()));
    error_code ec = redactor.apply(draft);
    return ec ? ec.message() : to_json(*draft.payload->after, ec);
}

std::string delta_after_rules(std::vector<redaction_rule> const& rules, std::string_view members) {
    detail::redactor const redactor(rules, length_of);
    event_draft draft = make_draft();
    draft.payload.emplace().delta = json::parse(members).as_object();
    error_code ec = redactor.apply(draft);
    return ec ? ec.message() : to_json(*draft.payload->delta, ec);
}

struct redacting_writer {
    temporary_root root;
    asio::io_context context;
    writer trail;

    explicit redacting_writer(std::vector<redaction_rule> rules, redaction_hash_function hash = length_of) {
        writer_options options;
        options.redaction_rules = std::move(rules);
        options.redaction_hash = std::move(hash);
        trail = writer::open(context.get_executor(), root.path(), options);
    }

    std::string append(event_draft draft) {
        std::string line;
        trail.async_append(std::move(draft),
                           [&](error_code ec, event const& stored) { line = ec ? ec.message() : to_line(stored, ec); });
        context.restart();
        context.run();
        return line;
    }

    std::string stored() const {
        std::string lines;
        for (entry& found : reader(root.path())) lines += found.line + '\n';
        return lines;
    }
};

event_draft draft_with_secrets() {
    payload content;
    content.before = {{"name", "Ada"}, {"password", "old secret"}};
    content.after = {{"name", "Ada"}, {"password", "new secret"}, {"list", {{{"api_token", "abc"}}, 1}}};
    return make_draft()
        .with_payload(std::move(content))
        .with_context({{"ip", "10.0.0.7"}, {"Authorization", "Bearer x"}});
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_value_is_dropped_masked_or_hashed) {
    BOOST_TEST(after_rules({{"r", "b", action::drop}}, R"({"a":1,"b":2,"c":3,"d":4})") == R"({"a":1,"c":3,"d":4})");
    BOOST_TEST(after_rules({{"r", "b", action::mask}}, R"({"a":1,"b":2,"c":3})") == R"({"a":1,"b":"***","c":3})");
    BOOST_TEST(after_rules({{"r", "b", action::hash}}, R"({"b":"\u00fc"})") == R"({"b":"hash of 2 bytes"})");
    BOOST_TEST(after_rules({{"r", "b", action::hash}}, R"({"b":{"x":[1.0,null]}})") == R"({"b":"hash of 16 bytes"})");
}

BOOST_AUTO_TEST_CASE(null_is_no_secret) {
    BOOST_TEST(after_rules({{"r", "b", action::mask}}, R"({"b":null})") == R"({"b":null})");
    BOOST_TEST(after_rules({{"r", "b", action::hash}}, R"({"b":null})") == R"({"b":null})");
    BOOST_TEST(after_rules({{"r", "b", action::drop}}, R"({"b":null})") == "{}");
}

BOOST_AUTO_TEST_CASE(a_pattern_applies_at_any_depth) {
    BOOST_TEST(after_rules({{"r", "*pass*"}}, R"({"a":{"PassWord":1},"b":[[{"x":{"bypass":{"y":2}}}]],"pas":3})") ==
               R"({"a":{"PassWord":"***"},"b":[[{"x":{"bypass":"***"}}]],"pas":3})");
    BOOST_TEST(after_rules({{"r", "key"}}, R"({"key":1,"keys":2,"KEY":3,"monkey":4})") ==
               R"({"key":"***","keys":2,"KEY":"***","monkey":4})");
    BOOST_TEST(after_rules({{"r", "key*"}}, R"({"keys":2,"monkey":4})") == R"({"keys":"***","monkey":4})");
    BOOST_TEST(after_rules({{"r", "*key"}}, R"({"keys":2,"monkey":4})") == R"({"keys":2,"monkey":"***"})");
    BOOST_TEST(after_rules({{"r", "k[ae]y?"}}, R"({"keys":2,"kay":4,"kayo":1})") ==
               R"({"keys":"***","kay":4,"kayo":"***"})");
    BOOST_TEST(after_rules({{"r", "*"}}, R"({"a":{"b":1}})") == R"({"a":"***"})");
}

BOOST_AUTO_TEST_CASE(a_path_begins_at_the_record) {
    std::string_view const members =
        R"({"card":{"number":1,"deep":{"number":2}},"number":3,"x":{"card":{"number":4}}})";
    BOOST_TEST(after_rules({{"r", "card.number"}}, members) ==
               R"({"card":{"number":"***","deep":{"number":2}},"number":3,"x":{"card":{"number":4}}})");
    BOOST_TEST(after_rules({{"r", "c*.*.number"}}, members) ==
               R"({"card":{"number":1,"deep":{"number":"***"}},"number":3,"x":{"card":{"number":4}}})");
    BOOST_TEST(after_rules({{"r", "cards.number", action::drop}}, R"({"cards":[{"number":1,"a":2},{"number":3}]})") ==
               R"({"cards":[{"a":2},{}]})");
    BOOST_TEST(after_rules({{"r", "a\\.b"}}, R"({"a.b":1,"a":{"b":2}})") == R"({"a.b":"***","a":{"b":2}})");
}

BOOST_AUTO_TEST_CASE(the_first_rule_that_matches_a_value_decides) {
    BOOST_TEST(after_rules({{"1", "b", action::mask}, {"2", "b", action::hash}}, R"({"b":"xy"})") == R"({"b":"***"})");
    BOOST_TEST(after_rules({{"1", "*", action::hash}, {"2", "b", action::hash}}, R"({"b":"xy"})") ==
               R"({"b":"hash of 2 bytes"})");
    BOOST_TEST(after_rules({{"1", "b.c", action::mask}, {"2", "b", action::hash}}, R"({"b":{"c":1}})") ==
               R"({"b":"hash of 11 bytes"})");
    BOOST_TEST(after_rules({{"1", "b", action::mask}, {"2", "a", action::drop}, {"3", "b", action::drop}},
                           R"({"a":1,"b":2,"c":3})") == R"({"c":3})");
    BOOST_TEST(delta_after_rules({{"1", "b", action::mask}, {"2", "*", action::hash}}, R"({"b":{"old":1,"new":2}})") ==
               R"({"b":{"old":"***","new":"***"}})");
}

BOOST_AUTO_TEST_CASE(a_secret_at_the_deepest_level_is_found) {
    for (std::size_t const levels : {1u, 100u, 124u}) {
        json::value deep = json::object{{"password", "hunter2"}};
        for (std::size_t n = 1; n != levels; ++n) deep = json::array{std::move(deep)};
        redacting_writer with(default_redaction_rules());
        auto const line = with.append(make_draft().with_payload(payload::from_create({{"deep", std::move(deep)}})));
        BOOST_TEST(line.find(R"({"password":"***"})") != line.npos, line);
    }
}

BOOST_AUTO_TEST_CASE(rules_of_one_name_are_named_once) {
    redacting_writer with({{"secret", "price"}, {"secret", "model"}, {"secret", "ip"}});
    auto const line = with.append(make_draft().with_context({{"ip", "10.0.0.7"}}));
    BOOST_TEST(line.find(R"("redacted":["secret"])") != line.npos, line);
}

BOOST_AUTO_TEST_CASE(both_sides_of_a_change_are_redacted) {
    BOOST_TEST(
        delta_after_rules({{"r", "*password*"}}, R"({"password":{"old":null,"new":"x"},"a":{"old":1,"new":2}})") ==
        R"({"password":{"old":null,"new":"***"},"a":{"old":1,"new":2}})");
    BOOST_TEST(delta_after_rules({{"r", "p", action::drop}}, R"({"p":{"old":1,"new":2},"a":{"old":1,"new":2}})") ==
               R"({"a":{"old":1,"new":2}})");
    BOOST_TEST(delta_after_rules({{"r", "card.number"}}, R"({"card":{"old":{"number":1},"new":{"number":2}}})") ==
               R"({"card":{"old":{"number":"***"},"new":{"number":"***"}}})");
    BOOST_TEST(delta_after_rules({{"r", "*number"}}, R"({"card":{"old":[{"number":1}],"new":3}})") ==
               R"({"card":{"old":[{"number":"***"}],"new":3}})");
    BOOST_TEST(delta_after_rules({{"r", "old"}}, R"({"a":{"old":1,"new":2}})") == R"({"a":{"old":1,"new":2}})");
}

BOOST_AUTO_TEST_CASE(neither_the_answer_nor_the_file_has_the_secret) {
    redacting_writer with(default_redaction_rules());
    std::string const answer = with.append(draft_with_secrets());
    for (auto const* const secret : {"old secret", "new secret", "abc", "Bearer x"}) {
        BOOST_TEST(answer.find(secret) == answer.npos, answer);
    }
    BOOST_TEST(
        answer.find(
            R"("context":{"ip":"10.0.0.7","Authorization":"***","redacted":["password","token","authorization"]})") !=
            answer.npos,
        answer);
    BOOST_TEST(answer.find(R"({"name":"Ada","password":"***","list":[{"api_token":"***"},1]})") != answer.npos, answer);
    BOOST_TEST(with.stored() == answer + '\n');
}

BOOST_AUTO_TEST_CASE(all_initiating_functions_redact) {
    redacting_writer with({{"r", "price", action::hash}});
    std::vector<event_draft> batch{make_draft(), make_draft()};
    std::size_t answered = 0;
    with.trail.async_append_batch(std::move(batch), [&](error_code ec, std::vector<event> const& events) {
        BOOST_TEST(!ec);
        for (auto const& each : events) {
            BOOST_TEST((each.payload->after->at("price") == "hash of 2 bytes"));
            ++answered;
        }
    });
    with.trail.async_record(make_draft(), [&](error_code ec, receipt const&) { answered += !ec; });
    with.context.run();
    BOOST_TEST(answered == 3U);
    for (entry& found : reader(with.root.path())) {
        BOOST_TEST(!found.decode_payload());
        BOOST_TEST((found.event.payload->after->at("price") == "hash of 2 bytes"));
        BOOST_TEST((found.event.context->at("redacted") == json::array{"r"}));
    }
}

BOOST_AUTO_TEST_CASE(an_event_without_secrets_is_not_changed) {
    redacting_writer with(default_redaction_rules());
    BOOST_TEST(with.append(make_draft()).find("context") == std::string::npos);
    auto const own = with.append(make_draft().with_context({{"redacted", "by the caller"}}));
    BOOST_TEST(own.find(R"("context":{"redacted":"by the caller"})") != own.npos);
    auto const replaced = with.append(make_draft().with_context({{"redacted", "by the caller"}, {"secret", 1}}));
    BOOST_TEST(replaced.find(R"("context":{"redacted":["secret"],"secret":"***"})") != replaced.npos, replaced);
}

BOOST_AUTO_TEST_CASE(p12_a_hash_that_fails_refuses_the_event) {
    redacting_writer with({{"r", "price", action::hash}},
                          [](std::string_view) -> std::string { throw std::runtime_error("no key"); });
    error_code const expected = error::redaction_failed;
    BOOST_TEST(with.append(make_draft()) == expected.message());
    redacting_writer with_bytes({{"r", "price", action::hash}}, [](std::string_view) { return "\xff"; });
    BOOST_TEST(with_bytes.append(make_draft()) == expected.message());
    BOOST_TEST(with.stored() + with_bytes.stored() == "");
}

BOOST_AUTO_TEST_CASE(p12_values_of_any_depth_are_replaced_on_a_small_stack) {
    on_small_stack(1024 * 1024, [] {
        for (auto const what : {action::drop, action::mask, action::hash}) {
            detail::redactor const redactor({{"r", "deep", what}}, length_of);
            event_draft draft = make_draft();
            draft.payload->after->emplace("deep", nested_arrays(100'000));
            error_code const ec = redactor.apply(draft);
            BOOST_TEST((what == action::hash ? ec == error::nested_too_deep : !ec));
            if (ec) format::dismantle(draft);
        }
    });
}

BOOST_AUTO_TEST_CASE(invalid_rules_are_refused_when_the_writer_opens) {
    auto const refused = [](redaction_rule rule, error expected) {
        temporary_root root;
        asio::io_context context;
        writer_options options;
        options.redaction_rules = {{"valid", "a.b"}, std::move(rule)};
        error_code ec;
        writer::open(context.get_executor(), root.path() / "new", options, ec);
        BOOST_TEST(ec == expected);
        BOOST_TEST((ec == boost::system::errc::invalid_argument));
        BOOST_TEST(!std::filesystem::exists(root.path() / "new"));
    };
    for (auto const* const member : {"", ".", "a.", ".a", "a..b", "[a", "a\\"}) {
        refused({"r", member}, error::invalid_redaction_rules);
    }
    refused({"", "a"}, error::invalid_redaction_rules);
    refused({"\xff", "a"}, error::invalid_redaction_rules);
    refused({"r", "a", action::hash}, error::invalid_redaction_hash);
}

}  // namespace audit_trail::test::redaction_test
