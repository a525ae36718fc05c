#include "format/line_header.hpp"

#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>
#include <random>

#include "reader/trail_files.hpp"

namespace audit_trail::test::line_header_test {
namespace {

std::vector<std::string> vector_lines() {
    std::ifstream file(std::string(TEST_DATA_DIR) + "/encoding_vectors.jsonl");
    std::vector<std::string> lines;
    for (std::string text; std::getline(file, text);) {
        lines.emplace_back(boost::json::parse(text).at("line").as_string().c_str());
        if (lines.back().ends_with('\n')) lines.back().pop_back();
    }
    return lines;
}

std::optional<format::decode_failure> check(format::line_header& header, std::string_view line) {
    auto failure = header.scan(line);
    return failure ? failure : header.check_payload();
}

std::string text_of(std::optional<format::decode_failure> const& failure) {
    return failure ? failure->to_string() : "";
}

/// Valid JSON that a payload of this library cannot hold.
bool may_pass(error_code const& code) {
    return code == error::integer_out_of_range || code == error::not_finite || code == error::duplicate_member ||
           code == error::unknown_member || code == error::invalid_delta || code == error::not_an_object ||
           code == error::wrong_type;
}

void check_same(format::line_header const& header, event const& decoded) {
    BOOST_TEST(header.event_id == decoded.event_id);
    BOOST_TEST(header.timestamp == decoded.timestamp);
    BOOST_TEST(header.domain == decoded.domain);
    BOOST_TEST(header.category == decoded.category);
    BOOST_TEST(header.model_name == decoded.model_name);
    BOOST_TEST((header.operation == decoded.operation));
    BOOST_TEST(header.logical_user_id == decoded.logical_user_id);
    BOOST_TEST(header.request_id.has_value() == decoded.request_id.has_value());
    if (header.request_id && decoded.request_id) BOOST_TEST(*header.request_id == *decoded.request_id);
}

/// The header accepts every line that the decoder accepts; beyond that, only what decode_payload refuses.
void compare_with_decoder(format::line_header& header, std::string const& line) {
    event decoded;
    auto const refusal = format::decode_event(line, decoded);
    auto const failure = check(header, line);
    BOOST_TEST_CONTEXT(line) {
        if (!refusal) {
            BOOST_TEST(text_of(failure) == "");
            check_same(header, decoded);
        } else if (!failure) {
            BOOST_TEST(may_pass(refusal->code), refusal->to_string());
            BOOST_TEST(refusal->member.starts_with("payload"), refusal->to_string());
        }
    }
}

constexpr std::string_view sample =
    R"({"event_id":7,"timestamp":-5,"domain":"d","category":"c","model_name":"m","operation":"update",)"
    R"("logical_user_id":"u","request_id":"r","payload":{"after":{"a":[1,{"b":"x\n"},null,true,-0.5e3]}}})";

}  // namespace

BOOST_AUTO_TEST_CASE(agrees_with_the_decoder_on_all_vectors) {
    format::line_header header;
    auto const lines = vector_lines();
    BOOST_TEST_REQUIRE(lines.size() >= 1000u);
    for (auto const& line : lines) compare_with_decoder(header, line);
}

BOOST_AUTO_TEST_CASE(p15_no_proper_prefix_of_a_line_passes) {
    format::line_header header;
    BOOST_TEST(text_of(check(header, sample)) == "");
    for (std::size_t size = 0; size < sample.size(); ++size) {
        BOOST_TEST(check(header, sample.substr(0, size)).has_value(), sample.substr(0, size));
    }
    for (std::size_t begin = 1; begin < sample.size(); ++begin) {
        BOOST_TEST(check(header, sample.substr(begin)).has_value(), sample.substr(begin));
    }
}

BOOST_AUTO_TEST_CASE(agrees_with_the_decoder_on_mangled_lines) {
    format::line_header header;
    std::mt19937 random(7);
    std::string_view const alphabet = "\"\\{}[]:,0aue-.\n\x01\xff ";
    auto lines = vector_lines();
    lines.emplace_back(sample);
    for (int round = 0; round < 30000; ++round) {
        std::string line = lines[random() % lines.size()];
        std::size_t const place = random() % line.size();
        switch (random() % 3) {
            case 0:
                line[place] = alphabet[random() % alphabet.size()];
                break;
            case 1:
                line.erase(place, 1 + random() % 3);
                break;
            default:
                line.insert(place, 1, alphabet[random() % alphabet.size()]);
        }
        compare_with_decoder(header, line);
    }
}

BOOST_AUTO_TEST_CASE(reads_members_in_any_order_and_spelling) {
    format::line_header header;
    compare_with_decoder(
        header, R"( { "payload" : { "after" : { } } , "request_id":"r","logical_user_id":"ü","operation":"delete",)"
                R"("model_name":"\u006d","category":"\u0063","domain":"d","timestamp":1,"event_id":12}  )");
    BOOST_TEST(header.model_name == "m");
    BOOST_TEST(header.logical_user_id == "ü");
    BOOST_TEST(header.event_id == 12u);
}

std::string line_in(std::string const& timestamp, std::string const& domain, std::string const& category) {
    return R"({"event_id":7,"timestamp":)" + timestamp + R"(,"domain":")" + domain + R"(","category":")" + category +
           R"(","model_name":"m","operation":"update","logical_user_id":"u"})";
}

