/// \file
/// A verify_report for people.
#pragma once

#include <audit_trail/verify.hpp>
#include <string>

namespace audit_trail::cli {

/// A line that sums it up, then findings and notes, and below those of one kind what to do about them. Safe to show on
/// a terminal.
std::string to_text(std::string const& root, verify_report const& report);

}  // namespace audit_trail::cli
