/// \file
/// The events that every contestant writes: an ordinary change of one field, about 300 bytes a line.
#pragma once

#include <audit_trail/event.hpp>
#include <cstdint>

namespace bench {

/// The n-th event, built anew as a server would: strings and a payload of its own.
audit_trail::event_draft sample_event(std::uint64_t n, unsigned categories);

/// The same in one of any number of categories: `billing/category-N`.
audit_trail::event_draft sample_event_of(std::uint64_t n, std::uint64_t category);

}  // namespace bench
