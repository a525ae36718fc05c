/// \file
/// Operations as they are shown: by their names on disk.
#pragma once

#include <audit_trail/event.hpp>
#include <string_view>

#include "cli/text_style.hpp"

namespace audit_trail::cli {

inline std::string_view name_of(operation done) noexcept {
    constexpr std::string_view names[] = {"create", "update", "delete"};
    return names[static_cast<std::size_t>(done)];
}

inline text_style style_of(operation done) noexcept {
    constexpr text_style styles[] = {text_style::green, text_style::yellow, text_style::red};
    return styles[static_cast<std::size_t>(done)];
}

}  // namespace audit_trail::cli
