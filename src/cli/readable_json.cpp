#include "cli/readable_json.hpp"

#include <algorithm>
#include <audit_trail/detail/text_buffer.hpp>
#include <charconv>

#include "cli/printable.hpp"
#include "format/strings.hpp"

namespace audit_trail::cli {
namespace {

constexpr std::size_t unit_size = 6;  // \uXXXX

/// The UTF-16 unit that an escape at the beginning of the text gives.
char32_t unit_of(std::string_view text) noexcept {
    if (text.size() < unit_size || !text.starts_with("\\u")) return format::no_character;
    unsigned unit = 0;
    char const* const end = text.data() + unit_size;
    bool const is_hex = std::from_chars(text.data() + 2, end, unit, 16).ptr == end;
    return is_hex ? unit : format::no_character;
}

bool is_high_surrogate(char32_t unit) noexcept {
    return unit >= 0xd800 && unit < 0xdc00;
}

bool is_low_surrogate(char32_t unit) noexcept {
    return unit >= 0xdc00 && unit < 0xe000;
}

struct escaped_character {
    char32_t value;
    std::size_t size;  // of its escapes
};

/// A backslash begins the text.
escaped_character escaped_at(std::string_view text) noexcept {
    char32_t const first = unit_of(text);
    if (first == format::no_character) return {first, 2};
    if (is_high_surrogate(first)) {
        char32_t const second = unit_of(text.substr(unit_size));
        if (!is_low_surrogate(second)) return {format::no_character, unit_size};
        return {0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00), 2 * unit_size};
    }
    return {is_low_surrogate(first) ? format::no_character : first, unit_size};
}

void append_character(char32_t character, std::string& out) {
    char bytes[4];
    out.append(bytes, format::put_utf8(character, bytes));
}

bool stands_for_itself(char32_t character) noexcept {
    return character != '"' && character != '\\' && is_printable(character);
}

void append_unit(char32_t unit, std::string& out) {
    constexpr char digits[] = "0123456789abcdef";
    out += "\\u";
    for (int shift = 12; shift >= 0; shift -= 4) out += digits[unit >> shift & 0xf];
}

void append_escapes(char32_t character, std::string& out) {
    if (character < 0x10000) return append_unit(character, out);
    append_unit(0xd800 + ((character - 0x10000) >> 10), out);
    append_unit(0xdc00 + ((character - 0x10000) & 0x3ff), out);
}

/// Moves the escape that begins the text to `out`, as the character itself where that is harmless.
void take_escape(std::string_view& text, std::string& out) {
    auto const [character, size] = escaped_at(text);
    if (stands_for_itself(character)) {
        append_character(character, out);
    } else {
        out += text.substr(0, size);
    }
    text.remove_prefix(std::min(size, text.size()));
}

void take_character(std::string_view& text, std::string& out) {
    char const* at = text.data();
    char32_t const character = format::take_utf8(at, at + text.size());
    bool const is_character = character != format::no_character;
    std::size_t const size = is_character ? static_cast<std::size_t>(at - text.data()) : 1;
    if (is_character && !is_printable(character)) {
        append_escapes(character, out);
    } else {
        out += printable(text.substr(0, size));
    }
    text.remove_prefix(size);
}

bool needs_a_look(char c) noexcept {
    return c == '\\' || !is_plain(static_cast<unsigned char>(c));
}

bool is_unmistakable(std::string_view name) {
    return !name.empty() && name.find_first_of(" \"\\") == name.npos && printable(name) == name;
}

}  // namespace

std::string readable_json(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        auto const* const end = std::ranges::find_if(text, needs_a_look);
        out.append(text.begin(), end);
        text.remove_prefix(static_cast<std::size_t>(end - text.begin()));
        if (text.empty()) break;
        if (text.front() == '\\') {
            take_escape(text, out);
        } else {
            take_character(text, out);
        }
    }
    return out;
}

std::string readable_name(std::string_view name) {
    if (is_unmistakable(name)) return std::string(name);
    detail::text_buffer quoted;
    format::append_quoted(name, quoted);
    return readable_json(quoted.view());
}

}  // namespace audit_trail::cli
