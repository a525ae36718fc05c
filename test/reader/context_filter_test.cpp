// Checks the filter on values of the context.
#include <audit_trail/reader.hpp>
#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

#include "reader/trail_files.hpp"

namespace audit_trail::test::context_filter_test {
namespace {

struct trail_with_contexts {
    temporary_directory directory;

    trail_with_contexts() {
        trail_builder builder(directory.path(), 65536);
        for (auto const* const context :
             {"", R"({"action":"login","ip":"10.0.0.7"})", R"({"action":"login","ip":"10.0.0.8","admin":true})",
              R"({"action":"Export","rows":17,"client":{"name":"web"},"client.name":"cli"})", "{}"}) {
            event value = make_event(++last_id_, "d", "c");
            if (*context != 0) value.context = json::parse(context).as_object();
            builder.add(value);
        }
    }

    using ids = std::vector<std::uint64_t>;

    ids find(std::vector<context_value> wanted, text_match match = text_match::exact, bool ignore_case = false) const {
        event_filter filter;
        filter.contexts = std::move(wanted);
        filter.match = match;
        filter.ignore_case = ignore_case;
        auto found = read_ids(directory.path(), filter);
        reader counting(directory.path(), filter);
        BOOST_TEST(counting.count() == found.size());
        return found;
    }

 private:
    std::uint64_t last_id_ = 0;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(context_filter, trail_with_contexts)

BOOST_AUTO_TEST_CASE(p15_a_value_selects_the_events_that_have_it) {
    BOOST_TEST((find({{"ip", "10.0.0.7"}}) == ids{2}));
    BOOST_TEST((find({{"action", "login"}}) == ids{2, 3}));
    BOOST_TEST((find({{"action", "export"}}) == ids{}));
    BOOST_TEST((find({{"missing", ""}}) == ids{}));
}

BOOST_AUTO_TEST_CASE(p15_values_of_one_key_are_alternatives_and_all_keys_must_match) {
    BOOST_TEST((find({{"action", "login"}, {"action", "Export"}}) == ids{2, 3, 4}));
    BOOST_TEST((find({{"action", "login"}, {"ip", "10.0.0.8"}, {"action", "Export"}}) == ids{3}));
    BOOST_TEST((find({{"action", "Export"}, {"ip", "10.0.0.8"}}) == ids{}));
}

BOOST_AUTO_TEST_CASE(p15_values_that_are_not_strings_match_by_their_json_text) {
    BOOST_TEST((find({{"admin", "true"}}) == ids{3}));
    BOOST_TEST((find({{"rows", "17"}}) == ids{4}));
    BOOST_TEST((find({{"client", R"({"name":"web"})"}}) == ids{4}));
}

BOOST_AUTO_TEST_CASE(p15_a_path_names_a_nested_value) {
    BOOST_TEST((find({{"client.name", "cli"}}) == ids{4}));
    BOOST_TEST((find({{"client.name", "web"}}) == ids{}));
}

BOOST_AUTO_TEST_CASE(p15_patterns_and_case_apply_to_values) {
    BOOST_TEST((find({{"ip", "10.0.0.*"}}, text_match::glob) == ids{2, 3}));
    BOOST_TEST((find({{"ip", "10.0.0.*"}}) == ids{}));
    BOOST_TEST((find({{"action", "eXPORT"}}, text_match::exact, true) == ids{4}));
    BOOST_TEST((find({{"action", "e?port"}}, text_match::glob, true) == ids{4}));
}

BOOST_AUTO_TEST_CASE(p15_texts_are_searched_in_the_context_too) {
    event_filter filter;
    filter.texts = {"0.0.8"};
    BOOST_TEST((read_ids(directory.path(), filter) == ids{3}));
}

BOOST_AUTO_TEST_CASE(p15_an_event_passes_if_its_context_cannot_be_decoded) {
    event value = make_event(6, "d", "c");
    value.payload.reset();
    std::string line = line_of(value);
    line.replace(line.size() - 2, 2, ",\"context\":{\"ip\":123456789012345678901}}\n");
    append_bytes(directory.path() / "d/c/audit-000001.jsonl", line);
    BOOST_TEST((find({{"ip", "10.0.0.7"}}) == ids{2, 6}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace audit_trail::test::context_filter_test
