/// \file
/// Whether a directory is a trail at all.
#pragma once

#include <string>

namespace audit_trail::cli {

/// True when the directory has an index.json, a .lock or a segment. If not, or if it can't be looked at, standard error
/// says so.
bool check_trail(std::string const& root);

}  // namespace audit_trail::cli
