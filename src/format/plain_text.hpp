/// \file
/// Characters that stand for themselves between the quotes of a JSON string: U+0020 to U+007E but `"` and `\`. Nearly
/// all text is made of them, so they are looked at eight at a time.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace audit_trail::format {

inline bool is_plain(char c) noexcept {
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

// The first character of a word must be its lowest byte for what follows; elsewhere text is looked at byte by byte.
inline constexpr bool can_use_words = std::endian::native == std::endian::little;

/// How many of the eight characters in a word stand for themselves, from the first on.
///
/// Of the five terms below at least one sets the high bit of the lowest byte that is not plain, and none that of a byte
/// below it. Those above do not count: borrows and carries may have reached them.
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

/// Fewer than eight characters, filled up with zeros, which are not plain.
inline std::uint64_t load_few(char const* from, std::size_t count) noexcept {
    if (count >= 4) {
        std::uint64_t const last = load<std::uint32_t>(from + count - 4);
        return load<std::uint32_t>(from) | last << 8 * (count - 4);
    }
    std::uint64_t word = 0;
    while (count > 0) word = word << 8 | static_cast<unsigned char>(from[--count]);
    return word;
}

/// For so few bytes as a name has, a call of memcmp costs more than comparing them. The last word overlaps the one
/// before it.
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

/// The first character that is not plain, or `end`.
inline char const* skip_plain(char const* at, char const* end) noexcept {
    while (can_use_words && end - at >= 8) {
        std::size_t const plain = count_plain(load<std::uint64_t>(at));
        at += plain;
        if (plain < 8) return at;
    }
    return std::find_if_not(at, end, is_plain);
}

/// Copies characters up to the first that is not plain; returns how many. Up to eight bytes behind `to + count` may be
/// written over.
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

}  // namespace audit_trail::format
