/// \file
/// The ranges of a writer's options, as writer_options.hpp documents them.
#pragma once

#include <audit_trail/error.hpp>
#include <audit_trail/writer_options.hpp>

namespace audit_trail::detail {

/// The error that names the first option out of range; no error when all are in range.
error_code check(writer_options const& options) noexcept;

}  // namespace audit_trail::detail
