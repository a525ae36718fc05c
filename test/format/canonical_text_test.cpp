#include <boost/test/unit_test.hpp>
#include <charconv>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include "format/canonical_text.hpp"

namespace audit_trail::test::canonical_text_test {
namespace {

constexpr int every_byte = 256;

BOOST_AUTO_TEST_CASE(skip_plain_stops_at_the_right_byte_for_every_byte_and_position) {
    for (int byte = 0; byte != every_byte; ++byte) {
        for (std::size_t at = 0; at != 24; ++at) {
            std::string text(24, 'a');
            text[at] = static_cast<char>(byte);
            char const* const end = text.data() + text.size();
            std::size_t const expected = format::is_plain(text[at]) ? text.size() : at;
            if (format::skip_plain(text.data(), end) != text.data() + expected) {
                BOOST_ERROR("byte " << byte << " at " << at);
            }
        }
    }
    if constexpr (!format::can_use_words) return;
    for (int first = 0; first != every_byte; ++first) {
        for (int second = 0; second != every_byte; ++second) {
            std::string const text{static_cast<char>(first), static_cast<char>(second), 'a', 'a', 'a', 'a', 'a', 'a'};
            std::size_t const expected = !format::is_plain(text[0]) ? 0 : !format::is_plain(text[1]) ? 1 : 8;
            if (format::count_plain(format::load<std::uint64_t>(text.data())) != expected) {
                BOOST_ERROR("bytes " << first << ' ' << second);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(texts_are_equal_when_all_their_bytes_are) {
    std::string const text = "0123456789abcdefghijklmnopqrstuvwxyz";
    for (std::size_t size = 0; size <= text.size(); ++size) {
        std::string const one = text.substr(0, size);
        BOOST_TEST(format::is_equal(one, std::string(one)));
        for (std::size_t at = 0; at != size; ++at) {
            std::string other = one;
            other[at] = static_cast<char>(other[at] ^ 0x80);
            if (format::is_equal(one, other)) BOOST_ERROR("size " << size << ", at " << at);
        }
    }
    BOOST_TEST(!format::is_equal("abc", "abcd"));
}

BOOST_AUTO_TEST_CASE(any_number_of_digits_is_read_before_any_other_byte) {
    std::string const digits = "987654321098765432";
    for (std::size_t count = 1; count <= digits.size(); ++count) {
        std::uint64_t expected = 0;
        std::from_chars(digits.data(), digits.data() + count, expected);
        for (int byte = 0; byte != every_byte; ++byte) {
            if (format::is_digit(static_cast<char>(byte))) continue;
            for (std::size_t behind : {0, 1, 9}) {
                std::string const text = digits.substr(0, count) + std::string(behind, static_cast<char>(byte));
                std::uint64_t value = 0;
                char const* const end = format::read_digits(text.data(), text.data() + text.size(), value);
                bool const is_right = value == expected && end == text.data() + count;
                if (!is_right) BOOST_ERROR(count << " digits, byte " << byte << ", " << behind << " times");
            }
        }
    }
}

template <typename Integer>
void check_integer(std::string const& text, std::optional<Integer> expected) {
    format::canonical_text reader(text);
    Integer value = 0;
    BOOST_TEST_CONTEXT(text) {
        BOOST_TEST(reader.take_integer(value) == expected.has_value());
        if (expected) BOOST_TEST(value == *expected);
    }
}

BOOST_AUTO_TEST_CASE(an_integer_is_taken_as_json_writes_it_and_in_range) {
    using u = std::optional<std::uint64_t>;
    using i = std::optional<std::int64_t>;
    for (std::string const behind : {"", ",", ",\"timestamp\":1"}) {
        check_integer(behind, u());
        check_integer("0" + behind, u(0));
        check_integer("00" + behind, u());
        check_integer("01" + behind, u());
        check_integer("0123456789" + behind, u());
        check_integer("+1" + behind, u());
        check_integer("-1" + behind, u());
        check_integer("18446744073709551615" + behind, u(18446744073709551615u));
        check_integer("18446744073709551616" + behind, u());
        check_integer("999999999999999999" + behind, u(999999999999999999));
        check_integer("9223372036854775807" + behind, i(9223372036854775807));
        check_integer("9223372036854775808" + behind, i());
        check_integer("-9223372036854775808" + behind, i(std::numeric_limits<std::int64_t>::min()));
        check_integer("-0" + behind, i(0));
        check_integer("-" + behind, i());
        check_integer("-01" + behind, i());
        check_integer("1700000000" + behind, i(1700000000));
    }
}

}  // namespace
}  // namespace audit_trail::test::canonical_text_test
