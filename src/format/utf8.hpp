/// \file
/// UTF-8, strictly: no surrogates, no overlong forms, nothing past U+10FFFF.
#pragma once

namespace audit_trail::format {

/// What `take_utf8` returns for bytes that are no character.
inline constexpr char32_t no_character = 0xffffffff;

/// Reads one character of one to four bytes and moves `at` behind it; on `no_character`, `at` stays. `at != end`.
char32_t take_utf8(char const*& at, char const* end) noexcept;

/// Writes a character that is no surrogate; returns the place behind its at most four bytes.
char* put_utf8(char32_t character, char* to) noexcept;

}  // namespace audit_trail::format
