/// \file
/// The properties of an output stream.
#pragma once

#include <cstddef>

#include "cli/text_width.hpp"

namespace audit_trail::cli {

struct display {
    bool is_terminal = false;  ///< no raw control bytes may reach it
    bool has_colour = false;   ///< a terminal; not when NO_COLOR is set, or TERM is "dumb"

    /// Columns of a terminal: COLUMNS, or else what the terminal reports, or else 80. Files and pipes have no limit.
    std::size_t width = unlimited_width;
};

/// Asks about a standard stream.
display display_of(int descriptor);

}  // namespace audit_trail::cli
