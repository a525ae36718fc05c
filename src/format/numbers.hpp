/// \file
/// Converts numbers to text as Python writes them, and back.
#pragma once

#include <audit_trail/detail/text_buffer.hpp>
#include <audit_trail/error.hpp>
#include <boost/json/value.hpp>
#include <cstdint>

namespace audit_trail::format {

void append_number(std::int64_t value, detail::text_buffer& out);
void append_number(std::uint64_t value, detail::text_buffer& out);

/// Writes the same text as Python's `repr`: the shortest digits that read back as the same double.
///
/// Requires: `value` is finite.
void append_number(double value, detail::text_buffer& out);

/// Returns the end of the longest JSON number at `at`, or null if no number begins there.
char const* skip_number(char const* at, char const* end) noexcept;

/// Sets `out` to the number from `begin` to `end`, as found by `skip_number`. A number without `.`, `e`, `E` becomes an
/// int64, or a uint64 if it is too large for that, or fails with `error::integer_out_of_range`. Other numbers become
/// the nearest double, or fail with `error::not_finite`.
error_code read_number(char const* begin, char const* end, boost::json::value& out) noexcept;

}  // namespace audit_trail::format
