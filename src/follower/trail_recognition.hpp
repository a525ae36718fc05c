/// \file
/// Whether a directory may be followed as a trail's root.
#pragma once

#include "system/file_system.hpp"

namespace audit_trail::reading {

/// error::not_a_trail when the root holds other files or directories, but no file of a trail: no index.json, no file
/// of a writer, and no segment. An empty root may become a trail, and so may empty domains and categories. Of the
/// root's own entries `lost+found` does not count.
void check_root(storage::file_system& system, storage::file_handle root, error_code& ec);

}  // namespace audit_trail::reading
