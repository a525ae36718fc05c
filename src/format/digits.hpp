/// \file
/// Decimal digits, eight at a time.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "format/plain_text.hpp"

namespace audit_trail::format {

/// As many digits, whatever they are, make a number below 2^63.
inline constexpr std::ptrdiff_t safe_digits = 18;

inline bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

/// How many of the eight characters in a word are digits, from the first on.
inline int count_digits(std::uint64_t word) noexcept {
    constexpr std::uint64_t ones = 0x0101010101010101;
    constexpr std::uint64_t high_bits = ones << 7;
    std::uint64_t const values = word ^ ones * '0';
    // Of what is not above 0x7f, more than 9 reaches the high bit.
    std::uint64_t const others = (((values & ~high_bits) + ones * (0x7f - 9)) | values) & high_bits;
    return std::countr_zero(others) / 8;
}

/// The number that eight digits make, the first of them in the lowest byte: neighbours are joined to pairs, pairs to
/// fours, and those to the whole. A byte of zero counts as the digit zero.
inline std::uint64_t join_digits(std::uint64_t word) noexcept {
    word = (word & 0x0f0f0f0f0f0f0f0f) * (10 * 0x100 + 1) >> 8;
    word = (word & 0x00ff00ff00ff00ff) * (100 * 0x10000 + 1) >> 16;
    return (word & 0x0000ffff0000ffff) * (10'000 * 0x100000000 + 1) >> 32;
}

/// Goes on to the first character that is no digit, or to `end`. The value is right for up to `safe_digits`.
inline char const* read_digits(char const* at, char const* end, std::uint64_t& value) noexcept {
    constexpr std::array<std::uint64_t, 9> powers{1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000};
    value = 0;
    while (can_use_words && end - at >= 8) {
        auto const word = load<std::uint64_t>(at);
        int const count = count_digits(word);
        if (count == 0) return at;
        // Zeros come before the digits, where they count for nothing.
        value = value * powers[static_cast<std::size_t>(count)] + join_digits(word << 8 * (8 - count));
        at += count;
        if (count < 8) return at;
    }
    for (; at != end && is_digit(*at); ++at) value = value * 10 + static_cast<std::uint64_t>(*at - '0');
    return at;
}

}  // namespace audit_trail::format
