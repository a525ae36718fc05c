/// \file
/// Checks the ranges that writer_options.hpp documents.
#pragma once

#include <audit_trail/error.hpp>
#include <audit_trail/writer_options.hpp>

namespace audit_trail::detail {

/// Returns the error that names the first option out of range, or no error.
error_code check(writer_options const& options) noexcept;

}  // namespace audit_trail::detail
