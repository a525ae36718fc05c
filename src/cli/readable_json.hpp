/// \file
/// JSON as people read it.
#pragma once

#include <string>
#include <string_view>

namespace audit_trail::cli {

/// JSON text in which `\uXXXX` stands only for what is not printable: other characters stand for themselves. Safe to
/// show on a terminal, and still the same JSON. `text` is JSON and has no line breaks.
std::string readable_json(std::string_view text);

/// A name as it is when it can't be mistaken, or else as a JSON string in quotes: when it is empty, has spaces, quotes
/// or backslashes, or is not printable.
std::string readable_name(std::string_view name);

}  // namespace audit_trail::cli
