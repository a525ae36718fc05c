/// \file
/// Defines the valid names of domains, categories and operations.
#pragma once

#include <audit_trail/event.hpp>
#include <optional>
#include <string_view>

namespace audit_trail::format {

/// Returns true if a domain or category may have this name.
bool is_valid_name(std::string_view name) noexcept;

/// Returns "create", "update" or "delete"; empty for a value out of range.
constexpr std::string_view operation_name(operation value) noexcept {
    switch (value) {
        case operation::create:
            return "create";
        case operation::update:
            return "update";
        case operation::remove:
            return "delete";
    }
    return {};
}

/// Returns the operation with this name, or nothing.
constexpr std::optional<operation> parse_operation(std::string_view name) noexcept {
    for (auto const value : {operation::create, operation::update, operation::remove}) {
        if (name == operation_name(value)) return value;
    }
    return std::nullopt;
}

}  // namespace audit_trail::format
