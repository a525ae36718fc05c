#include "reader/category_cursor.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "format/decode.hpp"
#include "reader/id_search.hpp"
#include "storage/index_file.hpp"
#include "storage/layout.hpp"

namespace audit_trail::reading {
namespace {

constexpr std::size_t id_within = 256;  // bytes
constexpr std::size_t lookahead_bytes = 16 * 1024;
constexpr int max_listings = 5;

/// So many lines in a row must have ids above a range before it ends: fewer than that may have been changed by hand.
constexpr std::size_t lines_behind_range = 8;

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

/// The first line, which is removed from the text; nothing when the text holds no whole line.
std::string_view take_line(std::string_view& text) {
    auto const newline = text.find('\n');
    if (newline == text.npos) return {};
    auto const line = text.substr(0, newline);
    text.remove_prefix(newline + 1);
    return line;
}

std::uint64_t count_between(std::vector<std::uint64_t> const& numbers, std::uint64_t first, std::uint64_t last) {
    auto const is_between = [&](std::uint64_t number) { return number >= first && number <= last; };
    return static_cast<std::uint64_t>(std::ranges::count_if(numbers, is_between));
}

/// The segments that are there now, seen while cursors of the scope have files open. Nothing when too few are left.
std::optional<std::vector<std::uint64_t>> list_again(read_scope& scope, category_place const& place) {
    for (;;) {
        damage_log known(0);
        auto numbers = list_segments(scope.system, scope.root, place, known);
        auto const shortage = known.take_shortage();
        if (!shortage) return numbers;
        if (!scope.budget.make_way(shortage)) return std::nullopt;
    }
}

}  // namespace

category_cursor::category_cursor(read_scope& scope, category_place place)
    : scope_(scope),
      place_(std::move(place)),
      segment_(scope.system, scope.root, scope.budget, scope.settings),
      unconfirmed_(scope.log.max_findings()) {}

bool category_cursor::next() {
    begin();
    while (!ended_) {
        if (!segment_.is_open() && !open_next_segment()) return end();
        error_code ec;
        stretch const found = segment_.next(ec);
        if (ec) report_unreadable(ec), settle();
        if (found == stretch::none) {
            segment_.close();
        } else if (look_at(found)) {
            return true;
        }
    }
    return false;
}

std::uint64_t category_cursor::count() {
    std::uint64_t counted = 0;
    while (next()) ++counted;
    return counted;
}

bool category_cursor::read(entry& into) {
    auto const text = line();
    if (!text) return false;
    header_.copy_to(into.event);
    into.line.assign(scope_.with_payloads ? *text : std::string_view());
    into.payload_offset = scope_.with_payloads ? header_.payload_offset() : 0;
    into.path.assign(segment_.path());
    into.offset = segment_.offset();
    return true;
}

std::optional<std::string_view> category_cursor::line() {
    error_code ec;
    auto const text = segment_.line(ec);
    if (!ec && segment_.loads() != loads_) scan_again(text, ec);
    if (!ec) return text;
    report_unreadable(ec);
    log_findings();
    return std::nullopt;
}

/// The line had to be loaded again, perhaps from a file that is another now.
void category_cursor::scan_again(std::string_view line, error_code& ec) {
    auto const failure = header_.scan(line.ends_with('\r') ? line.substr(0, line.size() - 1) : line);
    if (failure || header_.event_id != event_id_ || (scope_.with_payloads && header_.check_payload()))
        ec = {EIO, boost::system::system_category()};
    loads_ = segment_.loads();
}

void category_cursor::begin() {
    if (std::exchange(begun_, true)) return;
    list();
    if (scope_.filter.min_event_id() > 1) {
        auto const found = find_segment(scope_.system, scope_.root, place_, numbers_, scope_.filter.min_event_id());
        in_order_ = found.has_value();
        next_number_ = found.value_or(0);
    }
    if (next_number_ < numbers_.size()) settled_.number = numbers_[next_number_];
}

/// While segments come and go, a listing may show a later one without an earlier one: then another listing must agree.
void category_cursor::list() {
    numbers_ = list_segments(scope_.system, scope_.root, place_, scope_.log);
    damage_log known(0);
    for (int i = 1; i < max_listings && has_hole(numbers_); ++i) {
        auto const before = std::exchange(numbers_, list_segments(scope_.system, scope_.root, place_, known));
        if (numbers_ == before) return;
    }
}

/// A hole below the segment counts as long as a segment below the hole is there: retention deletes the lowest.
void category_cursor::check_for_hole(std::size_t index) {
    std::uint64_t const number = numbers_[index];
    if (index == 0 || number <= std::exchange(hole_checked_, std::max(hole_checked_, number))) return;
    std::uint64_t const before = numbers_[index - 1];
    if (number == before + 1) return;
    auto const there = list_again(scope_, place_);
    bool const is_hole =
        !there || (count_between(*there, 1, before) != 0 && count_between(*there, before + 1, number - 1) == 0);
    if (is_hole) report_missing_segments(before, number);
}

void category_cursor::report_missing_segments(std::uint64_t before, std::uint64_t number) {
    read_finding finding;
    finding.path = storage::segment_path(place_.domain, place_.name, number);
    finding.reason = error::segment_missing;
    finding.text = finding.reason.message() + ": " + std::to_string(before + 1) + " to " + std::to_string(number - 1);
    scope_.log.add(std::move(finding));
}

void category_cursor::look_again() {
    ended_ = false;
    rest_ = {};
    held_id_ = none_held;
    forget_findings();
    std::erase_if(numbers_, [this](auto number) { return number < settled_.number; });
    next_number_ = 0;
}

void category_cursor::add_segment(std::uint64_t number) {
    if (numbers_.empty()) {
        settled_.number = number;
    } else if (number > numbers_.back()) {
        if (number != numbers_.back() + 1) report_missing_segments(numbers_.back(), number);
        hole_checked_ = number;
    } else {
        return;
    }
    numbers_.push_back(number);
}

bool category_cursor::open_next_segment() {
    while (next_number_ < numbers_.size()) {
        check_for_hole(next_number_);
        number_ = numbers_[next_number_++];
        error_code ec;
        segment_.open(storage::segment_path(place_.domain, place_.name, number_), ec);
        if (!ec) break;
        // A follower tries again and again.
        if (number_ > std::exchange(failed_through_, std::max(failed_through_, number_))) {
            report_unreadable(ec);
            log_findings();
        }
        segment_.close();
    }
    if (!segment_.is_open() || !scope_.limit.look()) return false;
    if (number_ == settled_.number && settled_.offset != 0) {
        segment_.seek(settled_.offset);
    } else {
        seek_first_id();
    }
    return true;
}

void category_cursor::seek_first_id() {
    bool const is_ahead = scope_.filter.min_event_id() > last_id_ + 1;
    if (!in_order_ || !is_ahead) return;
    auto const offset = find_offset(scope_.system, scope_.root, segment_.path(), scope_.filter.min_event_id());
    in_order_ = offset.has_value();
    segment_.seek(offset.value_or(0));
}

bool category_cursor::look_at(stretch found) {
    rest_.bytes += segment_.next_offset() - segment_.offset();
    if (found == stretch::torn) {
        report_stretch(error::torn_line);
        if (!scope_.follows) settle();
        return false;
    }
    ++rest_.lines;
    if (found == stretch::too_long) report_stretch(error::line_too_long);
    bool const wanted = found == stretch::line && look_at_line();
    bool const is_confirmed = rest_.lines == 0;
    if (!is_confirmed) settle();
    return wanted;
}

bool category_cursor::look_at_line() {
    error_code ec;
    if (scope_.follows) static_cast<void>(segment_.following(lookahead_bytes, ec));
    auto const stored = segment_.line(ec);
    if (ec) return report(ec), false;
    auto const line = stored.ends_with('\r') ? without_carriage_return(stored) : stored;
    if (auto const failure = header_.scan(line)) return report_failure(*failure, line), false;
    if (!is_in_place()) return report(error::misplaced_line, header_.event_id), false;

    if (scope_.follows && is_implausible()) return false;
    if (!scope_.limit.allows(header_.event_id)) {
        held_id_ = std::min(held_id_, header_.event_id);
        return false;
    }
    if (is_beyond_range()) return false;
    bool const passes = scope_.filter.takes(header_);
    bool const wanted = passes && is_event(line);
    if (wanted == passes) note_order();
    confirm();
    return wanted;
}

/// An event that is followed ends all with lower ids. So an id must not be above the ids of the next lines, unless
/// these are lower than the ids before.
bool category_cursor::is_implausible() {
    error_code ignored;
    std::string_view rest = segment_.following(lookahead_bytes, ignored);
    auto const id = header_.event_id;
    auto const line = take_line(rest);
    auto const next = format::read_event_id(line);
    bool const contradicts = next && *next<id&& * next> last_id_ && belongs_here(line);
    bool const is_lone = contradicts && format::read_event_id(take_line(rest)).value_or(*next) < id;
    if (!is_lone && id <= storage::largest_event_id) return false;
    auto const reason = make_error_code(error::id_out_of_order);
    std::string const against = is_lone ? "before " + std::to_string(*next) : "above the highest id of writers";
    report(reason, reason.message() + ": " + std::to_string(id) + ' ' + against + "; the event is not given", id);
    return true;
}

/// A line that is in the wrong category says nothing about the ids of this one.
bool category_cursor::belongs_here(std::string_view line) const {
    format::line_header other;
    return !other.scan(line) && other.domain == place_.domain && other.category == place_.name;
}

/// Lines behind the range count until there are enough of them in a row to end it.
bool category_cursor::is_beyond_range() {
    if (header_.event_id <= scope_.filter.max_event_id()) return lines_beyond_ = 0, false;
    note_order();
    confirm();
    if (++lines_beyond_ >= lines_behind_range) end();
    return true;
}

bool category_cursor::is_in_place() {
    if (header_.place_number() == place_number_) return true;
    if (header_.domain != place_.domain || header_.category != place_.name) return false;
    place_number_ = header_.place_number();
    return true;
}

bool category_cursor::is_event(std::string_view line) {
    auto const failure = scope_.with_payloads ? header_.check_payload() : std::nullopt;
    if (failure) return report_failure(*failure, line), false;
    event_id_ = header_.event_id;
    loads_ = segment_.loads();
    return true;
}

std::string_view category_cursor::without_carriage_return(std::string_view line) {
    report(error::carriage_return);
    return line.substr(0, line.size() - 1);
}

void category_cursor::note_order() {
    auto const before = std::exchange(last_id_, header_.event_id);
    if (last_id_ > before) return;
    auto const reason = make_error_code(error::id_out_of_order);
    report(reason, reason.message() + ": " + std::to_string(last_id_) + " behind " + std::to_string(before), last_id_);
}

bool category_cursor::end() {
    ended_ = true;
    segment_.close();
    if (scope_.follows) return false;
    count_rest();
    numbers_ = {};
    forget_findings();
    return false;
}

void category_cursor::report(error_code reason, std::string text, std::uint64_t event_id) {
    unconfirmed_.add({segment_.path(), segment_.offset(), reason, std::move(text), event_id, event_id});
}

/// A segment that was deleted together with all before it is what retention leaves: no damage.
void category_cursor::report_unreadable(error_code const& ec) {
    if (!was_deleted_with_all_before(ec)) return report(ec);
    scope_.log.note({segment_.path(), 0, ec, "the segment was deleted while the trail was read"});
}

bool category_cursor::was_deleted_with_all_before(error_code const& ec) const {
    if (!storage::is_errno(ec, ENOENT)) return false;
    auto const left = list_again(scope_, place_);
    return left && count_between(*left, 1, number_) == 0;
}

/// What is no line may still begin like one.
void category_cursor::report_stretch(error_code reason) {
    error_code ignored;
    auto const beginning = segment_.beginning(id_within, ignored);
    report(reason, format::read_event_id(beginning).value_or(0));
}

void category_cursor::report_failure(format::decode_failure const& failure, std::string_view line) {
    if (line.find_first_not_of(" \t\r") == line.npos) return report(error::blank_line);
    bool const has_mark = line.starts_with(byte_order_mark);
    auto const event_id = format::read_event_id(has_mark ? line.substr(byte_order_mark.size()) : line).value_or(0);
    if (has_mark) return report(error::byte_order_mark, event_id);
    report(failure.code, failure.to_string(), event_id);
}

/// Without a writer, whatever was looked at is there to stay.
void category_cursor::settle() {
    if (!scope_.limit.id()) confirm();
}

void category_cursor::confirm() {
    settled_ = {number_, segment_.next_offset()};
    count_rest();
    held_id_ = none_held;
    if (unconfirmed_.report().total != 0) log_findings();
}

void category_cursor::log_findings() {
    scope_.log.take(std::move(unconfirmed_));
    forget_findings();
}

void category_cursor::forget_findings() {
    unconfirmed_ = damage_log(scope_.log.max_findings());
}

void category_cursor::count_rest() {
    auto& counts = scope_.log.report();
    counts.lines += rest_.lines;
    counts.bytes += rest_.bytes;
    rest_ = {};
    scope_.watch.note(counts);
}

}  // namespace audit_trail::reading
