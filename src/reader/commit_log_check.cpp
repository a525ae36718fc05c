#include "reader/commit_log_check.hpp"

#include <algorithm>
#include <string>

#include "storage/layout.hpp"
#include "storage/log_replay.hpp"
#include "system/file_operations.hpp"

namespace audit_trail::reading {
namespace {

std::string text_of(storage::log_replay::restored_segment const& lines) {
    auto const text = make_error_code(error::not_restored).message() + " (";
    std::string const first = std::to_string(lines.ids.front());
    if (lines.ids.size() == 1) return text + "id " + first + ')';
    return text + std::to_string(lines.ids.size()) + " lines, ids " + first + " to " +
           std::to_string(lines.ids.back()) + ')';
}

bool has_writer(storage::file_system& system, storage::file_handle root) {
    error_code ec;
    storage::owned_file const lock(system, system.open_file(root, storage::lock_name, storage::open_mode::read, ec));
    return !ec && system.is_locked(lock.get(), ec);
}

}  // namespace

std::optional<std::uint64_t> check_commit_log(storage::file_system& system, storage::file_handle root,
                                              std::optional<storage::lock_record> const& last_end, finding_log& log) {
    if (last_end && last_end->log_generation == 0) return std::nullopt;
    error_code ec;
    storage::log_replay replay(system, root, last_end);
    replay.survey(ec);
    if (has_writer(system, root)) return std::nullopt;  // it has opened the root meanwhile, and restores the lines
    if (ec) return log.add(replay.failed_path(), 0, ec), std::nullopt;
    std::optional<std::uint64_t> lowest;
    for (auto const& [path, lines] : replay.restored()) {
        if (lines.ids.empty()) continue;
        auto const first = lines.ids.front();
        log.add({path, lines.begin, error::not_restored, text_of(lines), first, lines.ids.back()});
        lowest = std::min(lowest.value_or(first), first);
    }
    auto const unusable = make_error_code(error::unusable_log);
    for (auto const& finding : replay.findings()) {
        if (finding.kind == recovery_finding::kind_type::restored_lines) continue;
        log.add({finding.path, finding.offset, unusable, finding.reason});
    }
    return lowest;
}

}  // namespace audit_trail::reading
