/// \file
/// Frees payloads and contexts of any depth.
#pragma once

#include <audit_trail/event.hpp>

namespace audit_trail::format {

/// Frees the content of a draft without recursion and without allocating, so that any depth can be freed on a small
/// stack. Needed for every refused draft: it may be too deep even if it was refused for another reason.
void dismantle(event_draft& draft) noexcept;
void dismantle(payload& value) noexcept;
void dismantle(json::value&& value) noexcept;

}  // namespace audit_trail::format
