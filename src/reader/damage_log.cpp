#include "reader/damage_log.hpp"

#include <algorithm>
#include <utility>

#include "storage/file_operations.hpp"

namespace audit_trail {

std::uint64_t read_report::count_of(error_code const& reason) const noexcept {
    for (auto const& [counted, count] : counts) {
        if (counted == reason) return count;
    }
    return 0;
}

namespace reading {

void damage_log::add(read_finding finding) {
    ++report_.total;
    if (storage::is_exhausted_resource(finding.reason)) shortage_ = finding.reason;
    auto const reason = index_of(finding.reason);
    ++report_.counts[reason].second;
    if (kept_[reason] == max_findings_) return;
    ++kept_[reason];
    report_.findings.push_back(std::move(finding));
}

void damage_log::add(std::string path, std::uint64_t offset, error_code reason) {
    add({std::move(path), offset, reason, reason.message()});
}

void damage_log::drop_findings(std::size_t count) {
    auto const end = report_.findings.begin() + static_cast<std::ptrdiff_t>(count);
    for (auto at = report_.findings.begin(); at != end; ++at) --kept_[index_of(at->reason)];
    report_.findings.erase(report_.findings.begin(), end);
}

void damage_log::merge(read_report const& other) {
    for (auto const& finding : other.findings) add(finding);
    for (auto const& [reason, count] : other.counts) {
        auto const kept = std::ranges::count(other.findings, reason, &read_finding::reason);
        count_more(reason, count - static_cast<std::uint64_t>(kept));
    }
}

void damage_log::count_more(error_code const& reason, std::uint64_t times) {
    report_.total += times;
    report_.counts[index_of(reason)].second += times;
}

std::size_t damage_log::index_of(error_code const& reason) {
    auto& counts = report_.counts;
    auto const found = std::ranges::find(counts, reason, &std::pair<error_code, std::uint64_t>::first);
    auto const index = static_cast<std::size_t>(found - counts.begin());
    if (found == counts.end()) {
        counts.emplace_back(reason, 0);
        kept_.push_back(0);
    }
    return index;
}

}  // namespace reading
}  // namespace audit_trail
