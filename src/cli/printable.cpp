#include "cli/printable.hpp"

#include "format/utf8.hpp"

namespace audit_trail::cli {
namespace {

bool is_within(char32_t character, char32_t first, char32_t last) noexcept {
    return first <= character && character <= last;
}

void append_escaped(unsigned char byte, std::string& out) {
    constexpr char digits[] = "0123456789abcdef";
    out += {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
}

}  // namespace

bool is_printable(char32_t character) noexcept {
    if (character == format::no_character || character < 0x20 || is_within(character, 0x7f, 0x9f)) return false;
    bool const ends_line = is_within(character, 0x2028, 0x2029);
    bool const turns_direction = is_within(character, 0x202a, 0x202e) || is_within(character, 0x2066, 0x2069);
    return !ends_line && !turns_direction;
}

std::string printable(std::string_view text) {
    std::string out;
    char const* at = text.data();
    char const* const end = at + text.size();
    while (at != end) {
        char const* const begin = at;
        char32_t const character = format::take_utf8(at, end);
        if (at == begin) ++at;
        if (is_printable(character)) {
            out.append(begin, at);
        } else {
            for (char const* byte = begin; byte != at; ++byte) append_escaped(static_cast<unsigned char>(*byte), out);
        }
    }
    return out;
}

}  // namespace audit_trail::cli
