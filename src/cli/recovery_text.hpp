/// \file
/// What a recovery did, or would do, as text for people.
#pragma once

#include <audit_trail/recovery_report.hpp>
#include <string>

namespace audit_trail::cli {

/// Lines. `is_done` is false for what is only planned.
std::string to_text(recovery_report const& report, bool is_done);

}  // namespace audit_trail::cli
