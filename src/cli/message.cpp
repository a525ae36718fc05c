#include "cli/message.hpp"

#include <cstdio>

#include "format/utf8.hpp"

namespace audit_trail::cli {
namespace {

bool is_printable(char32_t character) noexcept {
    if (character == format::no_character || character < 0x20) return false;
    return character < 0x7f || character > 0x9f;
}

void append_escaped(unsigned char byte, std::string& out) {
    constexpr char digits[] = "0123456789abcdef";
    out += {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
}

}  // namespace

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

void report(std::string_view message) {
    std::string const line = printable(message) + '\n';
    std::fwrite(line.data(), 1, line.size(), stderr);
    std::fflush(stderr);
}

}  // namespace audit_trail::cli
