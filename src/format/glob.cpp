#include "format/glob.hpp"

#include <algorithm>
#include <audit_trail/event_filter.hpp>
#include <optional>

#include "format/strings.hpp"

namespace audit_trail {
namespace format {
namespace {

/// Removes the first character. A byte that is not UTF-8 counts as a character of its own. Requires: the text is not
/// empty.
char32_t take_character(std::string_view& text) noexcept {
    constexpr char32_t first_byte = 0x110000;
    char const* at = text.data();
    char32_t const character = take_utf8(at, at + text.size());
    bool const is_character = character != no_character;
    char32_t const found = is_character ? character : first_byte + static_cast<unsigned char>(text.front());
    text.remove_prefix(is_character ? static_cast<std::size_t>(at - text.data()) : 1);
    return found;
}

/// Removes a character of a pattern. A backslash is removed from the character after it.
char32_t take_literal(std::string_view& pattern) noexcept {
    if (pattern.front() == '\\' && pattern.size() > 1) pattern.remove_prefix(1);
    return take_character(pattern);
}

char32_t other_case(char32_t character) noexcept {
    bool const is_letter = (character >= 'A' && character <= 'Z') || (character >= 'a' && character <= 'z');
    return is_letter ? character ^ 0x20 : character;
}

char lower(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

bool is_same_letter(char a, char b) noexcept {
    return lower(a) == lower(b);
}

/// Removes a set after its `[`, and returns whether the character is in it. Returns nothing if the set has no end.
std::optional<bool> take_set(std::string_view& pattern, char32_t character, char32_t alternative) noexcept {
    std::string_view rest = pattern;
    bool const is_negated = rest.starts_with('!') || rest.starts_with('^');
    rest.remove_prefix(is_negated);
    bool is_in = false;
    for (bool is_first = true; !rest.empty(); is_first = false) {
        if (!is_first && rest.front() == ']') {
            pattern = rest.substr(1);
            return is_in != is_negated;
        }
        char32_t const low = take_literal(rest);
        bool const is_range = rest.size() > 1 && rest[0] == '-' && rest[1] != ']';
        rest.remove_prefix(is_range);
        char32_t const high = is_range ? take_literal(rest) : low;
        is_in = is_in || (low <= character && character <= high) || (low <= alternative && alternative <= high);
    }
    return std::nullopt;
}

/// Removes the first element of the pattern, and returns whether it matches the character. Requires: the pattern is not
/// empty, and the element is not `*`.
bool take_element(std::string_view& pattern, char32_t character, bool ignore_case) noexcept {
    char32_t const alternative = ignore_case ? other_case(character) : character;
    if (pattern.front() == '?') return pattern.remove_prefix(1), true;
    if (pattern.front() == '[') {
        std::string_view set = pattern.substr(1);
        if (auto const is_in = take_set(set, character, alternative)) return pattern = set, *is_in;
    }
    char32_t const literal = take_literal(pattern);
    return literal == character || literal == alternative;
}

}  // namespace

bool matches_glob(std::string_view pattern, std::string_view text, bool ignore_case) noexcept {
    // After a mismatch, the last star takes one more character.
    std::optional<std::string_view> after_star;
    std::string_view star_text;
    for (;;) {
        if (pattern.starts_with('*')) {
            pattern.remove_prefix(1);
            after_star = pattern;
            star_text = text;
            continue;
        }
        if (text.empty()) return pattern.empty();
        char32_t const character = take_character(text);
        if (!pattern.empty() && take_element(pattern, character, ignore_case)) continue;
        if (!after_star) return false;
        take_character(star_text);
        text = star_text;
        pattern = *after_star;
    }
}

bool equals_ignoring_case(std::string_view text, std::string_view other) noexcept {
    return std::ranges::equal(text, other, is_same_letter);
}

bool contains_ignoring_case(std::string_view text, std::string_view other) noexcept {
    if (other.empty()) return true;
    char const first = lower(other.front());
    for (; text.size() >= other.size(); text.remove_prefix(1)) {
        if (lower(text.front()) != first) continue;
        if (equals_ignoring_case(text.substr(0, other.size()), other)) return true;
    }
    return false;
}

}  // namespace format

bool is_valid_glob(std::string_view pattern) noexcept {
    while (!pattern.empty()) {
        char const first = pattern.front();
        pattern.remove_prefix(1);
        if (first == '[' && !format::take_set(pattern, 0, 0)) return false;
        if (first != '\\') continue;
        if (pattern.empty()) return false;
        pattern.remove_prefix(1);
    }
    return true;
}

}  // namespace audit_trail
