/// \file
/// Tests text for people: times, sizes, names, values, their widths, tables and progress.
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <limits>
#include <optional>
#include <ostream>

#include "cli/terminal.hpp"
#include "cli/text.hpp"
#include "cli/text_table.hpp"
#include "cli/times.hpp"
#include "format/strings.hpp"

namespace test::text_test {
namespace {

using namespace audit_trail::cli;
using namespace std::chrono_literals;
namespace data = boost::unit_test::data;

struct good_time {
    std::string text;
    std::int64_t seconds;
};
std::ostream& operator<<(std::ostream& out, good_time const& time) {
    return out << time.text;
}

good_time const good_times[] = {
    {"0", 0},
    {"1700000000", 1700000000},
    {"-1", -1},
    {"20261124", 1795478400},
    {"20261124T10:00:00Z", 1795514400},
    {"@20261124", 20261124},
    {"@2026", 2026},
    {"@-1", -1},
    {"99999", 99999},
    {"123456789", 123456789},
    {"253402300799", 253402300799},
    {"-62167219200", -62167219200},
    {"@253402300800", 253402300800},
    {"@9223372036854775807", std::numeric_limits<std::int64_t>::max()},
    {"@-9223372036854775808", std::numeric_limits<std::int64_t>::min()},
    {"1970-01-01", 0},
    {"2026-11-24", 1795478400},
    {"2026-11-24T10:00:00Z", 1795514400},
    {"2026-11-24t10:00:00z", 1795514400},
    {"2026-11-24 10:00:00", 1795514400},
    {"2026-11-24T10:00", 1795514400},
    {"2026-11-24T10:00Z", 1795514400},
    {"2026-11-24T12:00:00+02:00", 1795514400},
    {"2026-11-24T12:00:00+0200", 1795514400},
    {"2026-11-24T12:00+02", 1795514400},
    {"2026-11-24T04:30:00-05:30", 1795514400},
    {"2026-11-25T00:00:00+14:00", 1795514400},
    {"2026-11-24T10:00:00.999999+00:00", 1795514400},
    {"2026-11-24T10:00:00,5", 1795514400},
    {"2024-02-29", 1709164800},
    {"1969-12-31T23:59:59Z", -1},
    {"0001-01-01", -62135596800},
    {"9999-12-31T23:59:59Z", 253402300799},
};

BOOST_DATA_TEST_CASE(times_are_unix_seconds_or_iso_8601, data::make(good_times), time) {
    BOOST_REQUIRE(parse_time(time.text).has_value());
    BOOST_TEST(*parse_time(time.text) == time.seconds);
}

char const* const bad_times[] = {"",
                                 "Now",
                                 "1h",
                                 "-h",
                                 "--1h",
                                 "-1h-1h",
                                 "-1h30",
                                 "-1y",
                                 "-1 h",
                                 "-99999999999999w",
                                 "-99999999999999999999s",
                                 "1.5",
                                 "+5",
                                 "17e8",
                                 " 0",
                                 "0 ",
                                 "1700000000000",
                                 "253402300800",
                                 "9223372036854775807",
                                 "9223372036854775808",
                                 "2023",
                                 "202311",
                                 "20231131",
                                 "99999999",
                                 "2026-1124",
                                 "@",
                                 "@2026-11-24",
                                 "2026-11",
                                 "2026-1-2",
                                 "26-11-24",
                                 "2026-13-01",
                                 "2026-00-01",
                                 "2026-11-31",
                                 "2023-02-29",
                                 "2026-11-24T",
                                 "2026-11-24T10",
                                 "2026-11-24T24:00:00Z",
                                 "2026-11-24T10:60Z",
                                 "2026-11-24T10:00:60Z",
                                 "2026-11-24T10:00:00.Z",
                                 "2026-11-24T10:00:00+",
                                 "2026-11-24T10:00:00+2",
                                 "2026-11-24T10:00:00+02:",
                                 "2026-11-24T10:00:00+02:60",
                                 "2026-11-24T10:00:00ZZ",
                                 "2026-11-24Z",
                                 "2026/11/24",
                                 "2026-11-24X10:00:00",
                                 "\xd9\xa1\xd9\xa2"};

BOOST_DATA_TEST_CASE(text_that_is_no_time_is_refused, data::make(bad_times), text) {
    BOOST_TEST(!parse_time(text).has_value());
}

constexpr std::int64_t tuesday_ten_o_clock = 1795514400;  // 2026-11-24T10:00:00Z

good_time const relative_times[] = {
    {"now", tuesday_ten_o_clock},
    {"today", 1795478400},
    {"yesterday", 1795392000},
    {"-0s", tuesday_ten_o_clock},
    {"-90s", tuesday_ten_o_clock - 90},
    {"-30m", tuesday_ten_o_clock - 1800},
    {"-1h", tuesday_ten_o_clock - 3600},
    {"-1d12h", tuesday_ten_o_clock - 36 * 3600},
    {"-2w", tuesday_ten_o_clock - 1209600},
    {"-1h30m", tuesday_ten_o_clock - 5400},
};

BOOST_DATA_TEST_CASE(times_may_be_relative, data::make(relative_times), time) {
    BOOST_TEST(parse_time(time.text, time_zone::utc, tuesday_ten_o_clock).value_or(-1) == time.seconds);
}

/// Central European time, without a database of time zones.
class central_europe {
 public:
    central_europe() { set("CET-1CEST,M3.5.0,M10.5.0/3"); }
    ~central_europe() { before_ ? set(before_->c_str()) : (::unsetenv("TZ"), ::tzset()); }

