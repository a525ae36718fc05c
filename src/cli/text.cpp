#include "text.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <audit_trail/json.hpp>
#include <charconv>
#include <cstdio>
#include <functional>
#include <numeric>
#include <utility>

namespace audit_trail::cli {
namespace {

constexpr char32_t no_character = 0xffffffff;

struct decoded_character {
    char32_t value;
    std::size_t size;  // of its bytes or escapes in the text
};

/// Returns the first character. A byte that is not UTF-8 counts as one `no_character`. Requires: the text is not empty.
decoded_character first_character(std::string_view text) noexcept {
    utf8proc_int32_t character = 0;
    auto const* const bytes = reinterpret_cast<utf8proc_uint8_t const*>(text.data());
    auto const size = utf8proc_iterate(bytes, static_cast<utf8proc_ssize_t>(text.size()), &character);
    if (size <= 0) return {no_character, 1};
    return {static_cast<char32_t>(character), static_cast<std::size_t>(size)};
}

/// Returns true if the character is visible ASCII or a blank.
constexpr bool is_plain(char32_t character) noexcept {
    return character >= 0x20 && character <= 0x7e;
}

constexpr bool is_plain_byte(char byte) noexcept {
    return is_plain(static_cast<unsigned char>(byte));
}

/// Returns false for characters that are invisible or blank on a terminal, that control the terminal or the text around
/// them, or whose look no standard defines.
bool is_printable(char32_t character) noexcept {
    constexpr char32_t blank_braille_pattern = 0x2800;
    if (is_plain(character)) return true;
    if (character == no_character || character == blank_braille_pattern) return false;
    auto const* const properties = utf8proc_get_property(static_cast<utf8proc_int32_t>(character));
    switch (properties->category) {
        case UTF8PROC_CATEGORY_CC:
        case UTF8PROC_CATEGORY_CF:
        case UTF8PROC_CATEGORY_CN:
        case UTF8PROC_CATEGORY_CO:
        case UTF8PROC_CATEGORY_CS:
        case UTF8PROC_CATEGORY_ZL:
        case UTF8PROC_CATEGORY_ZP:
        case UTF8PROC_CATEGORY_ZS:
            return false;
        default:
            return !properties->ignorable;
    }
}

constexpr char hex_digits[] = "0123456789abcdef";

void append_escaped_bytes(std::string_view bytes, std::string& out) {
    for (unsigned char const byte : bytes) out += {'\\', 'x', hex_digits[byte >> 4], hex_digits[byte & 15]};
}

/// Moves the beginning of the text to `out`, up to the first byte that `is_special`.
template <typename Predicate>
void move_until(Predicate is_special, std::string_view& text, std::string& out) {
    auto const* const end = std::ranges::find_if(text, is_special);
    out.append(text.begin(), end);
    text.remove_prefix(static_cast<std::size_t>(end - text.begin()));
}

// JSON

constexpr std::size_t unit_size = 6;  // \uXXXX

/// Returns the UTF-16 unit of an escape at the beginning of the text.
char32_t unit_of(std::string_view text) noexcept {
    if (text.size() < unit_size || !text.starts_with("\\u")) return no_character;
    unsigned unit = 0;
    char const* const end = text.data() + unit_size;
    bool const is_hex = std::from_chars(text.data() + 2, end, unit, 16).ptr == end;
    return is_hex ? unit : no_character;
}

bool is_high_surrogate(char32_t unit) noexcept {
    return unit >= 0xd800 && unit < 0xdc00;
}

bool is_low_surrogate(char32_t unit) noexcept {
    return unit >= 0xdc00 && unit < 0xe000;
}

/// Returns the character of the escape at the beginning of the text; `no_character` for escapes other than `\uXXXX`.
decoded_character first_escape(std::string_view text) noexcept {
    char32_t const first = unit_of(text);
    if (first == no_character) return {first, std::min<std::size_t>(2, text.size())};
    if (is_high_surrogate(first)) {
        char32_t const second = unit_of(text.substr(unit_size));
        if (!is_low_surrogate(second)) return {no_character, unit_size};
        return {0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00), 2 * unit_size};
    }
    return {is_low_surrogate(first) ? no_character : first, unit_size};
}

void append_unit(char32_t unit, std::string& out) {
    out += "\\u";
    for (int shift = 12; shift >= 0; shift -= 4) out += hex_digits[unit >> shift & 0xf];
}

void append_escapes(char32_t character, std::string& out) {
    if (character < 0x10000) return append_unit(character, out);
    append_unit(0xd800 + ((character - 0x10000) >> 10), out);
    append_unit(0xdc00 + ((character - 0x10000) & 0x3ff), out);
}

/// Replaces the escape by its character where that is harmless.
void move_escape(std::string_view& text, std::string& out) {
    auto const [character, size] = first_escape(text);
    bool const must_stay = character == '"' || character == '\\' || !is_printable(character);
    if (must_stay) {
        out += text.substr(0, size);
    } else {
        utf8proc_uint8_t bytes[4];
        auto const count = utf8proc_encode_char(static_cast<utf8proc_int32_t>(character), bytes);
        out.append(bytes, bytes + count);
    }
    text.remove_prefix(size);
}

void move_character(std::string_view& text, std::string& out) {
    auto const [character, size] = first_character(text);
    if (character == no_character) {
        append_escaped_bytes(text.substr(0, size), out);
    } else if (is_printable(character)) {
        out += text.substr(0, size);
    } else {
        append_escapes(character, out);
    }
    text.remove_prefix(size);
}

bool is_unambiguous(std::string_view name) {
    return !name.empty() && name.find_first_of(" \"\\") == name.npos && printable(name) == name;
}

// Widths

/// Removes the first character and returns its columns.
std::size_t take_columns(std::string_view& text) noexcept {
    auto const [character, size] = first_character(text);
    text.remove_prefix(size);
    if (character < 0x80 || character == no_character) return 1;
    return static_cast<std::size_t>(utf8proc_charwidth(static_cast<utf8proc_int32_t>(character)));
}

// Suggestions

/// Returns how many characters must be inserted, removed, replaced or swapped with the next one to turn `a` into `b`.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before_last;
    std::vector<std::size_t> last(b.size() + 1);
    std::iota(last.begin(), last.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::vector<std::size_t> row{i};
        for (std::size_t j = 1; j <= b.size(); ++j) {
            std::size_t const replaced = last[j - 1] + (a[i - 1] != b[j - 1]);
            row.push_back(std::min({replaced, last[j] + 1, row[j - 1] + 1}));
            bool const is_swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (is_swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
        }
        before_last = std::exchange(last, std::move(row));
    }
    return last.back();
}

}  // namespace

