/// \file
/// Encodes an event as a line of a segment.
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

/// The limit for writing and reading. The line's own object is level 1, the payload level 2, `after` level 3.
inline constexpr std::size_t max_depth = 128;

/// A line is this prefix, the id in decimal, and the tail.
inline constexpr std::string_view id_prefix = R"({"event_id":)";

/// The longest decimal id.
inline constexpr std::size_t max_id_digits = 20;

/// The positions of the names in a tail, relative to its first byte. Names contain no escapes.
struct name_positions {
    std::uint32_t domain = 0;
    std::uint32_t category = 0;
};

/// Appends the tail of a draft's line to `out`: from the comma after the id to the newline.
///
/// \param max_event_bytes limit for the whole line, with an id of 20 digits and the newline
/// \param names set to the positions of the names, unless it is null
/// \returns no error, or the first reason why the draft is invalid (of the first group of `error`); then `out` is
///   unchanged
error_code encode_tail(event_draft const& draft, std::int64_t timestamp, std::size_t max_event_bytes,
                       detail::text_buffer& out, name_positions* names = nullptr);

/// Appends a whole line, newline included.
error_code encode_line(event const& value, detail::text_buffer& out);

/// Appends one JSON value. `depth` is the level of `value` if it is an array or object.
error_code encode_value(json::value const& value, detail::text_buffer& out, std::size_t depth = 1);

}  // namespace audit_trail::format
