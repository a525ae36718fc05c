/// \file
/// Reports lines that are only in the commit log.
#pragma once

#include <cstdint>
#include <optional>

#include "reader/finding_log.hpp"
#include "storage/root_lock.hpp"
#include "system/file_system.hpp"

namespace audit_trail::reading {

/// Adds a finding for each segment that lacks lines which a crash left in the commit log only (`error::not_restored`),
/// and for a log that cannot be replayed (`error::unusable_log`). Returns the lowest id of these lines. Requires: no
/// writer has the root.
///
/// \param last_end the record in `.lock`; nothing when there is none
std::optional<std::uint64_t> check_commit_log(storage::file_system& system, storage::file_handle root,
                                              std::optional<storage::lock_record> const& last_end, finding_log& log);

}  // namespace audit_trail::reading
