/// \file
/// Recovery tools: what opening a trail would repair, which losses are open, and the decision to accept them.
///
/// `writer::open` repairs a trail without these functions. They are for tools such as `audit-trail recover`.
///
/// All functions block on the disk, and may be called from any thread.
#pragma once

#include <audit_trail/detail/api.hpp>
#include <audit_trail/error.hpp>
#include <audit_trail/recovery_report.hpp>
#include <filesystem>
#include <string>
#include <vector>

namespace audit_trail {

/// Returns what `writer::open` would report now. Changes nothing on the disk and takes no lock: if a writer opens the
/// root meanwhile, the report may be wrong.
///
/// `recovery_report::obstacle` names the file that `writer::open` cannot use, for example because this process may not
/// write it. If only writing is impossible, the rest of the report is complete. If a file cannot be read, `ec` is set,
/// too.
///
/// Blocks on the disk. Errors: `error::locked` while a writer has the root; `error::not_a_trail`;
/// `error::openat2_unavailable`; system errors.
AUDIT_TRAIL_API recovery_report plan_recovery(std::filesystem::path const& root, error_code& ec);

/// Records in `.recovery.jsonl` that `user` accepts the loss of all events that `verify` reports as missing
/// (`error::ids_missing`, `error::index_ahead`). Later, `verify` reports their ids as notes. Call it after a recovery:
/// opening the root records the ids that a crash left unused, and these are not lost.
///
/// Returns the recorded findings, one for each range of ids. Empty if nothing is missing, or if `ec` is set. Blocks on
/// the disk.
///
/// Errors: `error::locked` while a writer has the root; `error::not_a_trail`; `error::openat2_unavailable`; system
/// errors. A file that cannot be read is an error, because it may contain the events.
AUDIT_TRAIL_API std::vector<recovery_finding> accept_loss(std::filesystem::path const& root, std::string const& user,
                                                          error_code& ec);

/// Returns the losses that an earlier recovery recorded in `.recovery.jsonl` (`lost_ids`) and that are still open: no
/// user accepted them, and the events are not back in the trail. One finding for each range of ids; its time is 0.
///
/// Reads the parts of the segments that may have these ids, and not the whole trail. `verify` also finds losses that no
/// recovery recorded. Blocks on the disk.
///
/// Errors: `error::not_a_trail`; `error::openat2_unavailable`; system errors.
AUDIT_TRAIL_API std::vector<recovery_finding> find_open_losses(std::filesystem::path const& root, error_code& ec);

}  // namespace audit_trail
