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
    if (++count_of(finding.reason) <= max_findings_) report_.findings.push_back(std::move(finding));
}

void damage_log::add(std::string path, std::uint64_t offset, error_code reason) {
    add({std::move(path), offset, reason, reason.message()});
}

void damage_log::count_more(error_code const& reason, std::uint64_t times) {
    report_.total += times;
    count_of(reason) += times;
}

std::uint64_t& damage_log::count_of(error_code const& reason) {
    auto& counts = report_.counts;
    auto const is_it = [&](auto const& counted) { return counted.first == reason; };
    auto found = std::ranges::find_if(counts, is_it);
    if (found == counts.end()) found = counts.insert(counts.end(), {reason, 0});
    return found->second;
}

}  // namespace reading
}  // namespace audit_trail
