/// \file
/// Reads text in the canonical form, which is the form that the writer produces: no white space, members in one order,
/// no escapes in most strings. Nearly all lines have it, so it is read eight bytes at a time.
#pragma once

#include <algorithm>
#include <array>
#include <audit_trail/event.hpp>
#include <bit>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace audit_trail::format {

/// Returns true if the character needs no escape in a JSON string of ASCII text: U+0020 to U+007E except `"` and `\`.
inline bool is_plain(char c) noexcept {
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

// The functions on words need the first character in the lowest byte. On other machines text is read byte by byte.
inline constexpr bool can_use_words = std::endian::native == std::endian::little;

/// Returns the number of plain characters at the beginning of a word of eight characters.
///
/// At least one of the five terms sets the high bit of the lowest byte that is not plain, and none sets the high bit of
/// a byte below it. Bytes above it are ignored: borrows and carries may have changed them.
inline std::size_t count_plain(std::uint64_t word) noexcept {
    constexpr std::uint64_t ones = 0x0101010101010101;
    constexpr std::uint64_t high_bits = ones << 7;
    std::uint64_t const control = word - ones * 0x20;
    std::uint64_t const quote = (word ^ ones * '"') - ones;
    std::uint64_t const backslash = (word ^ ones * '\\') - ones;
    std::uint64_t const del = word + ones;
    std::uint64_t const marks = (control | quote | backslash | del | word) & high_bits;
    return static_cast<std::size_t>(std::countr_zero(marks)) / 8;
}

template <typename Word>
Word load(char const* from) noexcept {
    Word word;
    std::memcpy(&word, from, sizeof word);
    return word;
}

/// Loads fewer than eight characters, padded with zeros, which are not plain.
inline std::uint64_t load_few(char const* from, std::size_t count) noexcept {
    if (count >= 4) {
        std::uint64_t const last = load<std::uint32_t>(from + count - 4);
        return load<std::uint32_t>(from) | last << 8 * (count - 4);
    }
    std::uint64_t word = 0;
    while (count > 0) word = word << 8 | static_cast<unsigned char>(from[--count]);
    return word;
}

/// Faster than memcmp for texts as short as names. The last word may overlap the previous word.
inline bool is_equal(char const* text, char const* other, std::size_t count) noexcept {
    if (!can_use_words) return count == 0 || std::memcmp(text, other, count) == 0;
    if (count < sizeof(std::uint64_t)) return load_few(text, count) == load_few(other, count);
    std::size_t const last = count - sizeof(std::uint64_t);
    std::uint64_t differences = load<std::uint64_t>(text + last) ^ load<std::uint64_t>(other + last);
    for (std::size_t i = 0; i < last; i += sizeof(std::uint64_t)) {
        differences |= load<std::uint64_t>(text + i) ^ load<std::uint64_t>(other + i);
    }
    return differences == 0;
}

inline bool is_equal(std::string_view text, std::string_view other) noexcept {
    return text.size() == other.size() && is_equal(text.data(), other.data(), text.size());
}

/// Returns the first character that is not plain, or `end`.
inline char const* skip_plain(char const* at, char const* end) noexcept {
    while (can_use_words && end - at >= 8) {
        std::size_t const plain = count_plain(load<std::uint64_t>(at));
        at += plain;
        if (plain < 8) return at;
    }
    return std::find_if_not(at, end, is_plain);
}

/// Copies characters up to the first that is not plain, and returns their number. May overwrite up to eight bytes after
/// `to + count`.
inline std::size_t copy_plain(char const* from, std::size_t count, char* to) noexcept {
    std::size_t done = 0;
    if constexpr (can_use_words) {
        for (;;) {
            std::size_t const left = count - done;
            std::uint64_t const word = left < 8 ? load_few(from + done, left) : load<std::uint64_t>(from + done);
            std::memcpy(to + done, &word, sizeof word);
            std::size_t const plain = count_plain(word);
            done += plain;
            if (plain < 8) return done;
        }
    }
    for (; done != count && is_plain(from[done]); ++done) to[done] = from[done];
    return done;
}

/// A number of this many digits is always below 2^63.
inline constexpr std::ptrdiff_t safe_digits = 18;

inline bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

/// Returns the number of digits at the beginning of a word of eight characters.
inline int count_digits(std::uint64_t word) noexcept {
    constexpr std::uint64_t ones = 0x0101010101010101;
    constexpr std::uint64_t high_bits = ones << 7;
    std::uint64_t const values = word ^ ones * '0';
    // Values above 9 carry into the high bit; bytes above 0x7f have it set already.
    std::uint64_t const others = (((values & ~high_bits) + ones * (0x7f - 9)) | values) & high_bits;
    return std::countr_zero(others) / 8;
}

/// Returns the value of eight digits; the first digit is in the lowest byte. Combines digits to pairs, pairs to groups
/// of four, and these to the result. A zero byte counts as the digit 0.
inline std::uint64_t join_digits(std::uint64_t word) noexcept {
    word = (word & 0x0f0f0f0f0f0f0f0f) * (10 * 0x100 + 1) >> 8;
    word = (word & 0x00ff00ff00ff00ff) * (100 * 0x10000 + 1) >> 16;
    return (word & 0x0000ffff0000ffff) * (10'000 * 0x100000000 + 1) >> 32;
}

/// Reads digits. Returns the first character that is not a digit, or `end`. The value is correct for up to
/// `safe_digits` digits.
inline char const* read_digits(char const* at, char const* end, std::uint64_t& value) noexcept {
    constexpr std::array<std::uint64_t, 9> powers{1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000};
    value = 0;
    while (can_use_words && end - at >= 8) {
        auto const word = load<std::uint64_t>(at);
        int const count = count_digits(word);
        if (count == 0) return at;
        // The shift puts zero bytes before the digits.
        value = value * powers[static_cast<std::size_t>(count)] + join_digits(word << 8 * (8 - count));
        at += count;
        if (count < 8) return at;
    }
    for (; at != end && is_digit(*at); ++at) value = value * 10 + static_cast<std::uint64_t>(*at - '0');
    return at;
}

/// A position in a text. Each function reads the element in its name and moves past it. It returns false if the text
/// has another form there; the caller then reads the text as general JSON.
class canonical_text {
 public:
    explicit canonical_text(std::string_view text) noexcept : at_(text.data()), end_(at_ + text.size()) {}

    std::string_view rest() const noexcept { return {at_, static_cast<std::size_t>(end_ - at_)}; }

    bool take(std::string_view expected) noexcept {
        bool const is_there = rest().size() >= expected.size() && is_equal(at_, expected.data(), expected.size());
        if (is_there) at_ += expected.size();
        return is_there;
    }

    /// Faster for a literal, because its size is a constant.
    template <std::size_t Size>
    bool take(char const (&literal)[Size]) noexcept {
        constexpr std::size_t length = Size - 1;
        bool const is_there = rest().size() >= length && is_equal(at_, literal, length);
        if (is_there) at_ += length;
        return is_there;
    }

    template <typename Integer>
    bool take_integer(Integer& out) noexcept {
        std::uint64_t value = 0;
        char const* const after = read_digits(at_, end_, value);
        std::ptrdiff_t const digits = after - at_;
        bool const is_short = digits != 0 && digits <= safe_digits && (digits == 1 || *at_ != '0');
        if (!is_short) return take_other_integer(out);
        out = static_cast<Integer>(value);
        at_ = after;
        return true;
    }

    /// Reads text without escapes, up to and including its closing quote.
    bool take_text(std::string_view& out) noexcept {
        char const* const after = skip_plain(at_, end_);
        if (after == end_ || *after != '"') return false;
        out = {at_, static_cast<std::size_t>(after - at_)};
        at_ = after + 1;
        return true;
    }

    bool take_operation(audit_trail::operation& out) noexcept {
        if (take(R"(create")")) return out = audit_trail::operation::create, true;
        if (take(R"(update")")) return out = audit_trail::operation::update, true;
        if (take(R"(delete")")) return out = audit_trail::operation::remove, true;
        return false;
    }

 private:
    /// Reads an integer with a sign, or an integer so long that it may be out of range.
    template <typename Integer>
    bool take_other_integer(Integer& out) noexcept {
        char const* const digits = at_ + (at_ != end_ && *at_ == '-');
        bool const padded = end_ - digits > 1 && digits[0] == '0' && is_digit(digits[1]);
        auto const [after, failure] = std::from_chars(at_, end_, out);
        at_ = after;
        return failure == std::errc() && !padded;
    }

    char const* at_;
    char const* end_;
};

}  // namespace audit_trail::format
