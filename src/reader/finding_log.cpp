#include "reader/finding_log.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

#include "storage/layout.hpp"
#include "system/file_operations.hpp"

namespace audit_trail {
namespace {

using reason_counts = std::vector<std::pair<error_code, std::uint64_t>>;

auto find(auto& counts, error_code const& reason) {
    return std::ranges::find_if(counts, [&](auto const& counted) { return counted.first == reason; });
}

std::uint64_t count_in(reason_counts const& counts, error_code const& reason) {
    auto const found = find(counts, reason);
    return found == counts.end() ? 0 : found->second;
}

}  // namespace

bool read_finding::has_offset() const noexcept {
    error const of_files[] = {error::segment_missing, error::not_a_trail, error::loose_mode};
    if (reason.category() != error_category() || std::ranges::find(of_files, reason) != std::end(of_files))
        return false;
    // A note about the ids of records is about the whole file.
    if (path == storage::recovery_log_name) return reason != error::ids_missing;
    return storage::parse_segment_name(std::string_view(path).substr(path.rfind('/') + 1)).has_value();
}

std::uint64_t read_report::count_of(error_code const& reason) const noexcept {
    return count_in(counts, reason);
}

std::uint64_t read_report::note_count_of(error_code const& reason) const noexcept {
    return count_in(note_counts, reason);
}

namespace reading {

void finding_log::add(read_finding finding) {
    ++report_.total;
    if (storage::is_exhausted_resource(finding.reason)) shortage_ = finding.reason;
    auto const reason = index_of(finding.reason);
    ++report_.counts[reason].second;
    if (kept_[reason] == max_findings_) return;
    ++kept_[reason];
    report_.findings.push_back(std::move(finding));
}

void finding_log::add(std::string path, std::uint64_t offset, error_code reason) {
    add({std::move(path), offset, reason, reason.message()});
}

void finding_log::note(read_finding finding) {
    if (count_notes(finding.reason, 1) <= max_findings_) report_.notes.push_back(std::move(finding));
}

std::uint64_t finding_log::count_notes(error_code const& reason, std::uint64_t times) {
    auto& counts = report_.note_counts;
    auto counted = find(counts, reason);
    if (counted == counts.end()) counted = counts.insert(counts.end(), {reason, 0});
    report_.total_notes += times;
    return counted->second += times;
}

void finding_log::take(finding_log&& other) {
    for (auto& finding : other.report_.findings) add(std::move(finding));
    for (auto& noted : other.report_.notes) note(std::move(noted));
    for (auto const& [reason, count] : other.report_.note_counts) {
        if (count > other.max_findings_) count_notes(reason, count - other.max_findings_);
    }
    for (std::size_t i = 0; i != other.kept_.size(); ++i) {
        auto const& [reason, count] = other.report_.counts[i];
        if (count > other.kept_[i]) count_more(reason, count - other.kept_[i]);
    }
}

void finding_log::drop_findings(std::size_t count) {
    auto const end = report_.findings.begin() + static_cast<std::ptrdiff_t>(count);
    for (auto at = report_.findings.begin(); at != end; ++at) --kept_[index_of(at->reason)];
    report_.findings.erase(report_.findings.begin(), end);
}

void finding_log::merge(read_report const& other) {
    for (auto const& finding : other.findings) add(finding);
    for (auto const& [reason, count] : other.counts) {
        auto const kept = std::ranges::count(other.findings, reason, &read_finding::reason);
        count_more(reason, count - static_cast<std::uint64_t>(kept));
    }
}

void finding_log::count_more(error_code const& reason, std::uint64_t times) {
    report_.total += times;
    report_.counts[index_of(reason)].second += times;
}

std::size_t finding_log::index_of(error_code const& reason) {
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
