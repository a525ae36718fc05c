/// \file
/// Checks whether a path may be a trail's root, before anything is created there.
#pragma once

#include <filesystem>

#include "system/file_system.hpp"

namespace audit_trail::storage {

/// Errors: `error::inside_a_trail` if a directory above the path is the root of another trail. With `must_exist`:
/// `error::no_trail` if the directory has neither a lock record, nor an index, nor a segment; system errors if it
/// cannot be opened. Without: `error::holds_trails` if it has no lock record and no index, but a directory in it has;
/// `error::foreign_index` if it has an index.json of another program, and no segment.
void check_place(file_system& system, std::filesystem::path const& root, bool must_exist, error_code& ec);

}  // namespace audit_trail::storage
