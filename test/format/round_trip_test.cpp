#include <bit>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>
#include <random>

#include "format/samples.hpp"

namespace test::round_trip_test {

using namespace audit_trail;
using namespace audit_trail::test;

namespace {

struct vector_case {
    std::uint64_t event_id;
    event_draft draft;
    std::string line;  // with its newline
};

std::vector<vector_case> read_vectors() {
    std::vector<vector_case> cases;
    for (auto const& text : read_lines("encoding_vectors.jsonl")) {
        json::value const record = parse(text);
        vector_case next;
        next.event_id = record.at("event_id").to_number<std::uint64_t>();
        next.line = std::string(record.at("line").as_string());
        if (next.line.back() != '\n') next.line += '\n';
        auto const failure = format::decode_draft(text_of(record.at("draft")), next.draft);
        if (failure) throw std::runtime_error(failure->to_string());
        cases.push_back(std::move(next));
    }
    return cases;
}

double random_double(std::mt19937_64& random) {
    for (;;) {
        double const value = std::bit_cast<double>(random());
        if (std::isfinite(value)) return value;
    }
}

std::string random_text(std::mt19937_64& random) {
    static constexpr char const* pieces[] = {"a",          "plain text of some length",
                                             "\"",         "\\",
                                             "/",          "\n",
                                             "\x01",       "\x7f",
                                             "\u00e9",     "\u20ac",
                                             "\u2028",     "\U0001f5fa",
                                             "\U0010ffff", "\uffff",
                                             "\t",         " "};
    std::string text;
    for (auto count = random() % 12; count > 0; --count) text += pieces[random() % std::size(pieces)];
    return text;
}

json::value random_value(std::mt19937_64& random, std::size_t levels) {
    switch (random() % (levels > 0 ? 9 : 7)) {
        case 0:
            return nullptr;
        case 1:
            return random() % 2 == 0;
        case 2:
            return static_cast<std::int64_t>(random());
        case 3:
            return random() | std::uint64_t{1} << 63;
        case 4:
            return random_double(random);
        case 5:
            return static_cast<double>(static_cast<std::int64_t>(random() % 2'000'000) - 1'000'000) / 64;
        case 6:
            return json::string(random_text(random));
        case 7: {
            json::array array;
            for (auto count = random() % 5; count > 0; --count) array.push_back(random_value(random, levels - 1));
            return array;
        }
        default: {
            json::object object;
            for (auto count = random() % 12; count > 0; --count) {
                object[random_text(random)] = random_value(random, levels - 1);
            }
            return object;
        }
    }
}

bool same_bits(double a, double b) {
    return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

/// Equal, doubles bit for bit, members in the same order. An uint64 that an int64 can hold comes back as one.
bool identical(json::value const& a, json::value const& b) {
    if (a.kind() != b.kind()) return false;
    if (a.is_double()) return same_bits(a.get_double(), b.get_double());
    if (a.is_array()) {
        return std::equal(a.get_array().begin(), a.get_array().end(), b.get_array().begin(), b.get_array().end(),
                          identical);
    }
    if (!a.is_object()) return a == b;
    auto const same_member = [](auto const& x, auto const& y) {
        return x.key() == y.key() && identical(x.value(), y.value());
    };
    return std::equal(a.get_object().begin(), a.get_object().end(), b.get_object().begin(), b.get_object().end(),
                      same_member);
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_vector_is_encoded_to_the_bytes_that_python_writes) {
    auto const cases = read_vectors();
    BOOST_TEST(cases.size() == 1500u);
    for (auto const& next : cases) {
        std::string const line = std::string(format::id_prefix) + std::to_string(next.event_id) + tail_of(next.draft);
        BOOST_TEST(line == next.line);
    }
}

BOOST_AUTO_TEST_CASE(every_vector_line_is_decoded_and_encoded_to_the_same_bytes) {
    for (auto const& next : read_vectors()) {
        event decoded;
        BOOST_REQUIRE_EQUAL(explain(format::decode_event(next.line, decoded)), "");
        BOOST_TEST(decoded.event_id == next.event_id);
        BOOST_TEST(line_of(decoded) == next.line);
        BOOST_TEST(format::read_event_id(next.line).value() == next.event_id);
    }
}

BOOST_AUTO_TEST_CASE(every_vector_line_holds_the_values_of_its_draft) {
    for (auto const& next : read_vectors()) {
        event decoded;
        BOOST_REQUIRE_EQUAL(explain(format::decode_event(next.line, decoded)), "");
        BOOST_TEST(decoded.timestamp == next.draft.timestamp.value());
        BOOST_TEST(decoded.model_name == next.draft.model_name);
        BOOST_TEST(decoded.logical_user_id == next.draft.logical_user_id);
        BOOST_TEST((decoded.request_id == next.draft.request_id));
        BOOST_REQUIRE(decoded.payload.has_value() == next.draft.payload.has_value());
        if (!decoded.payload) continue;
        auto const same = [](auto const& a, auto const& b) {
            return a.has_value() == b.has_value() && (!a || identical(*a, *b));
        };
        BOOST_TEST(same(decoded.payload->before, next.draft.payload->before));
        BOOST_TEST(same(decoded.payload->after, next.draft.payload->after));
        BOOST_TEST(same(decoded.payload->delta, next.draft.payload->delta));
    }
}

BOOST_AUTO_TEST_CASE(every_catalog_draft_survives_draft_tail_event_and_line) {
    auto const texts = read_lines("catalog_drafts.jsonl");
    BOOST_TEST(texts.size() == 6000u);
    std::uint64_t id = 0;
    for (auto const& text : texts) {
        event_draft draft;
        BOOST_REQUIRE_EQUAL(explain(format::decode_draft(text, draft)), "");
        std::string const tail = tail_of(draft);
        event decoded;
        BOOST_REQUIRE_EQUAL(explain(format::decode_tail(++id, tail, decoded)), "");
        BOOST_TEST(line_of(decoded) == std::string(format::id_prefix) + std::to_string(id) + tail);
    }
}

BOOST_AUTO_TEST_CASE(doubles_of_random_bits_come_back_bit_for_bit) {
    std::mt19937_64 random(1);
    for (int i = 0; i < 300'000; ++i) {
        double const value = random_double(random);
        json::value const back = parse(text_of(value));
        BOOST_REQUIRE_MESSAGE(back.is_double() && same_bits(back.get_double(), value), text_of(value));
    }
}

BOOST_AUTO_TEST_CASE(doubles_of_common_sizes_come_back_bit_for_bit) {
    std::mt19937_64 random(2);
    for (int i = 0; i < 100'000; ++i) {
        double const value = std::ldexp(static_cast<double>(random() >> 11), static_cast<int>(random() % 160) - 110);
        json::value const back = parse(text_of(value));
        BOOST_REQUIRE_MESSAGE(back.is_double() && same_bits(back.get_double(), value), text_of(value));
    }
}

BOOST_AUTO_TEST_CASE(doubles_are_written_as_python_writes_them) {
    auto const lines = read_lines("../format/python_doubles.txt");
    BOOST_TEST(lines.size() > 1000u);
    for (auto const& line : lines) {
        auto const space = line.find(' ');
        auto const bits = std::stoull(line.substr(0, space), nullptr, 16);
        BOOST_TEST(text_of(std::bit_cast<double>(static_cast<std::uint64_t>(bits))) == line.substr(space + 1));
    }
}

BOOST_AUTO_TEST_CASE(integers_come_back_whole_at_both_ends_of_both_types) {
    for (std::int64_t const value : {std::numeric_limits<std::int64_t>::min(), std::int64_t{-1}, std::int64_t{0},
                                     std::numeric_limits<std::int64_t>::max()}) {
        json::value const back = parse(text_of(value));
        BOOST_REQUIRE(back.is_int64());
        BOOST_TEST(back.get_int64() == value);
        BOOST_TEST(text_of(value) == std::to_string(value));
    }
    for (std::uint64_t const value : {std::uint64_t{1} << 63, std::numeric_limits<std::uint64_t>::max()}) {
        json::value const back = parse(text_of(value));
        BOOST_REQUIRE(back.is_uint64());
        BOOST_TEST(back.get_uint64() == value);
        BOOST_TEST(text_of(value) == std::to_string(value));
    }
}

BOOST_AUTO_TEST_CASE(random_trees_come_back_identical) {
    std::mt19937_64 random(3);
    for (int i = 0; i < 20'000; ++i) {
        json::value const value = random_value(random, 6);
        std::string const text = text_of(value);
        BOOST_REQUIRE_MESSAGE(identical(parse(text), value), text);
    }
}

BOOST_AUTO_TEST_CASE(random_trees_of_every_depth_up_to_the_limit_come_back_identical) {
    std::mt19937_64 random(4);
    for (std::size_t levels = 1; levels <= format::max_depth; ++levels) {
        json::value tree(json::array_kind);
        for (std::size_t level = 1; level < levels; ++level) {
            if (random() % 2 == 0) {
                tree = json::array{random_value(random, 0), std::move(tree)};
            } else {
                json::object outer;
                outer.emplace(random_text(random), std::move(tree));
                outer.emplace("beside", random_value(random, 0));
                tree = std::move(outer);
            }
        }
        BOOST_TEST(identical(parse(text_of(tree)), tree));
    }
}

BOOST_AUTO_TEST_CASE(members_in_any_order_with_white_space_give_the_same_event) {
    std::string const line =
        R"({"event_id":7,"timestamp":-5,"domain":"d","category":"c","model_name":"m","operation":"delete",)"
        R"("logical_user_id":"u","request_id":"r","payload":{"before":{"a":1},"after":{"b":2.5},)"
        R"("delta":{"f":{"old":null,"new":[1]}}}})"
        "\n";
    std::string const shuffled =
        " {\t\"payload\" : { \"delta\":{\"f\":{\"new\": [ 1 ] , \"old\":null}},\r\n "
        "\"after\":{\"b\":2.5},\"before\":{\"a\":1}}, "
        "\"request_id\":\"r\",\"operation\":\"delete\",\"logical_user_id\":\"u\",\"model_name\":\"\\u006d\","
        "\"category\":\"c\","
        "\"domain\":\"d\",\"timestamp\":-5 , \"event_id\" : 7 } \n";
    event decoded;
    BOOST_REQUIRE_EQUAL(explain(format::decode_event(shuffled, decoded)), "");
    BOOST_TEST(line_of(decoded) == line);
    BOOST_TEST(format::read_event_id(shuffled).value() == 7u);
}

BOOST_AUTO_TEST_CASE(decoding_into_a_used_event_leaves_nothing_of_the_old_event) {
    event decoded;
    BOOST_REQUIRE_EQUAL(explain(format::decode_tail(1, tail_of(draft_with({{"a", 1}}).with_request_id("r")), decoded)),
                        "");
    BOOST_REQUIRE_EQUAL(explain(format::decode_tail(2, tail_of(small_draft()), decoded)), "");
    BOOST_TEST(!decoded.payload);
    BOOST_TEST(!decoded.request_id);
    BOOST_TEST(decoded.event_id == 2u);
}

}  // namespace test::round_trip_test
