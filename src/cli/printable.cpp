#include "cli/printable.hpp"

#include <algorithm>
#include <iterator>

#include "format/strings.hpp"

namespace audit_trail::cli {
namespace {

struct range {
    char32_t first;
    char32_t last;
};

/// Characters that a terminal shows as nothing or as a blank, that act on it or on the text around, or whose look no
/// standard defines. Ascending.
constexpr range hidden[] = {
    {0x00, 0x1f},         // C0 controls
    {0x7f, 0xa0},         // DEL, C1 controls, no-break space
    {0xad, 0xad},         // soft hyphen
    {0x34f, 0x34f},       // combining grapheme joiner
    {0x61c, 0x61c},       // Arabic letter mark
    {0x115f, 0x1160},     // Hangul fillers
    {0x1680, 0x1680},     // Ogham space
    {0x17b4, 0x17b5},     // Khmer inherent vowels
    {0x180b, 0x180f},     // Mongolian variation selectors and vowel separator
    {0x2000, 0x200f},     // spaces, zero-width characters, direction marks
    {0x2028, 0x202f},     // ends of lines and paragraphs, direction, narrow no-break space
    {0x205f, 0x206f},     // mathematical space, word joiner, invisible operators, direction
    {0x2800, 0x2800},     // blank Braille pattern
    {0x3000, 0x3000},     // ideographic space
    {0x3164, 0x3164},     // Hangul filler
    {0xe000, 0xf8ff},     // private use
    {0xfe00, 0xfe0f},     // variation selectors
    {0xfeff, 0xfeff},     // zero-width no-break space
    {0xffa0, 0xffa0},     // halfwidth Hangul filler
    {0xfff0, 0xfffb},     // annotation anchors
    {0xfffe, 0xffff},     // no characters
    {0x13430, 0x1345f},   // Egyptian format controls
    {0x1bca0, 0x1bca3},   // shorthand format controls
    {0x1d173, 0x1d17a},   // musical format controls
    {0xe0000, 0x10ffff},  // tags, variation selectors, private use
};

void append_escaped(unsigned char byte, std::string& out) {
    constexpr char digits[] = "0123456789abcdef";
    out += {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
}

/// Moves `at` past the character, or past one byte that begins none.
void append_character(char const*& at, char const* end, std::string& out) {
    char const* const begin = at;
    char32_t const character = format::take_utf8(at, end);
    if (at == begin) ++at;
    if (is_printable(character)) {
        out.append(begin, at);
    } else {
        for (char const* byte = begin; byte != at; ++byte) append_escaped(static_cast<unsigned char>(*byte), out);
    }
}

}  // namespace

bool is_printable(char32_t character) noexcept {
    if (is_plain(character)) return true;
    if (character == format::no_character) return false;
    auto const* const at = std::ranges::lower_bound(hidden, character, {}, &range::last);
    return at == std::end(hidden) || character < at->first;
}

std::string printable(std::string_view text) {
    std::string out;
    char const* at = text.data();
    char const* const end = at + text.size();
    while (at != end) {
        char const* const begin = at;
        while (at != end && is_plain(static_cast<unsigned char>(*at))) ++at;
        out.append(begin, at);
        if (at == end) break;
        append_character(at, end, out);
    }
    return out;
}
}  // namespace audit_trail::cli
