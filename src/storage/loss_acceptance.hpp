/// \file
/// A user's decision that missing events stay missing.
#pragma once

#include <audit_trail/error.hpp>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "storage/recovery_log.hpp"
#include "system/file_system.hpp"

namespace audit_trail::storage {

/// Records in `.recovery.jsonl` that `user` accepts the loss of the events with these ids, and returns what was recorded.
/// error::locked while a writer has the root.
std::vector<recovery_finding> accept_loss(file_system& system, std::filesystem::path const& root,
                                          std::span<id_range const> lost, std::string const& user, error_code& ec);

}  // namespace audit_trail::storage
