#include "verify/gap_detector.hpp"

#include <boost/test/unit_test.hpp>
#include <limits>
#include <random>
#include <set>
#include <vector>

namespace audit_trail::reading {

std::ostream& operator<<(std::ostream& out, id_range const& range) {
    return out << range.first << '-' << range.last;
}

}  // namespace audit_trail::reading

namespace audit_trail::reading::gap_detector_test {
namespace {

using boost::test_tools::per_element;

constexpr std::uint64_t highest = std::numeric_limits<std::uint64_t>::max();

std::vector<id_range> list(id_ranges const& ranges) {
    std::vector<id_range> all;
    for (std::uint64_t id = 0;;) {
        auto const next = ranges.range_from(id);
        if (!next) return all;
        all.push_back(*next);
        if (next->last == highest) return all;
        id = next->last + 1;
    }
}

/// The ids as ranges that do not touch each other.
std::vector<id_range> ranges_of(std::set<std::uint64_t> const& ids) {
    std::vector<id_range> ranges;
    for (auto const id : ids) {
        if (ranges.empty() || ranges.back().last + 1 != id) ranges.push_back({id, id});
        ranges.back().last = id;
    }
    return ranges;
}

struct detector_fixture {
    std::vector<id_gap> gaps;
    gap_detector detector;

    explicit detector_fixture(std::size_t max_gaps = 1000)
        : detector(max_gaps, [this](id_gap const& gap) { gaps.push_back(gap); }) {}

