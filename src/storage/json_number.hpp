/// \file
/// Whole numbers of small JSON objects.
#pragma once

#include <audit_trail/error.hpp>
#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <string_view>

namespace audit_trail::storage {

/// The member's value; nothing when it is absent or no whole number.
inline std::optional<std::uint64_t> number_of(boost::json::object const& object, std::string_view key) {
    auto const* const value = object.if_contains(key);
    if (value == nullptr || value->is_double()) return std::nullopt;
    error_code ec;
    auto const number = value->to_number<std::uint64_t>(ec);
    return ec ? std::nullopt : std::optional(number);
}

}  // namespace audit_trail::storage
