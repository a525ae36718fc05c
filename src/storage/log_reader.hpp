/// \file
/// Reads `.commit-log`: its header, and the records that were not cleared.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "storage/log_format.hpp"
#include "system/file_system.hpp"

namespace audit_trail::storage {

/// Returns the record that `next` names, and lets `next` name the record after it. Returns an empty string if there is no
/// such record, or if it is damaged.
std::string read_log_record(file_system& system, file_handle log, log_header& next, error_code& ec);

struct log_content {
    std::optional<log_header> header;  ///< nothing if it is damaged
    bool is_zeroed = false;            ///< the header has only NULs
    std::vector<std::string> records;  ///< valid records, in the order of their sequence numbers
    std::uint64_t end =
        first_log_position;  ///< the position after the last record that follows the header without a gap

    /// The position of damage: before it all records are valid, and after it there are more valid records.
    std::optional<std::uint64_t> damage;
};

/// Reads the header, and the records that follow it without a gap.
log_content read_commit_log(file_system& system, file_handle log, error_code& ec);

/// Searches the whole file for more valid records of this generation that were not cleared, and adds them to `found`.
///
/// If there are any, the log is damaged: a record is written only after the previous record is on stable storage, or
/// was withdrawn, and then it takes the same sequence number. If the header is damaged, it is unknown which records
/// were cleared, and all are added.
void find_later_records(file_system& system, file_handle log, std::uint64_t generation, log_content& found,
                        error_code& ec);

}  // namespace audit_trail::storage
