#include "format/strings.hpp"

#include <boost/locale/utf.hpp>
#include <cstddef>

#include "format/canonical_text.hpp"

namespace audit_trail::format {
namespace {

using utf8 = boost::locale::utf::utf_traits<char>;

constexpr std::size_t longest_escape = 12;  // a surrogate pair

char* put_unit(char32_t unit, char* to) noexcept {
    constexpr char digits[] = "0123456789abcdef";
    *to++ = '\\';
    *to++ = 'u';
    for (int shift = 12; shift >= 0; shift -= 4) *to++ = digits[unit >> shift & 0xf];
    return to;
}

char short_escape(char32_t character) noexcept {
    switch (character) {
        case '"':
            return '"';
        case '\\':
            return '\\';
        case '\b':
            return 'b';
        case '\f':
            return 'f';
        case '\n':
            return 'n';
        case '\r':
            return 'r';
        case '\t':
            return 't';
        default:
            return 0;
    }
}

char* put_escape(char32_t character, char* to) noexcept {
    if (char const letter = short_escape(character)) {
        *to++ = '\\';
        *to++ = letter;
        return to;
    }
    if (character < 0x10000) return put_unit(character, to);
    char32_t const offset = character - 0x10000;
    to = put_unit(0xd800 + (offset >> 10), to);
    return put_unit(0xdc00 + (offset & 0x3ff), to);
}

}  // namespace

char32_t take_utf8(char const*& at, char const* end) noexcept {
    char const* after = at;
    auto const character = utf8::decode(after, end);
    if (character == boost::locale::utf::illegal || character == boost::locale::utf::incomplete) return no_character;
    at = after;
    return character;
}

char* put_utf8(char32_t character, char* to) noexcept {
    return utf8::encode(character, to);
}

bool append_quoted(std::string_view text, detail::text_buffer& out) {
    char const* at = text.data();
    char const* const end = at + text.size();
    out.push_back('"');
    for (;;) {
        auto const left = static_cast<std::size_t>(end - at);
        char* to = out.prepare(left + longest_escape);
        std::size_t const plain = copy_plain(at, left, to);
        at += plain;
        to += plain;
        if (at == end) {
            *to = '"';
            out.commit(plain + 1);
            return true;
        }
        char32_t const character = take_utf8(at, end);
        if (character == no_character) return false;
        char* const after = put_escape(character, to);
        out.commit(plain + static_cast<std::size_t>(after - to));
    }
}

}  // namespace audit_trail::format
