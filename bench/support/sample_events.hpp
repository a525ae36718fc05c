/// \file
/// The events of every contestant: an ordinary change of one field, about 300 bytes per line.
#pragma once

#include <audit_trail/event.hpp>
#include <cstdint>

namespace bench {

/// Builds the n-th event like a server, with its own strings and payload.
audit_trail::event_draft sample_event(std::uint64_t n, unsigned categories);

/// The same in one of many categories: `billing/category-N`.
audit_trail::event_draft sample_event_of(std::uint64_t n, std::uint64_t category);

}  // namespace bench
