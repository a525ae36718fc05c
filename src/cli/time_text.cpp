#include "cli/time_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>

#include "format/canonical_text.hpp"

namespace audit_trail::cli {
namespace {

namespace chrono = std::chrono;

/// The text that is left to be read.
class time_reader {
 public:
    explicit time_reader(std::string_view text) noexcept : rest_(text) {}

    bool at_end() const noexcept { return rest_.empty(); }

    bool take_one_of(std::string_view marks) noexcept {
        if (rest_.empty() || marks.find(rest_.front()) == marks.npos) return false;
        rest_.remove_prefix(1);
        return true;
    }

    /// That many digits, of a number up to `max`.
    bool take_digits(std::size_t count, int max, int& out) noexcept {
        std::string_view const digits = rest_.substr(0, count);
        if (digits.size() != count || !std::ranges::all_of(digits, format::is_digit)) return false;
        std::from_chars(digits.data(), digits.data() + count, out);
        rest_.remove_prefix(count);
        return out <= max;
    }

    void skip_digits() noexcept {
        while (!rest_.empty() && format::is_digit(rest_.front())) rest_.remove_prefix(1);
    }

    char peek() const noexcept { return rest_.empty() ? '\0' : rest_.front(); }

 private:
    std::string_view rest_;
};

bool take_date(time_reader& text, chrono::sys_days& day) {
    int y = 0;
    int m = 0;
    int d = 0;
    if (!text.take_digits(4, 9999, y)) return false;
    bool const has_marks = text.take_one_of("-");
    bool const is_date =
        text.take_digits(2, 12, m) && (!has_marks || text.take_one_of("-")) && text.take_digits(2, 31, d);
    chrono::year_month_day const date{chrono::year(y), chrono::month(static_cast<unsigned>(m)),
                                      chrono::day(static_cast<unsigned>(d))};
    day = chrono::sys_days(date);
    return is_date && date.ok();
}

bool take_time_of_day(time_reader& text, chrono::seconds& since_midnight) {
    int h = 0;
    int m = 0;
    int s = 0;
    if (!text.take_digits(2, 23, h) || !text.take_one_of(":") || !text.take_digits(2, 59, m)) return false;
    if (text.take_one_of(":")) {
        if (!text.take_digits(2, 59, s)) return false;
        if (text.take_one_of(".,")) {
            if (!format::is_digit(text.peek())) return false;
            text.skip_digits();
        }
    }
    since_midnight = chrono::hours(h) + chrono::minutes(m) + chrono::seconds(s);
    return true;
}

bool take_offset(time_reader& text, chrono::seconds& east_of_utc) {
    if (text.at_end() || text.take_one_of("Zz")) return true;
    bool const west = text.peek() == '-';
    int h = 0;
    int m = 0;
    if (!text.take_one_of("+-") || !text.take_digits(2, 23, h)) return false;
    bool const has_minutes = text.take_one_of(":") || !text.at_end();
    if (has_minutes && !text.take_digits(2, 59, m)) return false;
    east_of_utc = chrono::hours(h) + chrono::minutes(m);
    if (west) east_of_utc = -east_of_utc;
    return true;
}

/// As Unix seconds, such a number would be a time in 1970 to 1973.
bool may_be_date(std::string_view number) noexcept {
    bool const has_size_of_date = number.size() == 4 || number.size() == 6 || number.size() == 8;
    return has_size_of_date && std::ranges::all_of(number, format::is_digit);
}

std::optional<std::int64_t> parse_iso_time(std::string_view given) {
    time_reader text(given);
    chrono::sys_days day;
    chrono::seconds since_midnight{0};
    chrono::seconds east_of_utc{0};
    if (!take_date(text, day)) return std::nullopt;
    if (!text.at_end()) {
        bool const has_time = text.take_one_of("Tt ") && take_time_of_day(text, since_midnight);
        if (!has_time || !take_offset(text, east_of_utc) || !text.at_end()) return std::nullopt;
    }
    return (day.time_since_epoch() + since_midnight - east_of_utc).count();
}

}  // namespace

std::optional<std::int64_t> parse_time(std::string_view text) {
    bool const is_marked = text.starts_with('@');
    if (is_marked) text.remove_prefix(1);
    std::int64_t seconds = 0;
    auto const [end, failure] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    bool const is_number = failure == std::errc() && end == text.data() + text.size();
    if (is_marked || (is_number && !may_be_date(text))) return is_number ? std::optional(seconds) : std::nullopt;
    return parse_iso_time(text);
}

std::string utc_time(std::int64_t unix_seconds) {
    constexpr std::int64_t year_0 = -62'167'219'200;
    constexpr std::int64_t year_10000 = 253'402'300'800;
    if (unix_seconds < year_0 || unix_seconds >= year_10000) return '@' + std::to_string(unix_seconds);

    chrono::sys_seconds const time{chrono::seconds(unix_seconds)};
    auto const day = chrono::floor<chrono::days>(time);
    chrono::year_month_day const date(day);
    chrono::hh_mm_ss const clock(time - day);
    std::array<char, 80> text;
    int const length = std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02dZ", int(date.year()),
                                     unsigned(date.month()), unsigned(date.day()), int(clock.hours().count()),
                                     int(clock.minutes().count()), int(clock.seconds().count()));
    return {text.data(), static_cast<std::size_t>(length)};
}

}  // namespace audit_trail::cli
