/// \file
/// An event as a line of a segment.
///
/// The text is byte for byte what Python's `json.dumps(event, separators=(",", ":"), ensure_ascii=True)` gives.
#pragma once

#include <audit_trail/detail/text_buffer.hpp>
#include <audit_trail/error.hpp>
#include <audit_trail/event.hpp>
#include <boost/json/value.hpp>
#include <cstddef>
#include <cstdint>
#include <string>

namespace audit_trail::format {

/// One limit for writing and reading. The line's own object is level 1, the payload level 2, `after` level 3.
inline constexpr std::size_t max_depth = 128;

/// What stands before the id. A line is this, the id in decimal, and the tail.
inline constexpr std::string_view id_prefix = R"({"event_id":)";

/// The longest decimal id.
inline constexpr std::size_t max_id_digits = 20;

/// Appends the line of a draft, from the comma behind the id to the newline, to `out`.
///
/// \param max_event_bytes limit for the whole line with a 20-digit id and the newline
/// \returns nothing, or the first reason why the draft can't be an event (one of the first group of `error`); `out`
/// then
///   holds what it held before
error_code encode_tail(event_draft const& draft, std::int64_t timestamp, std::size_t max_event_bytes,
                       detail::text_buffer& out);

/// Appends a whole line, newline included.
error_code encode_line(event const& value, detail::text_buffer& out);

/// Appends one JSON value. `depth` is the level of an array or object that `value` itself would be.
error_code encode_value(json::value const& value, detail::text_buffer& out, std::size_t depth = 1);

/// Takes a payload apart without recursion and without memory of its own, so that one of any depth can be freed on a
/// small stack. The payload of any draft that was refused may need it: what was wrong first need not be the depth.
void dismantle(payload& value) noexcept;

}  // namespace audit_trail::format
