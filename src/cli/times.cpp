#include "times.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <regex>
#include <string_view>
#include <system_error>

namespace audit_trail::cli {
namespace {

constexpr std::int64_t year_0 = -62'167'219'200;
constexpr std::int64_t year_10000 = 253'402'300'800;

/// Returns false for times that are more likely milliseconds.
bool has_year_of_four_digits(std::int64_t unix_seconds) {
    return unix_seconds >= year_0 && unix_seconds < year_10000;
}

/// Returns true if the number has as many digits as a year, a month or a date. Such numbers are not read as Unix
/// seconds: they would mean times from 1970 to 1973.
bool may_be_date(std::string const& number) {
    bool const has_size_of_date = number.size() == 4 || number.size() == 6 || number.size() == 8;
    return has_size_of_date && number.find_first_not_of("0123456789") == number.npos;
}

std::tm fields_of(std::int64_t unix_seconds, time_zone zone) {
    std::time_t const time = unix_seconds;
    std::tm fields{};
    zone == time_zone::utc ? ::gmtime_r(&time, &fields) : ::localtime_r(&time, &fields);
    return fields;
}

/// Returns nothing unless this is the time of day with or without summer time.
std::optional<std::int64_t> local_seconds(std::tm fields, int is_summer_time) {
    std::tm const asked = fields;
    fields.tm_isdst = is_summer_time;
    std::int64_t const seconds = std::mktime(&fields);
    std::tm const found = fields_of(seconds, time_zone::local);
    bool const is_same =
        found.tm_mday == asked.tm_mday && found.tm_hour == asked.tm_hour && found.tm_min == asked.tm_min;
    return is_same ? std::optional(seconds) : std::nullopt;
}

/// If both times exist, the C library would choose by the time that it converted before.
std::int64_t seconds_of(std::tm fields, time_zone zone, repeated_time which = repeated_time::first) {
    if (zone == time_zone::utc) return ::timegm(&fields);
    auto const summer = local_seconds(fields, 1), standard = local_seconds(fields, 0);
    if (summer && standard) {
        return which == repeated_time::first ? std::min(*summer, *standard) : std::max(*summer, *standard);
    }
    if (summer || standard) return summer ? *summer : *standard;
    fields.tm_isdst = -1;
    return std::mktime(&fields);
}

std::int64_t midnight(std::int64_t now, int days_before, time_zone zone) {
    std::tm fields = fields_of(now, zone);
    fields.tm_mday -= days_before;
    fields.tm_hour = fields.tm_min = fields.tm_sec = 0;
    return seconds_of(fields, zone);
}

std::int64_t seconds_in(char unit) {
    switch (unit) {
        case 's':
            return 1;
        case 'm':
            return 60;
        case 'h':
            return 60 * 60;
        case 'd':
            return 24 * 60 * 60;
        case 'w':
            return 7 * 24 * 60 * 60;
        default:
            return 0;
    }
}

/// Returns the seconds of `-1h`, `-1d12h` and so on.
std::optional<std::int64_t> parse_age(std::string_view text) {
    constexpr std::int64_t most = 1'000'000'000'000;
    if (!text.starts_with('-')) return std::nullopt;
    text.remove_prefix(1);
    std::int64_t total = 0;
    do {
        std::int64_t count = 0;
        auto const [end, failure] = std::from_chars(text.data(), text.data() + text.size(), count);
        text.remove_prefix(static_cast<std::size_t>(end - text.data()));
        std::int64_t const unit = failure == std::errc() && !text.empty() ? seconds_in(text.front()) : 0;
        if (unit == 0 || count < 0 || count > (most - total) / unit) return std::nullopt;
        total += count * unit;
        text.remove_prefix(1);
    } while (!text.empty());
    return total;
}

std::optional<std::int64_t> parse_relative_time(std::string const& text, time_zone zone, std::int64_t now) {
    if (text == "now") return now;
    if (text == "today") return midnight(now, 0, zone);
    if (text == "yesterday") return midnight(now, 1, zone);
    auto const age = parse_age(text);
    return age ? std::optional(now - *age) : std::nullopt;
}

std::optional<std::int64_t> parse_iso_time(std::string const& text, time_zone zone, repeated_time which) {
    using namespace std::chrono;
    constexpr std::size_t longest = 256;  // std::regex needs stack for each character
    static std::regex const form(
        "([0-9]{4})(-?)([0-9]{2})\\2([0-9]{2})"
        "(?:[Tt ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:[.,][0-9]+)?)?"
        "(?:([Zz])|([+-])([0-9]{2})(?::?([0-9]{2}))?)?)?");
    std::smatch found;
    if (text.size() > longest || !std::regex_match(text, found, form)) return std::nullopt;
    auto const number = [&](std::size_t group) { return found[group].matched ? std::stoi(found[group]) : 0; };
    year_month_day const date(year(number(1)), month(unsigned(number(3))), day(unsigned(number(4))));
    bool const is_clock = number(5) < 24 && number(6) < 60 && number(7) < 60 && number(10) < 24 && number(11) < 60;
    if (!date.ok() || !is_clock) return std::nullopt;
    auto const time = (sys_days(date) + hours(number(5)) + minutes(number(6)) + seconds(number(7))).time_since_epoch();
    bool const has_zone = found[8].matched || found[9].matched;
    if (!has_zone) return seconds_of(fields_of(time.count(), time_zone::utc), zone, which);
    auto const offset = hours(number(10)) + minutes(number(11));
    return (found[9] == "-" ? time + offset : time - offset).count();
}

std::string with_seconds(std::int64_t unix_seconds) {
    return '@' + std::to_string(unix_seconds);
}

std::string date_text(std::tm const& fields) {
    std::array<char, 48> text;
    int const length = std::snprintf(text.data(), text.size(), "%04d-%02d-%02d", fields.tm_year + 1900,
                                     fields.tm_mon + 1, fields.tm_mday);
    return {text.data(), static_cast<std::size_t>(length)};
}

std::string offset_text(long seconds) {
    std::array<char, 48> text;
    long const minutes = std::labs(seconds) / 60;
    int const length =
        std::snprintf(text.data(), text.size(), "%c%02ld:%02ld", seconds < 0 ? '-' : '+', minutes / 60, minutes % 60);
    return {text.data(), static_cast<std::size_t>(length)};
}

bool has_year_of_four_digits(std::tm const& fields) {
    return fields.tm_year >= -1900 && fields.tm_year < 10000 - 1900;
}

}  // namespace

std::optional<std::int64_t> parse_time(std::string const& text, time_zone zone, std::int64_t now, repeated_time which) {
    if (auto const time = parse_relative_time(text, zone, now)) return time;
    bool const is_marked = text.starts_with('@');
    char const* const end = text.data() + text.size();
    std::int64_t seconds = 0;
    auto const [parsed, failure] = std::from_chars(text.data() + is_marked, end, seconds);
    bool const is_number = failure == std::errc() && parsed == end;
    if (is_number && (is_marked || (!may_be_date(text) && has_year_of_four_digits(seconds)))) return seconds;
    return parse_iso_time(text, zone, which);
}

std::string unknown_zone() {
    char const* const given = std::getenv("TZ");
    std::string_view const zone = given ? given : "";
    bool const has_rule = zone.find_first_of("0123456789,<") != zone.npos;  // of POSIX, such as CET-1CEST
    if (zone.empty() || has_rule) return {};
    std::filesystem::path const name = zone.substr(zone.front() == ':');
    char const* const directory = std::getenv("TZDIR");
    std::filesystem::path const zones = directory ? directory : "/usr/share/zoneinfo";
    std::error_code ec;
    bool const is_known = name == "UTC" || name == "GMT" || std::filesystem::exists(zones / name, ec);
    return is_known ? std::string() : name.string();
}

std::string to_text(std::int64_t unix_seconds, time_zone zone) {
    if (!has_year_of_four_digits(unix_seconds)) return with_seconds(unix_seconds);
    std::tm const fields = fields_of(unix_seconds, zone);
    if (!has_year_of_four_digits(fields)) return with_seconds(unix_seconds);
    std::array<char, 48> clock;
    std::snprintf(clock.data(), clock.size(), "T%02d:%02d:%02d", fields.tm_hour, fields.tm_min, fields.tm_sec);
    return date_text(fields) + clock.data() + (zone == time_zone::utc ? "Z" : offset_text(fields.tm_gmtoff));
}

std::string day_of(std::int64_t unix_seconds, time_zone zone) {
    if (!has_year_of_four_digits(unix_seconds)) return with_seconds(unix_seconds);
    std::tm const fields = fields_of(unix_seconds, zone);
    return has_year_of_four_digits(fields) ? date_text(fields) : with_seconds(unix_seconds);
}

}  // namespace audit_trail::cli
