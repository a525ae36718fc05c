/// \file
/// Characters that stand for themselves between the quotes of a JSON string: U+0020 to U+007E but `"` and `\`. Nearly
/// all text is made of them, so they are looked at eight at a time.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace audit_trail::format {

inline bool is_plain(char c) noexcept {
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

/// How many of the eight characters in a word stand for themselves, from the first on.
///
/// Each of the four lines below sets the high bit of a byte that is not plain. A borrow or carry may set that of a byte
/// above such a one as well, never that of a byte below the lowest.
inline std::size_t count_plain(std::uint64_t word) noexcept {
    constexpr std::uint64_t ones = 0x0101010101010101;
    constexpr std::uint64_t high_bits = ones << 7;
    auto const zero_bytes = [](std::uint64_t x) { return (x - ones) & ~x; };
    std::uint64_t const control = (word - ones * 0x20) & ~word;
    std::uint64_t const quote = zero_bytes(word ^ ones * '"');
    std::uint64_t const backslash = zero_bytes(word ^ ones * '\\');
    std::uint64_t const del_or_not_ascii = (word + ones) | word;
    std::uint64_t const marks = (control | quote | backslash | del_or_not_ascii) & high_bits;
    if (marks == 0) return sizeof word;
    if constexpr (std::endian::native == std::endian::little) {
        return static_cast<std::size_t>(std::countr_zero(marks)) / 8;
    }
    char characters[sizeof word];
    std::memcpy(characters, &word, sizeof word);
    return static_cast<std::size_t>(std::find_if_not(characters, characters + sizeof word, is_plain) - characters);
}

/// At most eight characters, filled up with zeros, which are not plain.
inline std::uint64_t load_word(char const* from, std::size_t count) noexcept {
    std::uint64_t word = 0;
    std::memcpy(&word, from, count);
    return word;
}

/// The first character that is not plain, or `end`.
inline char const* skip_plain(char const* at, char const* end) noexcept {
    while (end - at >= 8) {
        std::size_t const plain = count_plain(load_word(at, 8));
        at += plain;
        if (plain < 8) return at;
    }
    return at + count_plain(load_word(at, static_cast<std::size_t>(end - at)));
}

/// Copies characters up to the first that is not plain; returns how many. Up to seven bytes behind `to + count` may be
/// written over.
inline std::size_t copy_plain(char const* from, std::size_t count, char* to) noexcept {
    for (std::size_t done = 0;;) {
        std::uint64_t const word = load_word(from + done, std::min<std::size_t>(count - done, 8));
        std::memcpy(to + done, &word, sizeof word);
        std::size_t const plain = count_plain(word);
        done += plain;
        if (plain < 8) return done;
    }
}

}  // namespace audit_trail::format
