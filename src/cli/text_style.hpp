/// \file
/// Colours, where there are any.
#pragma once

#include <string>
#include <string_view>

namespace audit_trail::cli {

enum class text_style { plain, bold, dim, red, green, yellow, cyan };

/// The text in that style; as it is when `has_colour` is not.
inline std::string styled(std::string_view text, text_style style, bool has_colour) {
    constexpr std::string_view codes[] = {"", "1", "2", "31", "32", "33", "36"};
    if (!has_colour || style == text_style::plain) return std::string(text);
    std::string out = "\x1b[";
    out.append(codes[static_cast<std::size_t>(style)]).append("m").append(text).append("\x1b[0m");
    return out;
}

}  // namespace audit_trail::cli