 private:
    static void set(char const* zone) { ::setenv("TZ", zone, 1), ::tzset(); }

    std::optional<std::string> const before_ =
        std::getenv("TZ") ? std::optional<std::string>(std::getenv("TZ")) : std::nullopt;
};

BOOST_AUTO_TEST_CASE(times_without_an_offset_may_be_local) {
    central_europe const here;
    auto const local = [](std::string const& text) {
        return parse_time(text, time_zone::local, tuesday_ten_o_clock).value_or(-1);
    };
    BOOST_TEST(local("2026-11-24T11:00") == tuesday_ten_o_clock);
    BOOST_TEST(local("2026-07-01T12:00:00") == parse_time("2026-07-01T10:00:00Z").value());
    BOOST_TEST(local("20261124") == tuesday_ten_o_clock - 11 * 3600);
    BOOST_TEST(local("today") == tuesday_ten_o_clock - 11 * 3600);
    BOOST_TEST(local("yesterday") == tuesday_ten_o_clock - 35 * 3600);
    BOOST_TEST(local("2026-11-24T10:00:00Z") == tuesday_ten_o_clock);
    BOOST_TEST(local("2026-11-24T10:00:00+00:00") == tuesday_ten_o_clock);
    BOOST_TEST(local("-1h") == tuesday_ten_o_clock - 3600);
    // The day on which the clock is put forward has 23 hours.
    std::int64_t const noon = parse_time("2026-03-29T10:00:00Z").value();
    BOOST_TEST(parse_time("today", time_zone::local, noon).value() == noon - 11 * 3600);
    BOOST_TEST(parse_time("yesterday", time_zone::local, noon).value() == noon - 35 * 3600);
}

BOOST_AUTO_TEST_CASE(a_repeated_hour_does_not_depend_on_other_conversions) {
    central_europe const here;
    std::int64_t const first = parse_time("2025-10-26T00:10:00Z").value();
    for (auto const* const before : {"2025-07-01", "2025-12-01"}) {
        auto const local = [&](repeated_time which) {
            parse_time(before, time_zone::local);
            return parse_time("2025-10-26T02:10", time_zone::local, 0, which).value();
        };
        BOOST_TEST(local(repeated_time::first) == first, before);
        BOOST_TEST(local(repeated_time::last) == first + 3600, before);
    }
}

BOOST_AUTO_TEST_CASE(local_times_are_shown_with_their_offset) {
    central_europe const here;
    BOOST_TEST(to_text(tuesday_ten_o_clock, time_zone::local) == "2026-11-24T11:00:00+01:00");
    BOOST_TEST(to_text(1782900000, time_zone::local) == "2026-07-01T12:00:00+02:00");
    BOOST_TEST(day_of(tuesday_ten_o_clock + 13 * 3600, time_zone::local) == "2026-11-25");
    BOOST_TEST(day_of(tuesday_ten_o_clock + 13 * 3600, time_zone::utc) == "2026-11-24");
    BOOST_TEST(to_text(253402300799, time_zone::local) == "@253402300799");
    ::setenv("TZ", "XXX3:30", 1);
    ::tzset();
    BOOST_TEST(to_text(0, time_zone::local) == "1969-12-31T20:30:00-03:30");
}

BOOST_AUTO_TEST_CASE(times_are_shown_in_utc) {
    auto const utc_time = [](std::int64_t seconds) { return to_text(seconds, time_zone::utc); };
    BOOST_TEST(utc_time(0) == "1970-01-01T00:00:00Z");
    BOOST_TEST(utc_time(-1) == "1969-12-31T23:59:59Z");
    BOOST_TEST(utc_time(1795514400) == "2026-11-24T10:00:00Z");
    BOOST_TEST(utc_time(-62167219200) == "0000-01-01T00:00:00Z");
    BOOST_TEST(utc_time(-62167219201) == "@-62167219201");
    BOOST_TEST(utc_time(253402300799) == "9999-12-31T23:59:59Z");
    BOOST_TEST(utc_time(253402300800) == "@253402300800");
    BOOST_TEST(utc_time(std::numeric_limits<std::int64_t>::min()) == "@-9223372036854775808");
}

BOOST_AUTO_TEST_CASE(sizes_have_units) {
    BOOST_TEST(byte_count(0) == "0 B");
    BOOST_TEST(byte_count(1023) == "1023 B");
    BOOST_TEST(byte_count(1024) == "1.0 KiB");
    BOOST_TEST(byte_count(5 * 1024 * 1024 + 300 * 1024) == "5.3 MiB");
    BOOST_TEST(byte_count(std::numeric_limits<std::uint64_t>::max()) == "16.0 EiB");
}

BOOST_AUTO_TEST_CASE(control_characters_are_shown_as_bytes) {
    BOOST_TEST(printable("caf\xc3\xa9 \xe2\x80\x9c\xf0\x9f\x97\xba") == "caf\xc3\xa9 \xe2\x80\x9c\xf0\x9f\x97\xba");
    BOOST_TEST(printable("\x1b[31m\t\n\x7f") == "\\x1b[31m\\x09\\x0a\\x7f");
    BOOST_TEST(printable(std::string_view("\0", 1)) == "\\x00");
    BOOST_TEST(printable("\xc2\x9b"
                         "31m") == "\\xc2\\x9b31m");
    BOOST_TEST(printable("\xff\xc3") == "\\xff\\xc3");
    // Neither the direction of text nor the end of a line may come from data.
    BOOST_TEST(printable("\xe2\x80\xae"
                         "abc\xe2\x81\xa6") == "\\xe2\\x80\\xaeabc\\xe2\\x81\\xa6");
    BOOST_TEST(printable("\xe2\x80\xa8") == "\\xe2\\x80\\xa8");
}

std::string utf8(char32_t character) {
    char bytes[4];
    return {bytes, audit_trail::format::put_utf8(character, bytes)};
}

unsigned const invisible_characters[] = {0x9f,    0xa0,    0xad,    0x34f,   0x61c,   0x115f,  0x1680, 0x17b4,  0x180b,
                                         0x180e,  0x2003,  0x200b,  0x200c,  0x200d,  0x200e,  0x200f, 0x2028,  0x202e,
                                         0x202f,  0x205f,  0x2060,  0x2066,  0x2069,  0x206f,  0x2800, 0x3000,  0x3164,
                                         0xe000,  0xfe00,  0xfe0f,  0xfeff,  0xffa0,  0xfff9,  0xffff, 0x1d173, 0xe0001,
                                         0xe0041, 0xe007f, 0xe0100, 0xe01ef, 0xf0000, 0x10ffff};

BOOST_DATA_TEST_CASE(invisible_characters_are_shown_as_escapes, data::make(invisible_characters), character) {
    std::string const name = "ad" + utf8(character) + "min";
    for (unsigned char const byte : printable(name) + readable_name(name) + readable_json('"' + name + '"')) {
        BOOST_TEST((byte >= 0x20 && byte < 0x7f));
    }
    BOOST_TEST(readable_name(name) != "admin");
    BOOST_TEST(readable_name(name) != readable_name(printable(name)));
    // A stored name has escapes instead of raw characters; both give the same text for people.
    BOOST_TEST(readable_json(readable_name(name)) == readable_name(name));
}

BOOST_AUTO_TEST_CASE(characters_past_16_bits_are_escaped_as_surrogates) {
    BOOST_TEST(readable_json("\"" + utf8(0xe0041) + "\"") == R"("\udb40\udc41")");
}

BOOST_AUTO_TEST_CASE(letters_of_all_scripts_are_shown) {
    for (auto const* text : {"Jürgen", "Ωμέγα", "Иван", "علي", "नमस्ते", "日本語", "한글", "🗺", "e\xcc\x81"}) {
        BOOST_TEST(printable(text) == text);
        BOOST_TEST(readable_name(text) == text);
    }
}

BOOST_AUTO_TEST_CASE(the_nearest_name_is_suggested) {
    std::vector<std::string> const names = {"query", "verify", "replay", "recover", "--model-name", "--user"};
    BOOST_TEST(suggestion("qurey", names) == "; did you mean 'query'?");
    BOOST_TEST(suggestion("verfiy", names) == "; did you mean 'verify'?");
    BOOST_TEST(suggestion("--uesr", names) == "; did you mean '--user'?");
    BOOST_TEST(suggestion("--model", names) == "; did you mean '--model-name'?");
    BOOST_TEST(suggestion("nonsense", names) == "");
    BOOST_TEST(suggestion("", names) == "");
    BOOST_TEST(suggestion(std::string(100'000, 'q'), names) == "");
}

BOOST_AUTO_TEST_CASE(json_is_shown_with_its_characters) {
    BOOST_TEST(readable_json(R"({"a":[1,-2.5e3,true,null]})") == R"({"a":[1,-2.5e3,true,null]})");
    BOOST_TEST(readable_json(R"("\u201cPakruojis\u201d \ud83d\uddfa")") == "\"“Pakruojis” 🗺\"");
    BOOST_TEST(readable_json(R"("\t\n\\\"\/\b")") == R"("\t\n\\\"\/\b")");
    BOOST_TEST(readable_json(R"("\u0041")") == R"("A")");
}

BOOST_AUTO_TEST_CASE(readable_json_is_valid_json_and_harmless) {
    BOOST_TEST(readable_json(R"("\u0022\u005c\u0000\u001b[m\u007f\u009b\u202e")") ==
               R"("\u0022\u005c\u0000\u001b[m\u007f\u009b\u202e")");
    BOOST_TEST(readable_json(R"("\ud83d \uddfa \ud83d\ud83d \udc00")") == R"("\ud83d \uddfa \ud83d\ud83d \udc00")");
    BOOST_TEST(readable_json("\"\x7f\xc2\x9b\xe2\x80\xae\"") == R"("\u007f\u009b\u202e")");
    // The text after an escaped backslash is no escape.
    BOOST_TEST(readable_json(R"("\\u0041")") == R"("\\u0041")");
    // Broken text is never read past its end.
    BOOST_TEST(readable_json("\\") == "\\");
    BOOST_TEST(readable_json("\\u00") == "\\u00");
    BOOST_TEST(readable_json("\\ud83d\\u") == "\\ud83d\\u");
}

BOOST_AUTO_TEST_CASE(ambiguous_names_are_quoted) {
    BOOST_TEST(readable_name("u-102") == "u-102");
    BOOST_TEST(readable_name("J\xc3\xbcrgen") == "J\xc3\xbcrgen");
    BOOST_TEST(readable_name("") == "\"\"");
    BOOST_TEST(readable_name("admin  delete  x") == "\"admin  delete  x\"");
    BOOST_TEST(readable_name("say \"hi\"") == R"("say \"hi\"")");
    BOOST_TEST(readable_name("\x1b[2J") == R"("\u001b[2J")");
    BOOST_TEST(readable_name("a\nb") == R"("a\nb")");
}

BOOST_AUTO_TEST_CASE(wide_characters_take_two_columns_and_marks_none) {
    BOOST_TEST(text_width("") == 0u);
    BOOST_TEST(text_width("abc") == 3u);
    BOOST_TEST(text_width("caf\xc3\xa9") == 4u);
    BOOST_TEST(text_width("日本語") == 6u);
    BOOST_TEST(text_width("e\xcc\x81") == 1u);
    BOOST_TEST(text_width("한글x") == 5u);
    BOOST_TEST(text_width("\xff") == 1u);
}

BOOST_AUTO_TEST_CASE(text_is_cut_to_the_width) {
    BOOST_TEST(cut_to_width("abcdef", 6) == "abcdef");
    BOOST_TEST(cut_to_width("abcdef", 5) == "abcd…");
    BOOST_TEST(cut_to_width("abcdef", 1) == "…");
    BOOST_TEST(cut_to_width("abcdef", 0) == "");
    BOOST_TEST(cut_to_width("日本語", 6) == "日本語");
    BOOST_TEST(cut_to_width("日本語", 5) == "日本…");
    BOOST_TEST(cut_to_width("日本語", 4) == "日…");
    BOOST_TEST(cut_to_width("日本語", 2) == "…");
    // A combining mark stays with its letter.
    BOOST_TEST(cut_to_width("ae\xcc\x81xy", 3) == "ae\xcc\x81…");
}

BOOST_AUTO_TEST_CASE(styles_need_colour) {
    BOOST_TEST(styled("x", text_style::red, false) == "x");
    BOOST_TEST(styled("x", text_style::plain, true) == "x");
    BOOST_TEST(styled("x", text_style::red, true) == "\x1b[31mx\x1b[0m");
}

std::vector<table_column> three_columns() {
    return {{.title = "N", .is_number = true}, {.title = "FIXED"}, {.title = "FREE", .can_shrink = true}};
}

std::string table_of(std::size_t width, std::vector<text_table::row> rows, bool has_colour = false) {
    std::string out;
    text_table table(three_columns(), width, has_colour);
    for (auto& row : rows) table.add(std::move(row), out);
    table.flush(out);
    return out;
}

BOOST_AUTO_TEST_CASE(a_table_is_as_wide_as_its_cells) {
    std::string const expected =
        "  N  FIXED  FREE\n"
        "  1  a      b\n"
        "123  日本   d\n";
    BOOST_TEST(table_of(80, {{{"1"}, {"a"}, {"b"}}, {{"123"}, {"日本"}, {"d"}}}) == expected);
}

BOOST_AUTO_TEST_CASE(a_table_without_rows_has_titles) {
    BOOST_TEST(table_of(80, {}) == "N  FIXED  FREE\n");
}

BOOST_AUTO_TEST_CASE(titles_are_printed_once) {
    std::string out;
    text_table table(three_columns(), 80, false);
    table.flush(out);
    table.flush(out);
    table.add({{"1"}, {"a"}, {"c"}}, out);
    BOOST_TEST(out == "N  FIXED  FREE\n1  a      c\n");
}

BOOST_AUTO_TEST_CASE(columns_grow_with_later_rows) {
    std::string out;
    text_table table(three_columns(), 40, false);
    table.flush(out);
    table.add({{"18446744073709551615"}, {"fixed text"}, {"a text that is long"}}, out);
    table.add({{"1"}, {"x"}, {"y"}}, out);
    BOOST_TEST(out ==
               "N  FIXED  FREE\n"
               "18446744073709551615  fixed text  a tex…\n"
               "                   1  x           y\n");
}

BOOST_AUTO_TEST_CASE(numbers_and_fixed_columns_are_never_cut) {
    std::vector<text_table::row> const rows = {{{"123456"}, {"2026-11"}, {"a text that is long"}}};
    BOOST_TEST(table_of(27, rows) == "     N  FIXED    FREE\n123456  2026-11  a text th…\n");
    BOOST_TEST(table_of(15, rows) == "     N  FIXED    …\n123456  2026-11  …\n");
}

BOOST_AUTO_TEST_CASE(nothing_is_cut_without_a_limit_of_the_width) {
    std::string const long_text(5000, 'x');
    std::vector<text_table::row> const rows = {{{"1"}, {"a"}, {long_text}}, {{"2"}, {"b"}, {"c"}}};
    BOOST_TEST(table_of(unlimited_width, rows) == "N  FIXED  FREE\n1  a      " + long_text + "\n2  b      c\n");

    // A very long cell shifts only the cells of its own row.
    std::string out;
    text_table table({{.title = "USER", .can_shrink = true}, {.title = "MODEL"}}, unlimited_width, false);
    table.add({{long_text}, {"m"}}, out);
    table.add({{"u"}, {"m"}}, out);
    table.flush(out);
    auto const last = out.substr(out.rfind('\n', out.size() - 2) + 1);
    BOOST_TEST(out.find(long_text + "  m\n") != std::string::npos);
    BOOST_TEST(last.size() < 100u);
}

BOOST_AUTO_TEST_CASE(only_fixed_columns_make_a_line_wider_than_the_display) {
    std::vector<text_table::row> const rows = {{{"18446744073709551615"}, {"日本語日本語"}, {std::string(5000, 'x')}},
                                               {{"1"}, {""}, {"e\xcc\x81"}}};
    constexpr std::size_t fixed = 20 + 2 + 12 + 2 + 1;
    for (std::size_t width = 0; width != 130; ++width) {
        std::string_view out;
        std::string const table = table_of(width, rows);
        for (out = table; !out.empty(); out.remove_prefix(out.find('\n') + 1)) {
            BOOST_TEST(text_width(out.substr(0, out.find('\n'))) <= std::max(width, fixed));
        }
    }
}

BOOST_AUTO_TEST_CASE(colour_takes_no_room) {
    BOOST_TEST(table_of(80, {{{"1"}, {"a", text_style::red}, {"b"}}}, true) ==
               "\x1b[1mN\x1b[0m  \x1b[1mFIXED\x1b[0m  \x1b[1mFREE\x1b[0m\n1  \x1b[31ma\x1b[0m      b\n");
}

BOOST_AUTO_TEST_CASE(only_long_reads_show_progress_and_not_too_often) {
    progress_clock::time_point const begin{};
    progress_clock clock(begin);
    audit_trail::read_report met;
    met.bytes = 8 * 1024 * 1024;
    met.lines = 12345;
    BOOST_TEST(!clock.update(met, begin).has_value());
    BOOST_TEST(!clock.update(met, begin + progress_clock::first_delay - 1ms).has_value());
    auto const first = begin + progress_clock::first_delay;
    BOOST_TEST(clock.update(met, first).value_or("") == "read 8.0 MiB, 12345 lines");
    BOOST_TEST(!clock.update(met, first + progress_clock::delay - 1ms).has_value());
    BOOST_TEST(clock.update(met, first + progress_clock::delay).has_value());
}

}  // namespace
}  // namespace test::text_test