BOOST_AUTO_TEST_CASE(lines_that_differ_in_time_or_place_from_the_previous_line_are_read_correctly) {
    format::line_header header;
    std::vector<std::string> const times{"1", "12", "1700000000", "-3", "1.5", "x"};
    std::vector<std::string> const names{"a", "ab", "b", "\\u0061", "no name", ""};
    std::mt19937 random(11);
    auto const any = [&](auto const& of) { return of[random() % of.size()]; };
    for (int round = 0; round < 5000; ++round)
        compare_with_decoder(header, line_in(any(times), any(names), any(names)));
}

BOOST_AUTO_TEST_CASE(the_place_number_changes_with_either_name) {
    format::line_header header;
    auto const place_of = [&](std::string const& line) {
        BOOST_TEST(text_of(header.scan(line)) == "");
        return header.place_number();
    };
    auto const first = place_of(line_in("1", "a", "b"));
    BOOST_TEST(first != 0u);
    BOOST_TEST(place_of(line_in("1", "a", "b")) == first);
    BOOST_TEST(place_of(line_in("2", "a", "b")) == first);
    auto const others = {place_of(line_in("2", "a", "c")), place_of(line_in("2", "c", "b")),
                         place_of(line_in("2", "\\u0063", "b")), place_of(line_in("2", "\\u0061", "c"))};
    for (auto const other : others) BOOST_TEST(other != first);
}

BOOST_AUTO_TEST_CASE(passes_valid_json_that_only_the_payload_type_cannot_hold) {
    format::line_header header;
    for (std::string_view const payload :
         {R"({"after":{"n":123456789012345678901234567890}})", R"({"after":{"n":1e999}})", R"({"after":{"a":1,"a":2}})",
          R"({"other":{}})", R"({"after":[]})", R"({"delta":{"a":1}})"}) {
        std::string line(sample.substr(0, sample.find(R"({"after")")));
        line.append(payload).append("}");
        BOOST_TEST(text_of(check(header, line)) == "");
        event decoded;
        BOOST_TEST(format::decode_event(line, decoded).has_value(), line);
    }
}

BOOST_AUTO_TEST_CASE(refuses_values_that_are_not_a_payload) {
    format::line_header header;
    std::string const deep(200000, '[');
    std::string const before(sample.substr(0, sample.find(R"({"after")")));
    auto const reason_for = [&](std::string const& payload) {
        auto const failure = check(header, before + payload + "}");
        return failure ? failure->code : error_code();
    };
    BOOST_TEST(reason_for(R"({"after":{"s":"\ud800"}})") == make_error_code(error::invalid_payload_text));
    BOOST_TEST(reason_for("{\"after\":{\"s\":\"\xff\"}}") == make_error_code(error::invalid_payload_text));
    BOOST_TEST(reason_for("{\"after\":{\"s\":" + deep + "}}") == make_error_code(error::nested_too_deep));
    BOOST_TEST(reason_for(R"({"after":{"n":NaN}})") == make_error_code(error::malformed_json));
    BOOST_TEST(reason_for(R"({"after":{"n":01}})") == make_error_code(error::malformed_json));
    BOOST_TEST(reason_for(R"({"after":{"n":1,}})") == make_error_code(error::malformed_json));
    BOOST_TEST(reason_for(R"({"after":{,"n":1}})") == make_error_code(error::malformed_json));
    BOOST_TEST(reason_for(R"({"after":{"n":[1 2]}})") == make_error_code(error::malformed_json));
    BOOST_TEST(reason_for(R"({"after":{1:2}})") == make_error_code(error::malformed_json));
    BOOST_TEST(reason_for(R"({"after":{"n" 2}})") == make_error_code(error::malformed_json));
    BOOST_TEST(reason_for(R"({"after":{"n":[}]}})") == make_error_code(error::malformed_json));
    BOOST_TEST(reason_for(R"([{"after":{}}])") == make_error_code(error::not_an_object));
    BOOST_TEST(reason_for(R"({},"payload":{})") == make_error_code(error::duplicate_member));
    BOOST_TEST(reason_for(R"({},"other":{})") == make_error_code(error::unknown_member));
}

BOOST_AUTO_TEST_CASE(allows_the_depth_that_the_writer_allows) {
    format::line_header header;
    std::string const before(sample.substr(0, sample.find(R"({"after")")));
    auto const line = [&](std::size_t levels) {
        return before + R"({"after":{"a":)" + std::string(levels, '[') + std::string(levels, ']') + "}}}";
    };
    BOOST_TEST(text_of(check(header, line(125))) == "");
    compare_with_decoder(header, line(125));
    BOOST_TEST(check(header, line(126)).has_value());
    compare_with_decoder(header, line(126));
}

}  // namespace audit_trail::test::line_header_test
