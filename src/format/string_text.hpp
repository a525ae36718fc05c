/// \file
/// Text as a JSON string of ASCII characters.
#pragma once

#include <audit_trail/detail/text_buffer.hpp>
#include <string_view>

namespace audit_trail::format {

/// Appends `text` between quotes, all but U+0020 to U+007E escaped. False when it is not UTF-8; what was appended by
/// then stays.
bool append_quoted(std::string_view text, detail::text_buffer& out);

}  // namespace audit_trail::format
