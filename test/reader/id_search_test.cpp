/// \file
/// Tests limits on ids in trails with ids that were changed by hand.
#include <algorithm>
#include <audit_trail/replay.hpp>
#include <boost/test/unit_test.hpp>

#include "reader/counted_reader.hpp"

namespace audit_trail::test::id_search_test {
namespace {

using boost::test_tools::per_element;

constexpr std::uint64_t event_count = 3000;

using id_changes = std::map<std::uint64_t, std::uint64_t>;

/// A category of 3,000 events in segments of about 60 lines, or of one line each. Some lines have ids that do not fit
/// their place.
class changed_category {
 public:
    explicit changed_category(id_changes changes, std::uint64_t max_segment_bytes = 16384,
                              std::uint64_t events = event_count)
        : changes_(std::move(changes)) {
        trail_builder builder(directory_.path(), max_segment_bytes);
        for (std::uint64_t id = 1; id <= events; ++id) {
            auto const changed = changes_.find(id);
            builder.add(make_event(changed == changes_.end() ? id : changed->second, "d", "c"));
        }
    }

    fs::path const& path() const { return directory_.path(); }

    /// Checks that every unchanged event of the range is returned, in any order. Returns the report.
    read_report check(std::uint64_t first, std::uint64_t last) const {
        event_filter filter;
        if (first != 1) filter.min_event_id = first;
        filter.max_event_id = last;
        reader source(path(), filter);
        auto found = ids_of(source);
        std::erase_if(found, [&](std::uint64_t id) { return is_changed(id); });
        std::ranges::sort(found);
        auto expected = range(first, last);
        std::erase_if(expected, [&](std::uint64_t id) { return is_changed(id); });
        BOOST_TEST(found == expected, per_element());
        return source.report();
    }

 private:
    /// The ids that a changed line lost or took.
    bool is_changed(std::uint64_t id) const {
        return changes_.contains(id) ||
               std::ranges::any_of(changes_, [&](auto const& change) { return change.second == id; });
    }

    id_changes const changes_;
    temporary_directory directory_;
};

/// The first ids of the segments.
std::vector<std::uint64_t> first_ids() {
    changed_category const trail(id_changes{});
    std::vector<std::uint64_t> firsts;
    reader source(trail.path());
    for (entry found; source.next(found);) {
        if (found.offset == 0) firsts.push_back(found.event.event_id);
    }
    return firsts;
}

/// Counts the reads that find the last event in a trail with lines of 100 KiB.
std::size_t reads_for_last_of_long_lines(std::uint64_t events) {
    temporary_directory directory;
    trail_builder builder(directory.path(), 1 << 30);
    for (std::uint64_t id = 1; id <= events; ++id) {
        event large = make_event(id, "d", "c");
        large.payload->after->emplace("text", std::string(100 * 1024, 'x'));
        builder.add(large);
    }
    counted_reader reading(directory.path());
    event_filter filter;
    filter.min_event_id = events;
    BOOST_TEST(reading.ids(filter) == range(events, events), per_element());
    return reading.files.count(call_kind::read_at);
}

}  // namespace

BOOST_AUTO_TEST_CASE(p15_a_range_does_not_end_at_an_id_that_was_changed_to_a_higher_one) {
    for (std::uint64_t const place : {2ull, 1000ull, 2400ull}) {
        changed_category const trail(id_changes{{place, 1'000'000}});
        auto const report = trail.check(1, 2500);
        BOOST_TEST(report.count_of(error::id_out_of_order) == 1u);
    }
}

BOOST_AUTO_TEST_CASE(p15_a_range_does_not_end_at_seven_neighbouring_ids_that_were_changed) {
    id_changes changes;
    for (std::uint64_t id = 1000; id < 1007; ++id) changes[id] = id + 1'000'000;
    BOOST_TEST(changed_category(changes).check(1, 2500).count_of(error::id_out_of_order) == 1u);
}

BOOST_AUTO_TEST_CASE(p15_a_range_begins_before_an_id_that_was_changed_to_any_other) {
    for (std::uint64_t const place : {1ull, 61ull, 1470ull, 1500ull, 1501ull, 2999ull}) {
        for (std::uint64_t const changed : {place / 2 + 1, place + 3, place + 1000, std::uint64_t{1'000'000}}) {
            if (changed == place) continue;
            changed_category const trail(id_changes{{place, changed}});
            BOOST_TEST_CONTEXT(place << " is " << changed) {
                for (std::uint64_t first = 1; first < event_count; first += 123) trail.check(first, event_count);
            }
        }
    }
}

/// Changes the first line of each segment in turn: the search reads these first.
BOOST_AUTO_TEST_CASE(p15_a_range_begins_before_every_first_line_that_was_changed) {
    auto const firsts = first_ids();
    BOOST_TEST_REQUIRE(firsts.size() > 30u);
    for (std::size_t i = 1; i < firsts.size(); i += 3) {
        changed_category const trail(id_changes{{firsts[i], firsts[i] - 40}});
        for (auto const around : {firsts[i] - 45, firsts[i] - 20, firsts[i] - 1, firsts[i] + 1}) {
            BOOST_TEST_CONTEXT("first line " << firsts[i] << ", from " << around) {
                trail.check(around, event_count);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(p15_a_changed_id_does_not_mislead_the_search_in_segments_of_one_line) {
    for (std::uint64_t const place : {8ull, 9ull, 16ull, 24ull}) {
        changed_category const trail(id_changes{{place, 3}}, 1, 32);
        for (std::uint64_t first = 1; first <= 32; ++first) {
            BOOST_TEST_CONTEXT(place << " from " << first) {
                trail.check(first, 32);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(p15_disorder_found_by_the_search_is_reported) {
    auto const firsts = first_ids();
    std::uint64_t const probed = firsts[firsts.size() / 2] + 1;
    auto const report = changed_category(id_changes{{probed, 5}}).check(2900, event_count);
    BOOST_TEST(report.count_of(error::id_out_of_order) == 1u);
    BOOST_TEST(report.lines == event_count);
}

BOOST_AUTO_TEST_CASE(p15_a_replay_is_not_cut_short_by_a_changed_id) {
    changed_category const trail(id_changes{{1000, 1'000'000}});
    event_filter filter;
    filter.max_event_id = 2500;
    reader source(trail.path(), filter);
    auto const result = replay(source);
    BOOST_TEST(result.last_event_id == 2500u);
    BOOST_TEST(result.applied_events == 2499u);
    BOOST_TEST(source.report().count_of(error::id_out_of_order) == 1u);
}

BOOST_AUTO_TEST_CASE(p15_a_search_by_id_reads_little) {
    changed_category const trail(id_changes{}, 1 << 20, 20000);
    counted_reader reading(trail.path());
    event_filter filter;
    filter.min_event_id = 19000;
    filter.max_event_id = 19010;
    BOOST_TEST(reading.ids(filter) == range(19000, 19010), per_element());
    BOOST_TEST(reading.files.count(call_kind::read_at) < 20u);
    BOOST_TEST(reading.report.lines < 500u);
}

BOOST_AUTO_TEST_CASE(p15_long_lines_are_searched_in_few_reads) {
    std::size_t const few = reads_for_last_of_long_lines(50);
    std::size_t const many = reads_for_last_of_long_lines(400);
    BOOST_TEST(many < few + 3 * 8);  // three more steps of the bisection
    BOOST_TEST(many < 60u);
}

}  // namespace audit_trail::test::id_search_test
