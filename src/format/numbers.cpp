#include "format/numbers.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <string_view>
#include <system_error>

namespace audit_trail::format {
namespace {

constexpr std::size_t longest_integer = 20;
constexpr std::size_t longest_double = 32;  // -1.7976931348623157e+308 has 24 characters, -0.00012345678901234567 too

template <typename Integer>
void append_integer(Integer value, detail::text_buffer& out) {
    char* const to = out.prepare(longest_integer);
    out.commit(static_cast<std::size_t>(std::to_chars(to, to + longest_integer, value).ptr - to));
}

/// The shortest digits d and an exponent: ±d.ddd × 10^exponent.
struct decimal {
    bool negative;
    int exponent;
    std::size_t count;
    char digits[longest_double];
};

decimal shortest_decimal(double value) noexcept {
    char text[longest_double];
    char const* const end = std::to_chars(text, text + sizeof text, value, std::chars_format::scientific).ptr;
    char const* const exponent = std::find(text, text + (end - text), 'e');
    decimal result{};
    result.negative = text[0] == '-';
    for (char const* at = text; at != exponent; ++at) {
        if (*at >= '0' && *at <= '9') result.digits[result.count++] = *at;
    }
    char const* const first = exponent + (exponent[1] == '+' ? 2 : 1);
    std::from_chars(first, end, result.exponent);
    return result;
}

char* put(std::string_view text, char* to) noexcept {
    std::memcpy(to, text.data(), text.size());
    return to + text.size();
}

char* put_zeros(std::size_t count, char* to) noexcept {
    std::memset(to, '0', count);
    return to + count;
}

/// 0.000ddd
char* put_below_one(std::string_view digits, int exponent, char* to) noexcept {
    to = put("0.", to);
    to = put_zeros(static_cast<std::size_t>(-exponent - 1), to);
    return put(digits, to);
}

/// ddd.ddd, ddd000.0
char* put_from_one(std::string_view digits, int exponent, char* to) noexcept {
    auto const whole = static_cast<std::size_t>(exponent) + 1;
    if (digits.size() <= whole) {
        to = put(digits, to);
        to = put_zeros(whole - digits.size(), to);
        return put(".0", to);
    }
    to = put(digits.substr(0, whole), to);
    *to++ = '.';
    return put(digits.substr(whole), to);
}

/// d.ddde+XX
char* put_with_exponent(std::string_view digits, int exponent, char* to) noexcept {
    *to++ = digits[0];
    if (digits.size() > 1) {
        *to++ = '.';
        to = put(digits.substr(1), to);
    }
    *to++ = 'e';
    *to++ = exponent < 0 ? '-' : '+';
    int const magnitude = std::abs(exponent);
    if (magnitude < 10) *to++ = '0';
    return std::to_chars(to, to + 3, magnitude).ptr;
}

char* put_decimal(decimal const& number, char* to) noexcept {
    std::string_view const digits(number.digits, number.count);
    if (number.negative) *to++ = '-';
    if (number.exponent < -4 || number.exponent >= 16) return put_with_exponent(digits, number.exponent, to);
    if (number.exponent < 0) return put_below_one(digits, number.exponent, to);
    return put_from_one(digits, number.exponent, to);
}

char const* skip_digits(char const* at, char const* end) noexcept {
    while (at != end && *at >= '0' && *at <= '9') ++at;
    return at;
}

/// Returns the end of the digits at `at`, or null if there are none.
char const* skip_some_digits(char const* at, char const* end) noexcept {
    char const* const after = skip_digits(at, end);
    return after == at ? nullptr : after;
}

bool is_integer(char const* begin, char const* end) noexcept {
    return skip_digits(begin + (*begin == '-'), end) == end;
}

error_code read_integer(char const* begin, char const* end, boost::json::value& out) noexcept {
    std::int64_t small = 0;
    if (std::from_chars(begin, end, small).ec == std::errc()) {
        out = small;
        return {};
    }
    std::uint64_t large = 0;
    if (*begin == '-' || std::from_chars(begin, end, large).ec != std::errc()) return error::integer_out_of_range;
    out = large;
    return {};
}

/// Returns the exponent after `e`, clamped to a range that is larger than the length of any text.
std::int64_t read_exponent(char const* at, char const* end) noexcept {
    constexpr std::int64_t limit = std::int64_t{1} << 60;
    if (at == end) return 0;
    bool const negative = at[1] == '-';
    char const* const digits = at + (negative || at[1] == '+' ? 2 : 1);
    std::int64_t value = limit;
    std::from_chars(digits, end, value);
    value = std::min(value, limit);
    return negative ? -value : value;
}

/// Distinguishes a number that is too large for a double from a number that is too close to zero.
bool is_above_one(char const* begin, char const* end) noexcept {
    auto const is_exponent_mark = [](char c) { return c == 'e' || c == 'E'; };
    char const* const mark = std::find_if(begin, end, is_exponent_mark);
    char const* const point = std::find(begin, mark, '.');
    char const* const leading = std::find_if(begin, mark, [](char c) { return c >= '1' && c <= '9'; });
    return point - leading + read_exponent(mark, end) > 0;
}

}  // namespace

void append_number(std::int64_t value, detail::text_buffer& out) {
    append_integer(value, out);
}
void append_number(std::uint64_t value, detail::text_buffer& out) {
    append_integer(value, out);
}

void append_number(double value, detail::text_buffer& out) {
    char* const to = out.prepare(longest_double);
    out.commit(static_cast<std::size_t>(put_decimal(shortest_decimal(value), to) - to));
}

char const* skip_number(char const* at, char const* end) noexcept {
    if (at != end && *at == '-') ++at;
    if (at == end) return nullptr;
    at = *at == '0' ? at + 1 : skip_some_digits(at, end);
    if (at && at != end && *at == '.') at = skip_some_digits(at + 1, end);
    if (at && at != end && (*at == 'e' || *at == 'E')) {
        ++at;
        if (at != end && (*at == '+' || *at == '-')) ++at;
        at = skip_some_digits(at, end);
    }
    return at;
}

error_code read_number(char const* begin, char const* end, boost::json::value& out) noexcept {
    if (is_integer(begin, end)) return read_integer(begin, end, out);
    double value = 0;
    if (std::from_chars(begin, end, value).ec != std::errc()) {
        if (is_above_one(begin, end)) return error::not_finite;
        value = *begin == '-' ? -0.0 : 0.0;
    }
    out = value;
    return {};
}

}  // namespace audit_trail::format
