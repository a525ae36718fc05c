/// \file
/// Matches texts with patterns.
#pragma once

#include <string_view>

namespace audit_trail::format {

/// Returns true if the whole text matches the pattern (see `text_match::glob`). Parts of the pattern that are not valid
/// match themselves.
bool matches_glob(std::string_view pattern, std::string_view text, bool ignore_case) noexcept;

/// Return true if the texts are equal, or the text contains the other, without regard to the case of ASCII letters.
bool equals_ignoring_case(std::string_view text, std::string_view other) noexcept;
bool contains_ignoring_case(std::string_view text, std::string_view other) noexcept;

}  // namespace audit_trail::format
