/// \file
/// Messages for people, on standard error.
#pragma once

#include <string_view>

namespace audit_trail::cli {

/// Writes one line, made printable.
void report(std::string_view message);

}  // namespace audit_trail::cli
