/// \file
/// Tests patterns, and filters that use them.
#include <fnmatch.h>

#include <audit_trail/reader.hpp>
#include <boost/test/unit_test.hpp>
#include <random>
#include <string>

#include "format/glob.hpp"
#include "reader/trail_files.hpp"

namespace audit_trail::test::glob_test {
namespace {

using format::matches_glob;

BOOST_AUTO_TEST_CASE(patterns_match_whole_texts) {
    for (auto const& [pattern, text] :
         {std::pair{"", ""},    {"*", ""},         {"***", "abc"},        {"abc", "abc"},
          {"a*c", "ac"},        {"a*c", "abcbc"},  {"*a*b*", "xxaxxbxx"}, {"a?c", "abc"},
          {"[a-c]x", "bx"},     {"[!a-c]x", "dx"}, {"[^a-c]x", "dx"},     {"[]]", "]"},
          {"[!]]", "a"},        {"[a-]", "-"},     {"[a\\]b]", "]"},      {"\\*\\?\\[", "*?["},
          {"[abc", "[abc"},     {"a\\", "a\\"},    {"?", "\u00e9"},       {"[\u00e0-\u00ef]", "\u00e9"},
          {"*?", "\U0001f5fa"}, {"?", "\xff"}}) {
        BOOST_TEST(matches_glob(pattern, text, false), pattern << " and " << text);
    }
    for (auto const& [pattern, text] : {std::pair{"", "a"},
                                        {"a", ""},
                                        {"?", ""},
                                        {"?", "ab"},
                                        {"a*c", "abcb"},
                                        {"a*b*c", "acb"},
                                        {"[a-c]", "d"},
                                        {"[!a-c]", "b"},
                                        {"[c-a]", "b"},
                                        {"a", "A"},
                                        {"??", "\u00e9"},
                                        {"\\*", "a"}}) {
        BOOST_TEST(!matches_glob(pattern, text, false), pattern << " and " << text);
    }
}

BOOST_AUTO_TEST_CASE(case_is_ignored_in_ascii_letters_only) {
    BOOST_TEST(matches_glob("aB?[x-z]*", "Abc\x59q", true));
    BOOST_TEST(matches_glob("[A-Z]", "q", true));
    BOOST_TEST(!matches_glob("[!A-Z]", "q", true));
    BOOST_TEST(!matches_glob("\u00e9", "\u00c9", true));
    BOOST_TEST(!matches_glob("@", "`", true));
    BOOST_TEST(format::equals_ignoring_case("Abc", "aBC"));
    BOOST_TEST(!format::equals_ignoring_case("Abc", "ab"));
    BOOST_TEST(format::contains_ignoring_case("xAbcx", "BC"));
    BOOST_TEST(!format::contains_ignoring_case("xab", "bc"));
}

BOOST_AUTO_TEST_CASE(patterns_match_like_the_c_library) {
    std::mt19937 random(1);
    auto const word = [&](std::string_view letters, std::size_t most) {
        std::string made;
        for (auto size = random() % (most + 1); size != 0; --size) made += letters[random() % letters.size()];
        return made;
    };
    for (int i = 0; i != 20'000; ++i) {
        std::string const pattern = word("ab*?[]!-\\", 8);
        std::string const text = word("ab-]", 6);
        if (!is_valid_glob(pattern)) continue;
        bool const expected = ::fnmatch(pattern.c_str(), text.c_str(), 0) == 0;
        BOOST_TEST(matches_glob(pattern, text, false) == expected, pattern << " and " << text);
    }
}

BOOST_AUTO_TEST_CASE(many_stars_take_no_more_than_quadratic_time) {
    std::string pattern;
    for (int i = 0; i != 100; ++i) pattern += "*a";
    BOOST_TEST(!matches_glob(pattern + "b", std::string(2000, 'a'), false));
}

BOOST_AUTO_TEST_CASE(patterns_without_an_end_are_not_valid) {
    for (auto const* valid : {"", "*", "a[b]", "[]]", "[!]]", "\\[", "a]", "[[]"})
        BOOST_TEST(is_valid_glob(valid), valid);
    for (auto const* invalid : {"[", "a[b", "[]", "[!]", "\\", "[a\\]", "a\\"}) {
        BOOST_TEST(!is_valid_glob(invalid), invalid);
    }
}

/// Twenty events: models model-0 to model-6, users u-0 to u-4, every second with a request r-N.
struct small_trail {
    temporary_directory directory;

    small_trail() {
        trail_builder builder(directory.path(), 1000);
        for (std::uint64_t id = 1; id <= 20; ++id) builder.add(make_event(id, "d", id % 2 == 0 ? "even" : "odd"));
    }
    std::vector<std::uint64_t> ids(event_filter const& filter) const { return read_ids(directory.path(), filter); }
};

BOOST_AUTO_TEST_CASE(a_filter_with_patterns_selects_matching_events) {
    small_trail const trail;
    event_filter filter;
    filter.match = text_match::glob;
    filter.categories = {"ev*", "x"};
    BOOST_TEST(trail.ids(filter).size() == 10u);
    filter.model_names = {"*-[12]"};
    BOOST_TEST(trail.ids(filter) == (std::vector<std::uint64_t>{2, 8, 16}), boost::test_tools::per_element());
    filter = {};
    filter.match = text_match::glob;
    filter.request_ids = {"*"};
    BOOST_TEST(trail.ids(filter).size() == 10u);
    filter.request_ids = {"R-?"};
    BOOST_TEST(trail.ids(filter).empty());
    filter.ignore_case = true;
    BOOST_TEST(trail.ids(filter).size() == 9u);  // all but r-10
    filter.match = text_match::exact;
    filter.request_ids = {"R-4"};
    filter.domains = {"D"};
    BOOST_TEST(trail.ids(filter) == (std::vector<std::uint64_t>{4}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_pattern_is_a_plain_text_without_glob) {
    small_trail const trail;
    event_filter filter;
    filter.logical_user_ids = {"u-*", "u-1"};
    BOOST_TEST(trail.ids(filter) == (std::vector<std::uint64_t>{1, 6, 11, 16}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_filter_with_texts_selects_events_that_contain_them) {
    temporary_directory directory;
    trail_builder builder(directory.path(), 1000);
    for (std::uint64_t id = 1; id <= 6; ++id) {
        event made = make_event(id, "d", "c");
        if (id == 2) made.payload->after = {{"name", "J\u00fcrgen \"x\""}};
        if (id == 3) made.logical_user_id = "J\u00fcrgen";
        if (id == 4) made.payload.reset();
        builder.add(made);
    }
    auto const ids = [&](std::vector<std::string> texts, bool ignore_case = false) {
        event_filter filter;
        filter.texts = std::move(texts);
        filter.ignore_case = ignore_case;
        return read_ids(directory.path(), filter);
    };
    using list = std::vector<std::uint64_t>;
    BOOST_TEST((ids({"\u00fcrg"}) == list{2, 3}));
    BOOST_TEST((ids({"\"x\""}) == list{2}));
    BOOST_TEST((ids({"revision", "model-2"}) == list{1, 2, 3, 5, 6}));
    BOOST_TEST((ids({"REVISION"}).empty()));
    BOOST_TEST((ids({"REVISION"}, true) == list{1, 3, 5, 6}));
    BOOST_TEST((ids({"event_id"}).empty()));
    BOOST_TEST((ids({"}}}"}).empty()));  // the last brace is the end of the line
}

}  // namespace
}  // namespace audit_trail::test::glob_test
