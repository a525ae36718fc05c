/// \file
/// How much room text takes on a terminal, where a character may fill two columns, or none.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace audit_trail::cli {

/// Columns that printable text takes.
std::size_t text_width(std::string_view text);

/// The text when it takes at most `width` columns, or else its beginning with `…` behind it.
std::string cut_to_width(std::string_view text, std::size_t width);

}  // namespace audit_trail::cli
