/// \file
/// What opening a root would mend, told without doing it.
#pragma once

#include <audit_trail/recovery_report.hpp>
#include <filesystem>

#include "system/file_system.hpp"

namespace audit_trail::storage {

/// What `trail_store::open` would report. Nothing on the disk changes; error::locked while a writer has the root. No
/// lock is taken, so what a writer does meanwhile may make the report wrong.
recovery_report plan_recovery(file_system& system, std::filesystem::path const& root, error_code& ec);

}  // namespace audit_trail::storage
