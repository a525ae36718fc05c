/// \file
/// Text from files and arguments, made harmless for a terminal.
#pragma once

#include <string>
#include <string_view>

namespace audit_trail::cli {

/// Whether the character is visible ASCII or a blank.
constexpr bool is_plain(char32_t character) noexcept {
    return character >= 0x20 && character <= 0x7e;
}

/// Whether a terminal shows the character so that it can be told from its absence and from a blank, and does nothing
/// else. False for controls, blanks other than U+0020, zero-width and format characters, variation selectors, tags,
/// characters without a defined look, and `format::no_character`. Letters that merely resemble each other are
/// printable.
bool is_printable(char32_t character) noexcept;

/// Text that is safe to show on a terminal: the bytes of characters that are not printable, and those that are not
/// UTF-8, become `\xNN`.
std::string printable(std::string_view text);

}  // namespace audit_trail::cli
