/// \file
/// Reports lines that are only in the commit log.
#pragma once

#include <cstdint>
#include <optional>

#include "reader/finding_log.hpp"
#include "system/file_system.hpp"

namespace audit_trail::reading {

/// Adds a finding for each range of ids that a crash left in the commit log only (`error::not_restored`), and for a log
/// that cannot be replayed (`error::unusable_log`). Returns the lowest of these ids. Requires: no writer has the root.
///
/// \param generation the generation in `.lock`
std::optional<std::uint64_t> check_commit_log(storage::file_system& system, storage::file_handle root,
                                              std::uint64_t generation, finding_log& log);

}  // namespace audit_trail::reading
