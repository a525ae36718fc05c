/// \file
/// The sample events as lines of a segment.
#pragma once

#include <audit_trail/detail/text_buffer.hpp>
#include <audit_trail/event.hpp>
#include <cstdint>

namespace bench {

void append_line(audit_trail::detail::text_buffer& out, std::uint64_t id, audit_trail::event_draft const& draft);

/// Appends `count` lines of one category, with ids from 1 on.
void append_sample_lines(audit_trail::detail::text_buffer& out, std::uint64_t count);

}  // namespace bench
