/// \file
/// Tests the options of a reader.
#include <boost/test/unit_test.hpp>

#include "reader/trail_files.hpp"

namespace test::options_test {
namespace {

using namespace audit_trail;
using namespace audit_trail::test;

constexpr std::uint64_t megabyte = 1024 * 1024;

/// Ten lines of a megabyte each.
void write_large_trail(fs::path const& root) {
    trail_builder trail(root, 1024 * megabyte);
    for (std::uint64_t id = 1; id <= 10; ++id) {
        event large = make_event(id, "d", "c");
        large.payload.emplace().after = {{"text", std::string(megabyte, 'x')}};
        trail.add(large);
    }
}

struct progress_calls {
    std::vector<std::uint64_t> bytes;

    reader_options options() {
        reader_options given;
        given.on_progress = [this](read_report const& so_far) { bytes.push_back(so_far.bytes); };
        return given;
    }
};

void check_calls(progress_calls const& calls) {
    BOOST_TEST(calls.bytes.size() == 2u);
    for (std::size_t i = 0; i != calls.bytes.size(); ++i) BOOST_TEST(calls.bytes[i] >= (i + 1) * 4 * megabyte);
}

BOOST_AUTO_TEST_CASE(progress_is_reported_even_when_nothing_passes_the_filter) {
    temporary_directory const root;
    write_large_trail(root.path());
    event_filter filter;
    filter.model_names = {"nobody"};

    progress_calls calls;
    reader source(root.path(), filter, calls.options());
    BOOST_TEST(!source.next().has_value());
    check_calls(calls);

    progress_calls counting;
    BOOST_TEST(reader(root.path(), filter, counting.options()).count() == 0u);
    check_calls(counting);
}

BOOST_AUTO_TEST_CASE(a_short_read_reports_no_progress) {
    temporary_directory const root;
    trail_builder(root.path(), megabyte).add(make_event(1, "d", "c"));
    progress_calls calls;
    BOOST_TEST(reader(root.path(), {}, calls.options()).count() == 1u);
    BOOST_TEST(calls.bytes.empty());
}

BOOST_AUTO_TEST_CASE(without_payloads_everything_else_is_returned) {
    temporary_directory const root;
    trail_builder trail(root.path(), megabyte);
    event const first = make_event(2, "d", "c");
    trail.add(first);
    std::string broken = line_of(make_event(4, "d", "c"));
    broken.replace(broken.find("revision"), 8, "\"\"\"\"\"\"\"\"");
    append_bytes(root.path() / "d/c/audit-000001.jsonl", broken);

    reader_options options;
    options.with_payloads = false;
    reader source(root.path(), {}, options);
    auto const found = source.next();
    BOOST_REQUIRE(found.has_value());
    BOOST_TEST(found->event.event_id == first.event_id);
    BOOST_TEST(found->event.timestamp == first.timestamp);
    BOOST_TEST(found->event.model_name == first.model_name);
    BOOST_TEST(found->event.logical_user_id == first.logical_user_id);
    BOOST_TEST((found->event.request_id == first.request_id));
    BOOST_TEST(!found->event.payload.has_value());
    BOOST_TEST(found->line == "");
    BOOST_TEST(found->path == "d/c/audit-000001.jsonl");
    BOOST_TEST(source.next().value().event.event_id == 4u);
    BOOST_TEST(!source.next().has_value());
    BOOST_TEST(source.report().total == 0u);

    // With payloads the second line is damage.
    BOOST_TEST((read_ids(root.path()) == std::vector<std::uint64_t>{2}));
}

}  // namespace
}  // namespace test::options_test
