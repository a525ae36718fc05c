/// \file
/// Strings as JSON text of ASCII characters, and UTF-8: strict, without surrogates, overlong forms, or characters above
/// U+10FFFF.
#pragma once

#include <audit_trail/detail/text_buffer.hpp>
#include <string_view>

namespace audit_trail::format {

/// Appends `text` between quotes, with escapes for all characters but U+0020 to U+007E. False when it is not UTF-8; what
/// was appended until then stays.
bool append_quoted(std::string_view text, detail::text_buffer& out);

/// What `take_utf8` returns for bytes that are not a character.
inline constexpr char32_t no_character = 0xffffffff;

/// Reads one character and moves `at` behind it, or returns `no_character` and leaves `at` unchanged.
///
/// Requires: at != end.
char32_t take_utf8(char const*& at, char const* end) noexcept;

/// Writes a character that is not a surrogate, in at most four bytes; returns the place behind it.
char* put_utf8(char32_t character, char* to) noexcept;

}  // namespace audit_trail::format
