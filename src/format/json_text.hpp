/// \file
/// JSON text that is checked and passed over, without a value being built.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "format/decode.hpp"

namespace audit_trail::format {

/// Moves `at` behind the value that begins there. The text must be RFC 8259, Unicode, and at most `max_depth` deep;
/// numbers of any size, keys that stand twice, and members of any name pass. `depth` is the level of an array or
/// object at `at`. Does not recurse.
std::optional<decode_failure> skip_value(std::string_view text, std::size_t& at, std::size_t depth);

}  // namespace audit_trail::format
