#include "cli/byte_count.hpp"

#include <array>
#include <cstdio>
#include <string_view>

namespace audit_trail::cli {

std::string byte_count(std::uint64_t bytes) {
    constexpr std::array<std::string_view, 7> units = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    if (bytes < 1024) return std::to_string(bytes) + " B";
    double value = static_cast<double>(bytes);
    std::size_t unit = 0;
    for (; value >= 1024 && unit + 1 != units.size(); ++unit) value /= 1024;
    std::array<char, 32> digits;
    int const length = std::snprintf(digits.data(), digits.size(), "%.1f ", value);
    return std::string(digits.data(), static_cast<std::size_t>(length)).append(units[unit]);
}

}  // namespace audit_trail::cli
