/// \file
/// Writes strings as JSON text of ASCII characters, and reads UTF-8. Strict: no surrogates, no overlong forms, no
/// characters above U+10FFFF.
#pragma once

#include <audit_trail/detail/text_buffer.hpp>
#include <string_view>

namespace audit_trail::format {

/// Appends `text` between quotes. Escapes all characters except U+0020 to U+007E, and quotes and backslashes. Returns
/// false if `text` is not UTF-8; the characters that were already appended stay.
bool append_quoted(std::string_view text, detail::text_buffer& out);

/// The result of `take_utf8` for bytes that are not a character.
inline constexpr char32_t no_character = 0xffffffff;

/// Reads one character and moves `at` past it, or returns `no_character` and leaves `at` unchanged.
///
/// Requires: at != end.
char32_t take_utf8(char const*& at, char const* end) noexcept;

/// Writes a character that is not a surrogate, in at most four bytes. Returns the position after it.
char* put_utf8(char32_t character, char* to) noexcept;

}  // namespace audit_trail::format
