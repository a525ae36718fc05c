/// \file
/// A user's decision that missing events stay missing.
#pragma once

#include <audit_trail/error.hpp>
#include <filesystem>
#include <span>
#include <string>

#include "system/file_system.hpp"
#include "storage/recovery_log.hpp"

namespace audit_trail::storage {

/// Records in `.recovery.jsonl` that `user` accepts the loss of the events with these ids. error::locked while a writer
/// has the root.
void accept_loss(file_system& system, std::filesystem::path const& root, std::span<id_range const> lost,
                 std::string const& user, error_code& ec);

}  // namespace audit_trail::storage