std::string printable(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        auto const [character, size] = first_character(text);
        if (is_printable(character)) {
            out += text.substr(0, size);
        } else {
            append_escaped_bytes(text.substr(0, size), out);
        }
        text.remove_prefix(size);
        move_until(std::not_fn(is_plain_byte), text, out);
    }
    return out;
}

std::string readable_json(std::string_view text) {
    std::string out;
    for (;;) {
        move_until([](char c) { return c == '\\' || !is_plain_byte(c); }, text, out);
        if (text.empty()) return out;
        text.front() == '\\' ? move_escape(text, out) : move_character(text, out);
    }
}

std::string readable_name(std::string_view name) {
    if (is_unambiguous(name)) return std::string(name);
    error_code not_utf8;
    std::string const quoted = to_json(json::value(json::string(name)), not_utf8);
    return not_utf8 ? '"' + printable(name) + '"' : readable_json(quoted);
}

std::string to_json_text(json::value const& value) {
    error_code ignored;
    return to_json(value, ignored);
}

std::size_t text_width(std::string_view text) {
    if (std::ranges::all_of(text, is_plain_byte)) return text.size();
    std::size_t width = 0;
    while (!text.empty()) width += take_columns(text);
    return width;
}

std::string cut_to_width(std::string_view text, std::size_t width) {
    // No character takes more columns than bytes.
    if (text.size() <= width || text_width(text) <= width) return std::string(text);
    if (width == 0) return {};
    std::string_view rest = text;
    std::size_t kept = 0;
    for (std::size_t used = 1;; kept = text.size() - rest.size()) {  // 1 for the ellipsis
        used += take_columns(rest);
        if (used > width) return std::string(text.substr(0, kept)) + "…";
    }
}

std::string byte_count(std::uint64_t bytes) {
    constexpr std::array<char const*, 7> units = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    if (bytes < 1024) return std::to_string(bytes) + " B";
    double value = static_cast<double>(bytes);
    std::size_t unit = 0;
    for (; value >= 1024 && unit + 1 != units.size(); ++unit) value /= 1024;
    std::array<char, 32> text;
    int const length = std::snprintf(text.data(), text.size(), "%.1f %s", value, units[unit]);
    return {text.data(), static_cast<std::size_t>(length)};
}

std::string suggestion(std::string_view word, std::vector<std::string> const& names) {
    constexpr std::size_t longest_word = 128;
    if (word.size() > longest_word) return {};
    std::string_view nearest;
    std::size_t least = word.size() / 3 + 1;
    for (auto const& name : names) {
        bool const is_beginning = word.size() > 3 && name.starts_with(word);
        std::size_t const away = is_beginning ? 1 : distance(word, name);
        if (away >= least) continue;
        least = away;
        nearest = name;
    }
    return nearest.empty() ? "" : "; did you mean '" + std::string(nearest) + "'?";
}

std::string id_range(std::uint64_t first, std::uint64_t last) {
    if (first == last) return "id " + std::to_string(first);
    return "ids " + std::to_string(first) + " to " + std::to_string(last);
}

}  // namespace audit_trail::cli
