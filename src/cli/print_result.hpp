/// \file
/// What a command found out, on standard output.
#pragma once

#include <string_view>

namespace audit_trail::cli {

/// Writes all of it. False when that failed, which is then reported. Whoever closed the other end of a pipe wants no
/// more: that is no failure.
bool print_result(std::string_view text);

}  // namespace audit_trail::cli
