/// \file
/// Characters that stand for themselves between the quotes of a JSON string: U+0020 to U+007E but `"` and `\`. Nearly
/// all text is made of them, so they are looked at eight at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace audit_trail::format {

inline bool is_plain(char c) noexcept {
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

/// Eight characters in one word. Each line below sets the high bit of a byte that is not plain; it may also set that of
/// a byte above one, never that of a word of plain bytes.
inline bool are_plain(std::uint64_t word) noexcept {
    constexpr std::uint64_t ones = 0x0101010101010101;
    constexpr std::uint64_t high_bits = ones << 7;
    auto const zero_bytes = [](std::uint64_t x) { return (x - ones) & ~x; };
    std::uint64_t const control = (word - ones * 0x20) & ~word;
    std::uint64_t const quote = zero_bytes(word ^ ones * '"');
    std::uint64_t const backslash = zero_bytes(word ^ ones * '\\');
    std::uint64_t const del_or_not_ascii = (word + ones) | word;
    return ((control | quote | backslash | del_or_not_ascii) & high_bits) == 0;
}

inline std::uint64_t load_eight(char const* from) noexcept {
    std::uint64_t word;
    std::memcpy(&word, from, sizeof word);
    return word;
}

/// The first character that is not plain, or `end`.
inline char const* skip_plain(char const* at, char const* end) noexcept {
    while (end - at >= 8 && are_plain(load_eight(at))) at += 8;
    while (at != end && is_plain(*at)) ++at;
    return at;
}

/// Copies characters up to the first that is not plain; returns how many.
inline std::size_t copy_plain(char const* from, std::size_t count, char* to) noexcept {
    std::size_t done = 0;
    for (; count - done >= 8; done += 8) {
        std::uint64_t const word = load_eight(from + done);
        if (!are_plain(word)) break;
        std::memcpy(to + done, &word, sizeof word);
    }
    for (; done != count && is_plain(from[done]); ++done) to[done] = from[done];
    return done;
}

}  // namespace audit_trail::format
