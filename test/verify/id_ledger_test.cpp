#include "verify/id_ledger.hpp"

#include <boost/test/unit_test.hpp>
#include <limits>
#include <random>
#include <set>
#include <vector>

#include "verify/gap_cause.hpp"

namespace audit_trail::reading {

std::ostream& operator<<(std::ostream& out, id_range const& range) {
    return out << range.first << '-' << range.last;
}

namespace {

using boost::test_tools::per_element;

constexpr std::uint64_t highest = std::numeric_limits<std::uint64_t>::max();

std::vector<id_range> list(id_ranges const& ranges) {
    std::vector<id_range> all;
    for (std::uint64_t id = 0;;) {
        auto const next = ranges.at_or_behind(id);
        if (!next) return all;
        all.push_back(*next);
        if (next->last == highest) return all;
        id = next->last + 1;
    }
}

/// The ids as ranges, none touching another.
std::vector<id_range> ranges_of(std::set<std::uint64_t> const& ids) {
    std::vector<id_range> ranges;
    for (auto const id : ids) {
        if (ranges.empty() || ranges.back().last + 1 != id) ranges.push_back({id, id});
        ranges.back().last = id;
    }
    return ranges;
}

struct book {
    std::vector<id_gap> gaps;
    id_ledger ledger;

    explicit book(std::size_t max_gaps = 1000) : ledger(max_gaps, [this](id_gap const& gap) { gaps.push_back(gap); }) {}

    id_turn take(std::uint64_t id) { return ledger.take(id, "file" + std::to_string(id), id * 10); }
    std::vector<id_range> end() {
        ledger.end();
        std::vector<id_range> ids;
        for (auto const& gap : gaps) ids.push_back(gap.ids);
        return ids;
    }
};

BOOST_AUTO_TEST_CASE(ranges_are_what_was_added) {
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

BOOST_AUTO_TEST_CASE(p02_ids_without_a_gap_leave_none) {
    book kept;
    for (std::uint64_t id = 1; id != 1000; ++id) BOOST_TEST((kept.take(id) == id_turn::next));
    BOOST_TEST(kept.ledger.last() == 999u);
    BOOST_TEST(kept.end().empty());
}

BOOST_AUTO_TEST_CASE(p02_a_gap_is_told_with_the_line_behind_it) {
    book kept;
    for (std::uint64_t const id : {3u, 4u, 9u}) kept.take(id);
    BOOST_TEST(kept.end() == (std::vector<id_range>{{1, 2}, {5, 8}}), per_element());
    BOOST_TEST(kept.gaps[1].path == "file9");
    BOOST_TEST(kept.gaps[1].offset == 90u);
}

BOOST_AUTO_TEST_CASE(p02_the_highest_ids_of_all) {
    book kept;
    BOOST_TEST((kept.take(highest) == id_turn::next));
    BOOST_TEST((kept.take(highest - 1) == id_turn::late));
    BOOST_TEST((kept.take(highest) == id_turn::again));
    BOOST_TEST(kept.end() == (std::vector<id_range>{{1, highest - 2}}), per_element());
}

/// In any order, against a set of all that came.
BOOST_AUTO_TEST_CASE(p02_late_and_repeated_ids_in_any_order) {
    std::mt19937 random(11);
    for (int round = 0; round != 500; ++round) {
        book kept;
        std::set<std::uint64_t> seen;
        for (int i = 0; i != 40; ++i) {
            std::uint64_t const id = 1 + random() % 50;
            auto const expected = seen.contains(id)                      ? id_turn::again
                                  : !seen.empty() && id < *seen.rbegin() ? id_turn::late
                                                                         : id_turn::next;
            BOOST_TEST((kept.take(id) == expected));
            seen.insert(id);
        }
        std::set<std::uint64_t> missing;
        for (std::uint64_t id = 1; id < *seen.rbegin(); ++id) {
            if (!seen.contains(id)) missing.insert(id);
        }
        std::set<std::uint64_t> told;
        for (auto const& range : kept.end()) {
            for (auto id = range.first; id <= range.last; ++id) told.insert(id);
        }
        BOOST_TEST(told == missing, per_element());
    }
}

BOOST_AUTO_TEST_CASE(the_lowest_gaps_are_given_away_when_there_are_too_many) {
    book kept(3);
    for (std::uint64_t id = 2; id <= 20; id += 2) kept.take(id);
    BOOST_TEST(kept.gaps.size() == 7u);
    BOOST_TEST((kept.take(5) == id_turn::late));
    BOOST_TEST((kept.take(17) == id_turn::late));
    BOOST_TEST((kept.take(18) == id_turn::again));
    BOOST_TEST(kept.end().size() == 9u);
}

BOOST_AUTO_TEST_CASE(missing_ids_are_split_by_cause) {
    gap_causes causes;
    causes.damaged.add({4, 5});
    causes.unused.add({5, 8});
    causes.lost.add({13, 15});
    causes.accepted.add({15, 15});
    causes.unsynced.add({40, 41});
    causes.retention_below = 12;
    causes.other_writer_below = 20;
    causes.unfinished_above = 30;

    std::vector<std::pair<gap_cause, id_range>> parts;
    causes.split({3, highest}, [&](gap_cause cause, id_range ids) { parts.emplace_back(cause, ids); });
    std::vector<std::pair<gap_cause, id_range>> const expected = {
        {gap_cause::retention, {3, 3}},        {gap_cause::damaged_line, {4, 4}}, {gap_cause::damaged_line, {5, 5}},
        {gap_cause::unused, {6, 8}},           {gap_cause::retention, {9, 11}},   {gap_cause::other_writer, {12, 12}},
        {gap_cause::lost, {13, 14}},           {gap_cause::accepted, {15, 15}},   {gap_cause::other_writer, {16, 19}},
        {gap_cause::unknown, {20, 30}},        {gap_cause::unfinished, {31, 39}}, {gap_cause::unsynced, {40, 41}},
        {gap_cause::unfinished, {42, highest}}};
    BOOST_TEST((parts == expected));
}

BOOST_AUTO_TEST_CASE(without_a_reason_ids_are_simply_missing) {
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
}  // namespace audit_trail::reading
