/// \file
/// Computes CRC-32C checksums (Castagnoli polynomial, RFC 3720 appendix B.4).
#pragma once

#include <cstdint>
#include <string_view>

namespace audit_trail::storage {

/// Uses the processor's instruction for this checksum if it has one, otherwise Boost.CRC.
std::uint32_t crc32c(std::string_view bytes) noexcept;

/// The same, always with Boost.CRC. For tests.
std::uint32_t crc32c_without_instruction(std::string_view bytes) noexcept;

}  // namespace audit_trail::storage
