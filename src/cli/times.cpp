#include "times.hpp"

#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <regex>

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

std::optional<std::int64_t> parse_iso_time(std::string const& text) {
    using namespace std::chrono;
    constexpr std::size_t longest = 256;  // std::regex needs stack for each character
    static std::regex const form(
        "([0-9]{4})(-?)([0-9]{2})\\2([0-9]{2})"
        "(?:[Tt ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:[.,][0-9]+)?)?"
        "(?:[Zz]|([+-])([0-9]{2})(?::?([0-9]{2}))?)?)?");
    std::smatch found;
    if (text.size() > longest || !std::regex_match(text, found, form)) return std::nullopt;
    auto const number = [&](std::size_t group) { return found[group].matched ? std::stoi(found[group]) : 0; };
    year_month_day const date(year(number(1)), month(unsigned(number(3))), day(unsigned(number(4))));
    bool const is_clock = number(5) < 24 && number(6) < 60 && number(7) < 60 && number(9) < 24 && number(10) < 60;
    if (!date.ok() || !is_clock) return std::nullopt;
    auto const local = sys_days(date) + hours(number(5)) + minutes(number(6)) + seconds(number(7));
    auto const offset = hours(number(9)) + minutes(number(10));
    return (found[8] == "-" ? local + offset : local - offset).time_since_epoch().count();
}

}  // namespace

std::optional<std::int64_t> parse_time(std::string const& text) {
    bool const is_marked = text.starts_with('@');
    char const* const end = text.data() + text.size();
    std::int64_t seconds = 0;
    auto const [parsed, failure] = std::from_chars(text.data() + is_marked, end, seconds);
    bool const is_number = failure == std::errc() && parsed == end;
    if (is_number && (is_marked || (!may_be_date(text) && has_year_of_four_digits(seconds)))) return seconds;
    return parse_iso_time(text);
}

std::string utc_time(std::int64_t unix_seconds) {
    if (!has_year_of_four_digits(unix_seconds)) return '@' + std::to_string(unix_seconds);
    std::time_t const time = unix_seconds;
    std::tm utc{};
    ::gmtime_r(&time, &utc);
    std::array<char, 80> text;
    int const length = std::snprintf(text.data(), text.size(), "%04d-%02d-%02dT%02d:%02d:%02dZ", utc.tm_year + 1900,
                                     utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec);
    return {text.data(), static_cast<std::size_t>(length)};
}

}  // namespace audit_trail::cli
