/// \file
/// What opening a trail would mend, and the decision that lost events stay lost.
///
/// `writer::open` recovers a trail by itself. These functions are for tools: `audit-trail recover` is made of them.
///
/// Both block on the disk. They may be called from any thread.
#pragma once

#include <audit_trail/error.hpp>
#include <audit_trail/recovery_report.hpp>
#include <filesystem>
#include <string>
#include <vector>

namespace audit_trail {

/// What `writer::open` would report now. Nothing on the disk changes, and no lock is taken: a writer that opens the root
/// meanwhile may make the report wrong.
///
/// Errors: `error::locked` while a writer has the root, `error::not_a_trail`, or the operating system's.
recovery_report plan_recovery(std::filesystem::path const& root, error_code& ec);

/// Records in `.recovery.jsonl` that `user` accepts the loss of all events that `verify` reports as missing
/// (`error::ids_missing`, `error::index_ahead`). From then on `verify` takes their ids as accounted for. Call it after a
/// recovery: opening the root records ids that a crash left unused, which are not lost.
///
/// Returns what was recorded, a finding for each range of ids; empty when nothing is missing, or when `ec` is set.
///
/// Errors: `error::locked` while a writer has the root; the operating system's, also when a file of the trail can't be
/// read, since that may hold the events.
std::vector<recovery_finding> accept_loss(std::filesystem::path const& root, std::string const& user, error_code& ec);

}  // namespace audit_trail
