/// \file
/// A verify_report for programs.
#pragma once

#include <audit_trail/verify.hpp>
#include <string>

namespace audit_trail::cli {

/// One line of JSON with all members of the report. The reason of a finding is `name_of` it, or the operating system's
/// name such as EACCES. Of texts and paths, what is not printable stands as `\xNN`.
std::string to_json(std::string const& root, verify_report const& report);

}  // namespace audit_trail::cli
