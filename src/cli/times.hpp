/// \file
/// Reads and prints times.
#pragma once

#include <cstdint>
#include <ctime>
#include <optional>
#include <string>

namespace audit_trail::cli {

/// The zone of times without an offset, and of times that are printed.
enum class time_zone {
    utc,
    local  ///< of the environment: TZ, or else /etc/localtime
};

/// Which time is meant by a local time that a change of the clock repeats.
enum class repeated_time { first, last };

/// Reads Unix seconds (`1700000000`, `@1700000000`) or ISO 8601: a date (`2026-11-24`, `20261124`), which means
/// midnight, or a date and a time of day (`2026-11-24T10:00`; seconds and a fraction of them may follow). `Z` or an
/// offset (`+02:00`, `+0200`, `+02`) may end it; without them the zone applies. A fraction is dropped, since events
/// have none. A local time that a change of the clock skips means a time before or after the change.
/// Eight digits are a date. Four or six digits, which may be meant as a year or a month, are refused, and so are
/// seconds outside of the years 0 to 9999, which may be meant as milliseconds. After an `@` any number is Unix seconds.
///
/// Also reads `now`, `today` and `yesterday` (their midnight in the zone), and times before now: `-30m`, `-1h`,
/// `-1d12h`, with the units s, m, h, d (24 hours) and w.
std::optional<std::int64_t> parse_time(std::string const& text, time_zone zone = time_zone::utc,
                                       std::int64_t now = std::time(nullptr),
                                       repeated_time which = repeated_time::first);

/// Returns the name of the zone in TZ if the system has no such zone, and would use UTC for it; else an empty text.
std::string unknown_zone();

/// `2026-11-24T10:00:00Z` or `2026-11-24T12:00:00+02:00`; for years that do not have four digits `@` and Unix seconds.
std::string to_text(std::int64_t unix_seconds, time_zone zone);

/// `2026-11-24`; for years that do not have four digits `@` and Unix seconds.
std::string day_of(std::int64_t unix_seconds, time_zone zone);

}  // namespace audit_trail::cli