    id_turn add(std::uint64_t id) { return detector.add(id, "file" + std::to_string(id), id * 10); }
    std::vector<id_range> end() {
        detector.end();
        std::vector<id_range> ids;
        for (auto const& gap : gaps) ids.push_back(gap.ids);
        return ids;
    }
};

BOOST_AUTO_TEST_CASE(ranges_hold_exactly_what_was_added) {
    std::mt19937 random(7);
    for (int round = 0; round != 500; ++round) {
        id_ranges ranges;
        std::set<std::uint64_t> ids;
        for (int i = 0; i != 8; ++i) {
            std::uint64_t const first = 1 + random() % 60;
            std::uint64_t const last = first + random() % 8;
            ranges.add({first, last});
            for (auto id = first; id <= last; ++id) ids.insert(id);
        }
        BOOST_TEST(list(ranges) == ranges_of(ids), per_element());
    }
}

BOOST_AUTO_TEST_CASE(ranges_reach_to_the_highest_id) {
    id_ranges ranges;
    ranges.add({highest, highest});
    ranges.add({1, 1});
    ranges.add({5, highest - 1});
    BOOST_TEST(list(ranges) == (std::vector<id_range>{{1, 1}, {5, highest}}), per_element());
}

BOOST_AUTO_TEST_CASE(p02_consecutive_ids_have_no_gap) {
    detector_fixture ids;
    for (std::uint64_t id = 1; id != 1000; ++id) BOOST_TEST((ids.add(id) == id_turn::next));
    BOOST_TEST(ids.detector.last() == 999u);
    BOOST_TEST(ids.end().empty());
}

BOOST_AUTO_TEST_CASE(p02_a_gap_is_reported_with_the_first_line_after_it) {
    detector_fixture ids;
    for (std::uint64_t const id : {3u, 4u, 9u}) ids.add(id);
    BOOST_TEST(ids.end() == (std::vector<id_range>{{1, 2}, {5, 8}}), per_element());
    BOOST_TEST(ids.gaps[1].path == "file9");
    BOOST_TEST(ids.gaps[1].offset == 90u);
}

BOOST_AUTO_TEST_CASE(p02_the_highest_possible_ids_are_handled) {
    detector_fixture ids;
    BOOST_TEST((ids.add(highest) == id_turn::next));
    BOOST_TEST((ids.add(highest - 1) == id_turn::late));
    BOOST_TEST((ids.add(highest) == id_turn::again));
    BOOST_TEST(ids.end() == (std::vector<id_range>{{1, highest - 2}}), per_element());
}

/// Compares the detector with a set of all ids.
BOOST_AUTO_TEST_CASE(p02_late_and_repeated_ids_are_recognised_in_any_order) {
    std::mt19937 random(11);
    for (int round = 0; round != 500; ++round) {
        detector_fixture ids;
        std::set<std::uint64_t> seen;
        for (int i = 0; i != 40; ++i) {
            std::uint64_t const id = 1 + random() % 50;
            auto const expected = seen.contains(id)                      ? id_turn::again
                                  : !seen.empty() && id < *seen.rbegin() ? id_turn::late
                                                                         : id_turn::next;
            BOOST_TEST((ids.add(id) == expected));
            seen.insert(id);
        }
        std::set<std::uint64_t> missing;
        for (std::uint64_t id = 1; id < *seen.rbegin(); ++id) {
            if (!seen.contains(id)) missing.insert(id);
        }
        std::set<std::uint64_t> reported;
        for (auto const& range : ids.end()) {
            for (auto id = range.first; id <= range.last; ++id) reported.insert(id);
        }
        BOOST_TEST(reported == missing, per_element());
    }
}

BOOST_AUTO_TEST_CASE(the_lowest_gaps_are_reported_early_when_there_are_too_many) {
    detector_fixture ids(3);
    for (std::uint64_t id = 2; id <= 20; id += 2) ids.add(id);
    BOOST_TEST(ids.gaps.size() == 7u);
    BOOST_TEST((ids.add(5) == id_turn::late));
    BOOST_TEST((ids.add(17) == id_turn::late));
    BOOST_TEST((ids.add(18) == id_turn::again));
    BOOST_TEST(ids.end().size() == 9u);
}

BOOST_AUTO_TEST_CASE(ids_of_one_set_that_are_not_in_another) {
    id_ranges ids;
    ids.add({2, 9});
    ids.add({12, 12});
    ids.add({20, highest});
    id_ranges other;
    BOOST_TEST(ids.without(other) == (std::vector<id_range>{{2, 9}, {12, 12}, {20, highest}}), per_element());
    for (id_range const& range : {id_range{1, 3}, id_range{5, 5}, id_range{9, 12}, id_range{30, highest}})
        other.add(range);
    BOOST_TEST(ids.without(other) == (std::vector<id_range>{{4, 4}, {6, 8}, {20, 29}}), per_element());
    BOOST_TEST(ids.without(ids).empty());
}

BOOST_AUTO_TEST_CASE(missing_ids_are_split_by_cause) {
    gap_causes causes;
    causes.damaged.add({4, 5});
    causes.unused.add({5, 8});
    causes.lost.add({13, 15});
    causes.accepted.add({15, 15});
    causes.unsynced.add({40, 41});
    causes.vanished_below = 11;
    causes.retention_below = 12;
    causes.other_writer_below = 20;
    causes.unfinished_above = 30;

    std::vector<std::pair<gap_cause, id_range>> parts;
    causes.split({3, highest}, [&](gap_cause cause, id_range ids) { parts.emplace_back(cause, ids); });
    std::vector<std::pair<gap_cause, id_range>> const expected = {
        {gap_cause::vanished, {3, 3}},       {gap_cause::damaged_line, {4, 4}},     {gap_cause::damaged_line, {5, 5}},
        {gap_cause::unused, {6, 8}},         {gap_cause::vanished, {9, 10}},        {gap_cause::retention, {11, 11}},
        {gap_cause::other_writer, {12, 12}}, {gap_cause::lost, {13, 14}},           {gap_cause::accepted, {15, 15}},
        {gap_cause::other_writer, {16, 19}}, {gap_cause::unknown, {20, 30}},        {gap_cause::unfinished, {31, 39}},
        {gap_cause::unsynced, {40, 41}},     {gap_cause::unfinished, {42, highest}}};
    BOOST_TEST((parts == expected));
}

BOOST_AUTO_TEST_CASE(without_evidence_the_cause_is_unknown) {
    gap_causes const causes;
    int calls = 0;
    causes.split({1, highest}, [&](gap_cause cause, id_range ids) {
        ++calls;
        BOOST_TEST((cause == gap_cause::unknown));
        BOOST_TEST(ids == (id_range{1, highest}));
    });
    BOOST_TEST(calls == 1);
}

}  // namespace
}  // namespace audit_trail::reading::gap_detector_test
