/// \file
/// What `.recovery.jsonl` says of missing ids and segments.
#pragma once

#include <set>
#include <string>

#include "reader/damage_log.hpp"
#include "verify/id_ranges.hpp"
#include "system/file_system.hpp"

namespace audit_trail::reading {

struct recovery_records {
    id_ranges unused_ids;
    id_ranges unsynced_ids;  // of events that were only written when the power went
    id_ranges lost_ids;
    id_ranges accepted_ids;                   // of lost events, whose loss a user accepted
    std::set<std::string> vanished_segments;  // their paths
};

/// Takes in a bounded number of records. When the file can't be read, the log says so.
recovery_records read_recovery_records(storage::file_system& system, storage::file_handle root, damage_log& log);

}  // namespace audit_trail::reading
