/// \file
/// Frees payloads of any depth.
#pragma once

#include <audit_trail/event.hpp>

namespace audit_trail::format {

/// Frees the payload without recursion and without allocating, so that any depth can be freed on a small stack. Needed
/// for every refused draft: it may be too deep even if it was refused for another reason.
void dismantle(payload& value) noexcept;

}  // namespace audit_trail::format
