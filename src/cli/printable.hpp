/// \file
/// Text from files and arguments, made harmless for a terminal.
#pragma once

#include <string>
#include <string_view>

namespace audit_trail::cli {

/// Whether a terminal shows the character and does nothing else: no control character (C0, DEL, C1), none that ends a
/// line or turns the direction of what follows, and not `format::no_character`.
bool is_printable(char32_t character) noexcept;

/// Text that is safe to show on a terminal: the bytes of characters that are not printable, and those that are not
/// UTF-8, become `\xNN`.
std::string printable(std::string_view text);

}  // namespace audit_trail::cli
