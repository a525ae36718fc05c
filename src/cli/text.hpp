/// \file
/// Prepares text for people: escapes characters that are not safe on a terminal, measures widths, prints JSON and
/// sizes, and suggests names for misspelt words.
#pragma once

#include <audit_trail/event.hpp>
#include <boost/json/value.hpp>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace audit_trail::cli {

/// Returns text that is safe to show on a terminal. Bytes that are not UTF-8 become `\xNN`, and so do bytes of
/// characters that are not printable: controls, blanks other than U+0020, zero-width and format characters, variation
/// selectors, tags, and characters whose look is not defined. Letters that resemble each other are printable.
std::string printable(std::string_view text);

/// Returns JSON text with `\uXXXX` only for characters that are not printable, quotes and backslashes; all other
/// characters are not escaped. Safe to show on a terminal, and the same JSON value. `text` is JSON without line breaks.
std::string readable_json(std::string_view text);

/// Returns the name itself if it is unambiguous. Returns a JSON string in quotes if the name is empty, not printable,
/// or has spaces, quotes or backslashes.
std::string readable_name(std::string_view name);

/// Returns the JSON text of values that were decoded from a line, or of objects of them: these can be encoded.
std::string to_json_text(json::value const& value);

/// The width of a display without a limit on its lines.
inline constexpr std::size_t unlimited_width = std::numeric_limits<std::size_t>::max();

/// Returns the columns of a terminal that printable text takes: a character takes one, two, or none.
std::size_t text_width(std::string_view text);

/// Returns the text if it takes at most `width` columns; otherwise its beginning and `…`.
std::string cut_to_width(std::string_view text, std::size_t width);

/// Returns `17 B`, `4.0 KiB`, `5.3 MiB` …
std::string byte_count(std::uint64_t bytes);

/// Returns `id 7` or `ids 7 to 9`.
std::string id_range(std::uint64_t first, std::uint64_t last);

/// Returns `; did you mean 'NAME'?` with the name that is most similar to the word; empty if no name is similar.
std::string suggestion(std::string_view word, std::vector<std::string> const& names);

}  // namespace audit_trail::cli
