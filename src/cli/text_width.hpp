/// \file
/// How much room text takes on a terminal, where a character may fill two columns, or none.
#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <string_view>

namespace audit_trail::cli {

/// The width of a display that does not limit its lines.
inline constexpr std::size_t unlimited_width = std::numeric_limits<std::size_t>::max();

/// Columns that printable text takes.
std::size_t text_width(std::string_view text);

/// The text when it takes at most `width` columns, or else its beginning and `…`.
std::string cut_to_width(std::string_view text, std::size_t width);

}  // namespace audit_trail::cli
