/// \file
/// Reads and prints times.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace audit_trail::cli {

/// Reads Unix seconds (`1700000000`, `@1700000000`) or ISO 8601: a date (`2026-11-24`, `20261124`), which means
/// midnight, or a date and a time of day (`2026-11-24T10:00`; seconds and a fraction of them may follow). `Z` or an
/// offset (`+02:00`, `+0200`, `+02`) may end it; without them it is UTC. A fraction is dropped, since events have none.
/// Eight digits are a date. Four or six digits, which may be meant as a year or a month, are refused, and so are
/// seconds outside of the years 0 to 9999, which may be meant as milliseconds. After an `@` any number is Unix seconds.
std::optional<std::int64_t> parse_time(std::string const& text);

/// `2026-11-24T10:00:00Z`; for years that do not have four digits `@` and Unix seconds.
std::string utc_time(std::int64_t unix_seconds);

}  // namespace audit_trail::cli
