/// \file
/// Statistics of a trail as text.
#pragma once

#include <string>

#include "cli/terminal.hpp"
#include "cli/trail_statistics.hpp"

namespace audit_trail::cli {

/// For people: what each category holds, which ids and times it spans, and how the trail stands.
std::string to_tables(trail_statistics const& shown, display const& to);

/// The same as one line of JSON, sizes in bytes and times in Unix seconds; null where there are no events.
std::string to_json(trail_statistics const& shown);

}  // namespace audit_trail::cli
