#include "format/utf8.hpp"

#include <cstddef>

namespace audit_trail::format {
namespace {

struct lead_byte {
    std::ptrdiff_t length;  // of the whole character
    char32_t bits;          // that the lead byte brings
    char32_t smallest;      // character that needs this length
};

lead_byte read_lead(unsigned char byte) noexcept {
    if (byte < 0x80) return {1, byte, 0};
    if (byte < 0xc0) return {0, 0, 0};
    if (byte < 0xe0) return {2, byte & 0x1fu, 0x80};
    if (byte < 0xf0) return {3, byte & 0x0fu, 0x800};
    if (byte < 0xf8) return {4, byte & 0x07u, 0x10000};
    return {0, 0, 0};
}

bool is_scalar(char32_t character) noexcept {
    return character < 0xd800 || (character > 0xdfff && character <= 0x10ffff);
}

}  // namespace

char32_t take_utf8(char const*& at, char const* end) noexcept {
    lead_byte const lead = read_lead(static_cast<unsigned char>(*at));
    if (lead.length == 0 || end - at < lead.length) return no_character;
    char32_t character = lead.bits;
    for (std::ptrdiff_t i = 1; i < lead.length; ++i) {
        auto const byte = static_cast<unsigned char>(at[i]);
        if ((byte & 0xc0) != 0x80) return no_character;
        character = character << 6 | (byte & 0x3fu);
    }
    if (character < lead.smallest || !is_scalar(character)) return no_character;
    at += lead.length;
    return character;
}

char* put_utf8(char32_t character, char* to) noexcept {
    auto const continuation = [](char32_t bits) { return static_cast<char>(0x80 | (bits & 0x3f)); };
    if (character < 0x80) {
        *to++ = static_cast<char>(character);
        return to;
    }
    if (character < 0x800) {
        *to++ = static_cast<char>(0xc0 | character >> 6);
    } else if (character < 0x10000) {
        *to++ = static_cast<char>(0xe0 | character >> 12);
        *to++ = continuation(character >> 6);
    } else {
        *to++ = static_cast<char>(0xf0 | character >> 18);
        *to++ = continuation(character >> 12);
        *to++ = continuation(character >> 6);
    }
    *to++ = continuation(character);
    return to;
}

}  // namespace audit_trail::format
