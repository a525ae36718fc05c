#include "reader/segment_list.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "reader/category_cursor.hpp"
#include "reader/id_search.hpp"
#include "storage/layout.hpp"

namespace audit_trail::reading {
namespace {

constexpr int max_listings = 5;

std::uint64_t count_between(std::vector<std::uint64_t> const& numbers, std::uint64_t first, std::uint64_t last) {
    auto const is_between = [&](std::uint64_t number) { return number >= first && number <= last; };
    return static_cast<std::uint64_t>(std::ranges::count_if(numbers, is_between));
}

/// Lists the segments while cursors of the scope have files open: closes these files if descriptors run out. Returns
/// nothing if that does not help.
std::optional<std::vector<std::uint64_t>> list_now(read_scope const& scope, category_place const& place) {
    for (;;) {
        finding_log already_reported(0);
        auto numbers = list_segments(scope.system, scope.root, place, already_reported);
        auto const shortage = already_reported.take_shortage();
        if (!shortage) return numbers;
        if (!scope.budget.make_way(shortage)) return std::nullopt;
    }
}

}  // namespace

/// While segments are created and deleted, a listing may show a later segment without an earlier one. So a listing with
/// a hole is used only if a second listing is equal.
void segment_list::load() {
    numbers_ = list_segments(scope_.system, scope_.root, place_, scope_.log);
    finding_log already_reported(0);
    for (int i = 1; i < max_listings && has_hole(numbers_); ++i) {
        auto const before =
            std::exchange(numbers_, list_segments(scope_.system, scope_.root, place_, already_reported));
        if (numbers_ == before) return;
    }
}

bool segment_list::skip_below(std::uint64_t event_id) {
    auto const found = find_segment(scope_.system, scope_.root, place_, numbers_, event_id);
    next_ = found.value_or(0);
    return found.has_value();
}

std::uint64_t segment_list::next() {
    if (next_ == numbers_.size()) return 0;
    check_for_hole(next_);
    return numbers_[next_++];
}

void segment_list::cut_after(std::uint64_t number) {
    std::erase_if(numbers_, [=](auto listed) { return listed > number; });
}

std::uint64_t segment_list::previous() {
    if (next_ == 0) return 0;
    if (next_ != numbers_.size()) report_hole_before(next_);
    return numbers_[--next_];
}

void segment_list::rewind(std::uint64_t number) {
    std::erase_if(numbers_, [=](auto listed) { return listed < number; });
    next_ = 0;
}

bool segment_list::add(std::uint64_t number) {
    bool const is_first = numbers_.empty();
    if (!is_first && number <= numbers_.back()) return false;
    if (!is_first) {
        if (number != numbers_.back() + 1) report_missing(numbers_.back(), number);
        hole_checked_ = number;
    }
    numbers_.push_back(number);
    return is_first;
}

bool segment_list::was_deleted_through(std::uint64_t number) const {
    auto const left = list_now(scope_, place_);
    return left && count_between(*left, 1, number) == 0;
}

void segment_list::check_for_hole(std::size_t index) {
    std::uint64_t const number = numbers_[index];
    if (index == 0 || number <= std::exchange(hole_checked_, std::max(hole_checked_, number))) return;
    report_hole_before(index);
}

/// Retention deletes the lowest segments first. So missing numbers are a hole only while a segment below them exists.
void segment_list::report_hole_before(std::size_t index) {
    std::uint64_t const number = numbers_[index];
    std::uint64_t const before = numbers_[index - 1];
    if (number == before + 1) return;
    auto const left = list_now(scope_, place_);
    bool const is_hole =
        !left || (count_between(*left, 1, before) != 0 && count_between(*left, before + 1, number - 1) == 0);
    if (is_hole) report_missing(before, number);
}

void segment_list::report_missing(std::uint64_t before, std::uint64_t number) {
    read_finding finding;
    finding.path = storage::segment_path(place_.domain, place_.name, number);
    finding.reason = error::segment_missing;
    finding.text = finding.reason.message() + ": " + std::to_string(before + 1) + " to " + std::to_string(number - 1);
    scope_.log.add(std::move(finding));
}

}  // namespace audit_trail::reading
