#include "reader/commit_log_check.hpp"

#include <algorithm>
#include <vector>

#include "storage/layout.hpp"
#include "storage/log_replay.hpp"
#include "storage/recovery_log.hpp"
#include "system/file_operations.hpp"

namespace audit_trail::reading {
namespace {

/// Requires: the ids are ascending.
std::vector<storage::id_range> ranges_of(std::vector<std::uint64_t> const& ids) {
    std::vector<storage::id_range> ranges;
    for (auto const id : ids) {
        if (!ranges.empty() && ranges.back().last + 1 == id) {
            ranges.back().last = id;
        } else {
            ranges.push_back({id, id});
        }
    }
    return ranges;
}

bool has_writer(storage::file_system& system, storage::file_handle root) {
    error_code ec;
    storage::owned_file const lock(system, system.open_file(root, storage::lock_name, storage::open_mode::read, ec));
    return !ec && system.is_locked(lock.get(), ec);
}

}  // namespace

std::optional<std::uint64_t> check_commit_log(storage::file_system& system, storage::file_handle root,
                                              std::uint64_t generation, finding_log& log) {
    if (generation == 0) return std::nullopt;
    error_code ec;
    storage::log_replay replay(system, root, generation);
    replay.survey(ec);
    if (has_writer(system, root)) return std::nullopt;  // it has opened the root meanwhile, and restores the lines
    if (ec) return log.add(storage::commit_log_name, 0, ec), std::nullopt;
    std::optional<std::uint64_t> lowest;
    auto const missing = make_error_code(error::not_restored);
    for (auto const& [path, lines] : replay.restored()) {
        for (auto const ids : ranges_of(lines.ids)) {
            log.add({path, lines.begin, missing, missing.message(), ids.first, ids.last});
            lowest = std::min(lowest.value_or(ids.first), ids.first);
        }
    }
    auto const unusable = make_error_code(error::unusable_log);
    for (auto const& finding : replay.findings()) {
        if (finding.kind == recovery_finding::kind_type::restored_lines) continue;
        log.add({finding.path, finding.offset, unusable, finding.reason});
    }
    return lowest;
}

}  // namespace audit_trail::reading
