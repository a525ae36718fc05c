/// \file
/// Messages for people, on standard error.
#pragma once

#include <string>
#include <string_view>

namespace audit_trail::cli {

/// Text that is safe to show on a terminal: control characters (C0, DEL, C1) and what is not UTF-8 become `\xNN`.
std::string printable(std::string_view text);

/// Writes one line, made printable.
void report(std::string_view message);

}  // namespace audit_trail::cli
