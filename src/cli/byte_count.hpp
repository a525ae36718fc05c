/// \file
/// Sizes as people read them.
#pragma once

#include <cstdint>
#include <string>

namespace audit_trail::cli {

/// `17 B`, `4.0 KiB`, `5.3 MiB` …
std::string byte_count(std::uint64_t bytes);

}  // namespace audit_trail::cli
