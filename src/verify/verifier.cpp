#include "verify/verifier.hpp"

#include <algorithm>
#include <audit_trail/reader.hpp>
#include <cerrno>
#include <limits>
#include <tuple>
#include <utility>

#include "format/decode.hpp"
#include "format/encode.hpp"
#include "reader/committed_watermark.hpp"
#include "reader/segment_cursor.hpp"
#include "storage/index_file.hpp"
#include "storage/layout.hpp"
#include "verify/recovery_records.hpp"
#include "verify/segment_inventory.hpp"

namespace audit_trail::reading {
namespace {

constexpr std::size_t max_gaps = 10'000;
constexpr std::size_t max_damage_known = 10'000;  // of each reason
constexpr std::size_t lock_bytes = 4096;

std::string text_of(id_range ids) {
    std::string const first = std::to_string(ids.first);
    return ids.first == ids.last ? "id " + first : "ids " + first + " to " + std::to_string(ids.last);
}

/// Describes `count` ids within `span`.
std::string text_of(std::uint64_t count, id_range span) {
    bool const is_all = count == span.last - span.first + 1;
    return (is_all ? "" : std::to_string(count) + " of the ") + text_of(span);
}

std::string_view directory_of(std::string_view path) {
    return path.substr(0, path.rfind('/'));
}

std::string_view name_in(std::string_view path) {
    return path.substr(path.rfind('/') + 1);
}

/// Returns the number of a segment; 0 for any other path.
std::uint64_t number_of(std::string_view path) {
    return storage::parse_segment_name(name_in(path)).value_or(0);
}

/// Returns true if the reader returns the event of the line in spite of this finding.
bool is_read_anyway(error_code const& reason) {
    return reason == error::carriage_return || reason == error::id_out_of_order;
}

bool is_loss(gap_cause cause) {
    return cause == gap_cause::unknown || cause == gap_cause::lost || cause == gap_cause::vanished;
}

/// Returns true for errors of this user or process. Files that cannot be read because of them may be undamaged.
bool may_hide_ids(error_code const& reason) {
    return storage::is_access_denied(reason) || storage::is_exhausted_resource(reason);
}

/// Returns true for damage that the verifier detects itself and reports in more detail.
bool is_detected_here(error_code const& reason) {
    return reason == error::id_out_of_order || reason == error::segment_missing || reason == error::index_invalid;
}

void sort_by_reason_and_place(std::vector<read_finding>& list) {
    auto const key = [](read_finding const& finding) {
        return std::tuple(finding.reason, std::string_view(finding.path), finding.offset);
    };
    std::ranges::sort(list, {}, key);
}

}  // namespace

verifier::verifier(storage::file_system& system, std::filesystem::path root, verify_options const& options)
    : system_(system),
      path_(std::move(root)),
      options_(options),
      findings_(options.max_findings),
      notes_(options.max_findings),
      missing_(options.max_findings),
      detector_(max_gaps, [this](id_gap const& gap) { on_gap(gap); }) {}

verify_report verifier::run(error_code& ec) {
    root_ = storage::owned_file(system_, system_.open_root(path_, ec));
    if (ec) return {};
    marks const before = read_marks();
    reader_options reading;
    reading.max_findings = max_damage_known;
    reading.max_line_bytes = options_.max_line_bytes;
    reading.on_progress = options_.on_progress;
    reader source(path_, {}, reading, ec);
    if (ec) return {};
    report_.limit = source.limit();

    recovery_records records = read_recovery_records(system_, root_.get(), findings_);
    note_unusable_logs(records);
    segment_inventory const inventory(system_, root_.get(), records, findings_, notes_);
    causes_.vanished_below = vanished_limit(records);
    causes_.accepted = std::move(records.accepted_ids);
    causes_.lost = std::move(records.lost_ids);
    causes_.unsynced = std::move(records.unsynced_ids);
    causes_.unused = std::move(records.unused_ids);
    unread_.merge(inventory.unread());
    if (before.index_failure) unread_.add(storage::index_name, 0, before.index_failure);
    if (before.lock_failure) unread_.add(storage::lock_name, 0, before.lock_failure);
    find_causes(inventory, before);
    check_events(source);
    check_unread_files();
    check_index(inventory, before);
    was_disturbed_ = is_disturbed(source, before);
    // If the lock cannot be read, the reader assumes a writer. The verifier does not.
    if (before.lock_failure || is_unread(storage::lock_name)) report_.limit.reset();
    return take_report(inventory, source.report());
}

/// Returns true if a writer opened the root, or segments were deleted, during the pass.
bool verifier::is_disturbed(reader const& source, marks const& before) {
    error_code const gone(ENOENT, boost::system::system_category());
    if (source.report().count_of(gone) + source.report().note_count_of(gone) != 0) return true;
    return !report_.limit && (source.limit() || before != read_marks());
}

std::uint64_t verifier::marks::synced_through() const {
    bool const is_evidence = lock && lock->synced_through <= storage::largest_mark;
    return is_evidence ? lock->synced_through : 0;
}

std::optional<std::uint64_t> verifier::marks::committed_through() const {
    if (!index && !lock) return std::nullopt;
    return std::max(index.value_or(0), synced_through());
}

verifier::marks verifier::read_marks() {
    marks found;
    found.index = read_committed_id(system_, root_.get(), found.index_failure);
    error_code& ec = found.lock_failure;
    storage::owned_file const lock(system_,
                                   system_.open_file(root_.get(), storage::lock_name, storage::open_mode::read, ec));
    if (!ec) found.lock = storage::parse_lock_record(storage::read_text(system_, lock.get(), lock_bytes, ec));
    return found;
}

void verifier::find_causes(segment_inventory const& inventory, marks const& found) {
    causes_.retention_below = retention_limit(inventory, found);
    if (!found.lock) return;
    causes_.other_writer_below = found.lock->began;
    bool const is_open_ended = found.lock->state != storage::end_state::clean && !report_.limit;
    if (is_open_ended && found.index) causes_.unfinished_above = *found.committed_through();
}

/// Returns an id: lower ids may have been in deleted leading segments. These had acknowledged ids, all below the first
/// remaining id of their category.
std::uint64_t verifier::retention_limit(segment_inventory const& inventory, marks const& found) {
    std::uint64_t limit = 0;
    for (auto const& place : inventory.shortened()) {
        event_filter filter;
        filter.domains = {place.domain};
        filter.categories = {place.name};
        error_code ec;
        reader source(path_, std::move(filter), reader_options(), ec);
        if (auto const first = source.next()) limit = std::max(limit, first->event.event_id);
        note_unread(source, ec);
    }
    auto const committed = found.committed_through();
    return committed ? std::min(limit, *committed + 1) : limit;
}

/// Returns an id: lower ids may have been in segments that vanished while a writer used them.
std::uint64_t verifier::vanished_limit(recovery_records const& records) {
    std::uint64_t limit = 0;
    for (auto const& [path, first_moved] : records.vanished_unaccepted) {
        limit = std::max(limit, first_moved != 0 ? first_moved : first_id_after(path));
    }
    return limit;
}

/// Returns the first id in the category's later segments. Without one, returns an id above all.
std::uint64_t verifier::first_id_after(std::string_view segment_path) {
    auto const number = number_of(segment_path);
    auto const category = directory_of(segment_path);
    event_filter filter;
    filter.domains = {std::string(directory_of(category))};
    filter.categories = {std::string(name_in(category))};
    error_code ec;
    reader source(path_, std::move(filter), reader_options(), ec);
    std::optional<entry> found = source.next();
    while (found && number_of(found->path) <= number) found = source.next();
    note_unread(source, ec);
    return found ? found->event.event_id : std::numeric_limits<std::uint64_t>::max();
}

/// Notes what a reader besides the main pass could not read. `ec` is the result of its construction.
void verifier::note_unread(reader const& source, error_code const& ec) {
    if (ec) unread_.add("", 0, ec);
    unread_.merge(source.report());
}

/// The ids that are lost with such a log are findings, if they are known.
void verifier::note_unusable_logs(recovery_records const& records) {
    auto const reason = make_error_code(error::unusable_log);
    for (auto const& [offset, record] : records.unusable_logs) {
        std::string text = "recorded by an earlier recovery: " + record.reason;
        if (!record.saved_as.empty()) text += "; the log was moved to " + record.saved_as;
        notes_.add({storage::recovery_log_name, offset, reason, std::move(text)});
    }
}

void verifier::check_events(reader& source) {
    entry found;
    while (source.next(found)) {
        // The reader found this damage before the event.
        take_damage(source.report());
        check(found);
    }
    take_damage(source.report());
    count_damage(source.report());
}

void verifier::check(entry& found) {
    std::uint64_t const id = found.event.event_id;
    ++report_.events;
    if (id > storage::largest_event_id) {
        auto const reason = make_error_code(error::id_too_high);
        findings_.add({found.path, found.offset, reason, reason.message() + ": " + std::to_string(id), id, id});
    } else {
        check_id(found);
    }
    check_payload(found);
}

void verifier::check_id(entry const& found) {
    std::uint64_t const id = found.event.event_id;
    if (report_.first_event_id == 0) report_.first_event_id = id;
    report_.first_event_id = std::min(report_.first_event_id, id);

    auto const turn = detector_.add(id, found.path, found.offset);
    bool const in_order = is_in_order(found);
    if (turn == id_turn::again) {
        auto const reason = make_error_code(error::duplicate_id);
        findings_.add({found.path, found.offset, reason, reason.message() + ": " + std::to_string(id), id, id});
    } else if (!in_order) {
        auto const reason = make_error_code(error::id_out_of_order);
        findings_.add({found.path, found.offset, reason, reason.message() + ": " + std::to_string(id), id, id});
    }
}

/// Returns true if the id is above the id of the previous line in its category.
bool verifier::is_in_order(entry const& found) {
    auto const category = directory_of(found.path);
    auto at = last_ids_.find(category);
    if (at == last_ids_.end()) at = last_ids_.emplace(category, 0).first;
    return std::exchange(at->second, found.event.event_id) < found.event.event_id;
}

void verifier::check_payload(entry& found) {
    std::uint64_t const id = found.event.event_id;
    auto const failure = format::decode_event(found.line, found.event);
    if (!failure) return check_canonical_text(found);
    findings_.add({found.path, found.offset, failure->code, failure->to_string(), id, id});
}

void verifier::check_canonical_text(entry const& found) {
    text_.clear();
    error_code const ec = format::encode_line(found.event, text_);
    auto const canonical = text_.view();
    bool const is_same = !ec && canonical.substr(0, canonical.size() - 1) == found.line;
    if (is_same) return;
    std::uint64_t const id = found.event.event_id;
    auto const reason = make_error_code(error::other_spelling);
    notes_.add({found.path, found.offset, reason, reason.message(), id, id});
}

void verifier::take_damage(read_report const& met) {
    for (; damage_taken_ < met.findings.size(); ++damage_taken_) {
        auto const& finding = met.findings[damage_taken_];
        bool const is_excuse = finding.first_id != 0 && !is_read_anyway(finding.reason);
        if (is_excuse) causes_.damaged.add({finding.first_id, finding.last_id});
        if (is_detected_here(finding.reason)) continue;
        findings_.add(finding);
    }
}

/// Counts the findings that the reader did not keep.
void verifier::count_damage(read_report const& met) {
    for (auto const& [reason, count] : met.counts) {
        if (count <= max_damage_known || is_detected_here(reason)) continue;
        findings_.count_more(reason, count - max_damage_known);
    }
    for (auto const& note : met.notes) notes_.add(note);
    for (auto const& [reason, count] : met.note_counts) {
        if (count > max_damage_known) notes_.count_more(reason, count - max_damage_known);
    }
}

/// A file that could not be read may contain any id, so no id can be reported as missing. The reader has usually
/// reported it. But if resources ran out, other files may have failed than in the reader's pass.
void verifier::check_unread_files() {
    for (auto const& failed : unread_.report().findings) {
        bool const is_reported = findings_.report().count_of(failed.reason) != 0;
        if (may_hide_ids(failed.reason) && !is_reported) findings_.add(failed);
    }
    auto const hides_ids = [](auto const& counted) { return may_hide_ids(counted.first); };
    has_unread_files_ = std::ranges::any_of(findings_.report().counts, hides_ids);
}

/// Returns true if a finding says that the file could not be read.
bool verifier::is_unread(std::string_view path) const {
    auto const names_it = [&](auto const& found) { return found.path == path && may_hide_ids(found.reason); };
    return std::ranges::any_of(findings_.report().findings, names_it);
}

void verifier::check_index(segment_inventory const& inventory, marks const& found) {
    std::uint64_t const last = detector_.last();
    std::uint64_t const synced = report_.limit ? 0 : found.synced_through();
    if (!found.index) {
        bool const is_empty = inventory.segments() == 0 && storage::is_errno(found.lock_failure, ENOENT);
        // A writer that is creating the trail has not written index.json yet.
        bool const is_needed = last != 0 || synced != 0 || (report_.limit && inventory.segments() != 0);
        if (is_empty && !has_unread_files_) findings_.add("", 0, error::no_trail);
        if (is_needed && !found.index_failure) add_index_finding(error::index_invalid, "");
        return check_end(synced, storage::lock_name);
    }
    if (report_.limit) return check_end(*report_.limit, storage::index_name);
    if (*found.index < last) {
        add_index_finding(error::index_behind, ": " + std::to_string(*found.index) + ", not " + std::to_string(last));
    }
    if (synced > *found.index) return check_end(synced, storage::lock_name);
    check_end(*found.index, storage::index_name);
}

/// All ids up to `last_committed`, which `source` names, must be in the trail.
void verifier::check_end(std::uint64_t last_committed, char const* source) {
    detector_.end();
    if (last_committed > detector_.last()) on_gap({{detector_.last() + 1, last_committed}, source, 0});
    add_missing_ids();
    note_excused();
}

void verifier::add_index_finding(error reason, std::string text) {
    auto const code = make_error_code(reason);
    findings_.add({storage::index_name, 0, code, code.message() + text});
}

void verifier::on_gap(id_gap const& gap) {
    causes_.split(gap.ids, [&](gap_cause cause, id_range ids) { on_missing(cause, ids, gap); });
}

void verifier::on_missing(gap_cause cause, id_range ids, id_gap const& gap) {
    if (cause == gap_cause::damaged_line) return;
    std::uint64_t const count = ids.last - ids.first + 1;
    if (!is_loss(cause)) {
        auto& excused = excused_[cause];
        if (excused.count == 0) excused.span = ids;
        excused.count += count;
        excused.span.last = ids.last;
        return;
    }
    report_.missing_ids += count;
    auto const reason = make_error_code(gap.path == storage::index_name ? error::index_ahead : error::ids_missing);
    std::string text = reason.message() + ": " + text_of(ids);
    if (cause == gap_cause::lost) text += std::string(", recorded as lost in ") + storage::recovery_log_name;
    if (cause == gap_cause::vanished) {
        text += std::string(", may have been in a segment that vanished under a writer, as ") +
                storage::recovery_log_name + " records";
    }
    if (gap.path == storage::lock_name) text += std::string(", synced according to ") + storage::lock_name;
    missing_.add({gap.path, gap.offset, reason, std::move(text), ids.first, ids.last});
}

void verifier::add_missing_ids() {
    if (has_unread_files_) {
        report_.missing_ids = 0;
        return;
    }
    findings_.merge(missing_.report());
}

void verifier::note_excused() {
    if (has_unread_files_) return;
    for (auto const& [cause, ids] : excused_) {
        std::string text = text_of(ids.count, ids.span) + ": " + excuse_of(cause);
        notes_.add({evidence_of(cause), 0, error::ids_missing, std::move(text), ids.span.first, ids.span.last});
    }
}

verify_report verifier::take_report(segment_inventory const& inventory, read_report const& met) {
    report_.last_event_id = detector_.last();
    report_.categories = inventory.categories();
    report_.segments = inventory.segments();
    report_.lines = met.lines;
    report_.bytes = met.bytes;
    report_.total_findings = findings_.report().total;
    report_.total_notes = notes_.report().total;
    report_.findings = std::move(findings_.report().findings);
    report_.notes = std::move(notes_.report().findings);
    report_.finding_counts = std::move(findings_.report().counts);
    report_.note_counts = std::move(notes_.report().counts);
    sort_by_reason_and_place(report_.findings);
    sort_by_reason_and_place(report_.notes);
    return std::move(report_);
}

}  // namespace audit_trail::reading
