/// \file
/// Reads the records in `.recovery.jsonl` about missing ids and segments.
#pragma once

#include <audit_trail/recovery_report.hpp>
#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "reader/finding_log.hpp"
#include "system/file_system.hpp"
#include "verify/gap_detector.hpp"

namespace audit_trail::reading {

struct recovery_records {
    id_ranges unused_ids;
    id_ranges unsynced_ids;  // of events that were written but not synced before a power failure
    id_ranges lost_ids;
    id_ranges accepted_ids;                   // of lost events whose loss a user accepted
    std::set<std::string> vanished_segments;  // by path

    /// Commit logs that a recovery could not use, by the offset of their record. The ids of lines that are lost with such
    /// a log are not always known.
    std::map<std::uint64_t, recovery_finding> unusable_logs;

    /// The segments that vanished after the last accepted loss, by path, with the first id that went to the next
    /// segment; 0 if unknown. All ids in the vanished segment were lower. An empty path means that there were too many.
    std::map<std::string, std::uint64_t> vanished_unaccepted;
};

/// Keeps a bounded number of records. Reports to the log if the file cannot be read, and lines that are not records.
/// Ignores an incomplete line: a crash leaves it, and the next opening records the same again.
recovery_records read_recovery_records(storage::file_system& system, storage::file_handle root, finding_log& log);

}  // namespace audit_trail::reading
