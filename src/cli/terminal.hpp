/// \file
/// What is known of the place where output goes.
#pragma once

#include <cstddef>

namespace audit_trail::cli {

struct display {
    bool is_terminal = false;  ///< no raw control bytes may reach it
    bool has_colour = false;   ///< a terminal; not when NO_COLOR is set, or TERM is "dumb"
    std::size_t width = 80;    ///< columns: COLUMNS where it is set, or else the terminal's; 80 when neither tells
};

/// Asks about a standard stream.
display display_of(int descriptor);

}  // namespace audit_trail::cli
