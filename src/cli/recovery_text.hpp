/// \file
/// What a recovery did, or would do, as text for people.
#pragma once

#include <audit_trail/recovery_report.hpp>
#include <span>
#include <string>

#include "storage/recovery_log.hpp"

namespace audit_trail::cli {

/// Lines. `is_done` is false for what is only planned.
std::string to_text(recovery_report const& report, bool is_done);

/// Lines: the ids whose loss `user` accepted.
std::string to_text(std::span<storage::id_range const> accepted, std::string const& user);

}  // namespace audit_trail::cli
