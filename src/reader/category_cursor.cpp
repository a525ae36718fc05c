#include "reader/category_cursor.hpp"

#include <algorithm>
#include <cerrno>
#include <limits>
#include <utility>

#include "format/decode.hpp"
#include "reader/id_search.hpp"
#include "storage/index_file.hpp"
#include "storage/layout.hpp"

namespace audit_trail::reading {
namespace {

constexpr std::size_t id_within = 256;  // bytes
constexpr std::size_t lookahead_bytes = 16 * 1024;

/// The number of consecutive lines with ids above a range that end it. Fewer lines may have been changed by hand.
constexpr std::size_t lines_to_end_range = 8;

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

/// Removes the first line from the text and returns it. Returns an empty line if the text has no newline.
std::string_view take_line(std::string_view& text) {
    auto const newline = text.find('\n');
    if (newline == text.npos) return {};
    auto const line = text.substr(0, newline);
    text.remove_prefix(newline + 1);
    return line;
}

}  // namespace

category_cursor::category_cursor(read_scope& scope, category_place place)
    : scope_(scope),
      segments_(scope, std::move(place)),
      segment_(scope.system, scope.root, scope.budget, scope.settings),
      unconfirmed_(scope.log.max_findings()) {}

bool category_cursor::next() {
    begin();
    while (!ended_) {
        if (!segment_.is_open() && !open_next_segment()) return end();
        error_code ec;
        stretch const found = scope_.backwards ? segment_.previous(ec) : segment_.next(ec);
        if (ec) report_unreadable(ec), confirm_without_writer();
        if (found == stretch::none) {
            segment_.close();
        } else if (check_stretch(found)) {
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

/// Called after the line was loaded again: the file may have been changed or replaced meanwhile.
void category_cursor::scan_again(std::string_view line, error_code& ec) {
    auto const failure = header_.scan(line.ends_with('\r') ? line.substr(0, line.size() - 1) : line);
    if (failure || header_.event_id != event_id_ || (scope_.with_payloads && header_.check_payload()))
        ec = {EIO, boost::system::system_category()};
    loads_ = segment_.loads();
}

void category_cursor::begin() {
    if (std::exchange(begun_, true)) return;
    segments_.load();
    if (scope_.backwards) return begin_backwards();
    if (scope_.filter.min_event_id() > 1) in_order_ = segments_.skip_below(scope_.filter.min_event_id());
    confirmed_.number = segments_.peek();
}

/// Reading backwards begins where reading forwards would end, so that both find the same damage.
void category_cursor::begin_backwards() {
    auto const max_id = scope_.filter.max_event_id();
    if (max_id != std::numeric_limits<std::uint64_t>::max()) find_stop(max_id);
    segments_.seek_end();
}

void category_cursor::find_stop(std::uint64_t max_id) {
    event_filter beyond;
    beyond.min_event_id = max_id + 1;
    beyond.max_event_id = max_id;
    line_filter const none(beyond);
    finding_log reported_later(0);
    progress not_shown({});
    read_scope const& s = scope_;
    read_scope forwards{s.system, s.root, none, s.watermark, reported_later, s.budget, s.settings, not_shown, false};
    category_cursor search(forwards, segments_.place());
    search.next();
    if (search.lines_beyond_ < lines_to_end_range) return;
    stop_ = {search.confirmed_.number, search.confirmed_.offset};
    segments_.cut_after(stop_.number);
}

void category_cursor::rewind() {
    ended_ = false;
    rest_ = {};
    held_id_ = none_held;
    forget_findings();
    segments_.rewind(confirmed_.number);
}

void category_cursor::add_segment(std::uint64_t number) {
    if (segments_.add(number)) confirmed_.number = number;
}

bool category_cursor::open_next_segment() {
    while (std::uint64_t const number = scope_.backwards ? segments_.previous() : segments_.next()) {
        number_ = number;
        error_code ec;
        segment_.open(storage::segment_path(segments_.place().domain, segments_.place().name, number_), ec);
        if (!ec) break;
        // A follower repeats the attempt; one report is enough.
        if (number_ > std::exchange(failed_through_, std::max(failed_through_, number_))) {
            report_unreadable(ec);
            log_findings();
        }
        segment_.close();
    }
    if (!segment_.is_open()) return false;
    check_size();
    if (!scope_.watermark.check()) return false;
    if (scope_.backwards) {
        segment_.seek_before(number_ == stop_.number ? stop_.offset : segment_.end_offset());
    } else if (number_ == confirmed_.number && confirmed_.offset != 0) {
        segment_.seek(confirmed_.offset);
    } else {
        seek_first_id();
    }
    return true;
}

/// No writer cuts off confirmed lines. So if the segment is shorter, someone else truncated it, and new lines may stand
/// where the old ones stood.
void category_cursor::check_size() {
    auto const size = segment_.end_offset();
    if (number_ != confirmed_.number || size >= confirmed_.offset) return;
    auto const reason = make_error_code(error::ids_missing);
    scope_.log.add({segment_.path(), size, reason,
                    reason.message() + ": the segment became shorter: it has " + std::to_string(size) +
                        " bytes, and lines up to offset " + std::to_string(confirmed_.offset) +
                        " were read before; it is read again from its beginning"});
    confirmed_.offset = 0;
    read_before_ = std::max(read_before_, std::exchange(last_id_, 0));
}

void category_cursor::seek_first_id() {
    bool const is_ahead = scope_.filter.min_event_id() > last_id_ + 1;
    if (!in_order_ || !is_ahead) return;
    auto const offset = find_offset(scope_.system, scope_.root, segment_.path(), scope_.filter.min_event_id());
    in_order_ = offset.has_value();
    segment_.seek(offset.value_or(0));
}

bool category_cursor::check_stretch(stretch found) {
    if (scope_.backwards && !has_confirmed_) forget_findings();
    rest_.bytes += segment_.next_offset() - segment_.offset();
    if (found == stretch::torn) {
        report_stretch(error::torn_line);
        if (!scope_.follows) confirm_without_writer();
        return false;
    }
    ++rest_.lines;
    if (found == stretch::too_long) report_stretch(error::line_too_long);
    bool const wanted = found == stretch::line && check_line();
    bool const is_confirmed = rest_.lines == 0;
    if (!is_confirmed) confirm_without_writer();
    return wanted;
}

bool category_cursor::check_line() {
    error_code ec;
    if (scope_.follows) static_cast<void>(segment_.following(lookahead_bytes, ec));
    auto const stored = segment_.line(ec);
    if (ec) return report(ec), false;
    auto const line = stored.ends_with('\r') ? without_carriage_return(stored) : stored;
    if (auto const failure = header_.scan(line)) return report_failure(*failure, line), false;
    if (!is_in_place()) return report(error::misplaced_line, header_.event_id), false;

    if (scope_.follows && is_implausible()) return false;
    if (!scope_.watermark.allows(header_.event_id)) {
        held_id_ = std::min(held_id_, header_.event_id);
        return false;
    }
    if (is_beyond_range()) return false;
    bool const passes = scope_.filter.takes(header_);
    bool const is_damaged = passes && !is_event(line);
    if (!is_damaged) check_order();
    confirm();
    return passes && !is_damaged && scope_.filter.takes_content(header_, line);
}

/// A follower returns no id below an id that it has returned. So a line whose id is above the ids of the next lines
/// would hide these lines. Such a line is skipped, unless the next ids are also lower than the ids before the line.
bool category_cursor::is_implausible() {
    error_code ignored;
    std::string_view rest = segment_.following(lookahead_bytes, ignored);
    auto const id = header_.event_id;
    auto const line = take_line(rest);
    auto const next = format::read_event_id(line);
    bool const contradicts = next && id > *next && last_id_ < *next && belongs_here(line);
    bool const is_lone = contradicts && format::read_event_id(take_line(rest)).value_or(*next) < id;
    if (!is_lone && id <= storage::largest_event_id) return false;
    auto const reason = make_error_code(error::id_out_of_order);
    std::string const against = is_lone ? "before " + std::to_string(*next) : "above the highest id of writers";
    report(reason, reason.message() + ": " + std::to_string(id) + ' ' + against + "; the event is passed over", id);
    return true;
}

/// Returns true if the line has this category's domain and category: the id of a misplaced line proves nothing here.
bool category_cursor::belongs_here(std::string_view line) const {
    format::line_header other;
    return !other.scan(line) && other.domain == segments_.place().domain && other.category == segments_.place().name;
}

/// Ends the category only after enough consecutive lines beyond the range.
bool category_cursor::is_beyond_range() {
    bool const is_beyond = scope_.backwards ? header_.event_id < scope_.filter.min_event_id()
                                            : header_.event_id > scope_.filter.max_event_id();
    if (!is_beyond) return lines_beyond_ = 0, false;
    check_order();
    confirm();
    if (++lines_beyond_ >= lines_to_end_range) end();
    return true;
}

bool category_cursor::is_in_place() {
    if (header_.place_number() == place_number_) return true;
    if (header_.domain != segments_.place().domain || header_.category != segments_.place().name) return false;
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

void category_cursor::check_order() {
    if (scope_.backwards) return check_order_backwards();
    auto const before = std::exchange(last_id_, header_.event_id);
    if (last_id_ > before) return;
    auto const reason = make_error_code(error::id_out_of_order);
    report(reason, reason.message() + ": " + std::to_string(last_id_) + " after " + std::to_string(before), last_id_);
}

/// Reports the later of two lines, as reading forwards does.
void category_cursor::check_order_backwards() {
    auto const later = std::exchange(later_, {header_.event_id, number_, segment_.offset()});
    if (later.event_id == 0 || header_.event_id < later.event_id) return;
    auto const reason = make_error_code(error::id_out_of_order);
    unconfirmed_.add(
        {storage::segment_path(segments_.place().domain, segments_.place().name, later.number), later.offset, reason,
         reason.message() + ": " + std::to_string(later.event_id) + " after " + std::to_string(header_.event_id),
         later.event_id, later.event_id});
}

bool category_cursor::end() {
    ended_ = true;
    segment_.close();
    if (scope_.follows) return false;
    count_rest();
    if (scope_.backwards && has_confirmed_) log_findings();
    segments_.clear();
    forget_findings();
    return false;
}

void category_cursor::report(error_code reason, std::string text, std::uint64_t event_id) {
    unconfirmed_.add({segment_.path(), segment_.offset(), reason, std::move(text), event_id, event_id});
}

/// A segment that was deleted together with all earlier segments is not damage: retention does this.
void category_cursor::report_unreadable(error_code const& ec) {
    if (!storage::is_errno(ec, ENOENT) || !segments_.was_deleted_through(number_)) return report(ec);
    scope_.log.note({segment_.path(), 0, ec, "the segment was deleted while the trail was read"});
}

/// A stretch that is not a line may still begin with an id.
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

/// Without a writer, no line that was read can be cut back.
void category_cursor::confirm_without_writer() {
    if (!scope_.watermark.id()) confirm();
}

void category_cursor::confirm() {
    confirmed_ = {number_, segment_.next_offset()};
    has_confirmed_ = true;
    count_rest();
    held_id_ = none_held;
    if (unconfirmed_.report().total != 0) log_findings();
}

void category_cursor::log_findings() {
    scope_.log.take(std::move(unconfirmed_));
    forget_findings();
}

void category_cursor::forget_findings() {
    unconfirmed_ = finding_log(scope_.log.max_findings());
}

void category_cursor::count_rest() {
    auto& counts = scope_.log.report();
    counts.lines += rest_.lines;
    counts.bytes += rest_.bytes;
    rest_ = {};
    scope_.on_progress.note(counts);
}

}  // namespace audit_trail::reading
