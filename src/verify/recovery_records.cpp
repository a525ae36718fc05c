#include "verify/recovery_records.hpp"

#include <algorithm>
#include <cerrno>

#include "reader/segment_cursor.hpp"
#include "storage/layout.hpp"
#include "storage/recovery_log.hpp"

namespace audit_trail::reading {
namespace {

using kind_type = recovery_finding::kind_type;

constexpr std::size_t max_records = 64 * 1024;  // of each kind
constexpr segment_cursor::settings reading_lines{64 * 1024, 64 * 1024};

id_ranges* ranges_of(kind_type kind, recovery_records& records) {
    switch (kind) {
        case kind_type::unused_ids:
            return &records.unused_ids;
        case kind_type::index_ahead:
            return &records.unsynced_ids;
        case kind_type::lost_ids:
            return &records.lost_ids;
        case kind_type::accepted_loss:
            return &records.accepted_ids;
        case kind_type::vanished_segment:  // its ids went to the next segment
        case kind_type::torn_tail:
        case kind_type::restored_lines:
        case kind_type::unrestored_lines:
        case kind_type::unusable_log:
            break;
    }
    return nullptr;
}

void take_vanished(recovery_finding const& record, recovery_records& records) {
    if (records.vanished_segments.size() < max_records) records.vanished_segments.insert(record.path);
    auto& unaccepted = records.vanished_unaccepted;
    if (unaccepted.size() >= max_records) unaccepted.emplace("", 0);
    if (unaccepted.size() > max_records) return;
    auto const [at, is_new] = unaccepted.emplace(record.path, record.first_id);
    if (is_new) return;
    bool const is_known = at->second != 0 && record.first_id != 0;
    at->second = is_known ? std::max(at->second, record.first_id) : 0;
}

void take(recovery_finding const& record, std::uint64_t offset, recovery_records& records) {
    bool const is_log = record.kind == kind_type::unusable_log;
    if (is_log && records.unusable_logs.size() < max_records) records.unusable_logs.emplace(offset, record);
    if (record.kind == kind_type::vanished_segment) take_vanished(record, records);
    // Lines of segments that had vanished were missing then, so their loss was accepted, too.
    if (record.kind == kind_type::accepted_loss) records.vanished_unaccepted.clear();
    auto* const ranges = ranges_of(record.kind, records);
    bool const names_ids = record.first_id != 0 && record.last_id >= record.first_id;
    if (ranges && names_ids && ranges->size() < max_records) ranges->add({record.first_id, record.last_id});
}

void add_damage(std::uint64_t offset, error_code reason, finding_log& log) {
    log.add({storage::recovery_log_name, offset, reason, reason.message() + ": not a record of a recovery"});
}

void take_line(std::string_view line, std::uint64_t offset, recovery_records& records, finding_log& log) {
    if (auto const record = storage::parse_finding(line)) return take(*record, offset, records);
    if (auto const reason = storage::check_record(line)) add_damage(offset, reason, log);
}

}  // namespace

recovery_records read_recovery_records(storage::file_system& system, storage::file_handle root, finding_log& log) {
    recovery_records records;
    cursor_budget budget(1, reading_lines.chunk_bytes);
    segment_cursor cursor(system, root, budget, reading_lines);
    error_code ec;
    cursor.open(storage::recovery_log_name, ec);
    if (storage::is_errno(ec, ENOENT)) return records;
    for (auto found = stretch::none; !ec && (found = cursor.next(ec)) != stretch::none;) {
        if (found == stretch::too_long) add_damage(cursor.offset(), error::line_too_long, log);
        if (found != stretch::line) continue;
        auto const line = cursor.line(ec);
        if (!ec) take_line(line, cursor.offset(), records, log);
    }
    if (ec) log.add(storage::recovery_log_name, 0, ec);
    return records;
}

}  // namespace audit_trail::reading
