/// \file
/// Keeps a read_report: counts every finding and note, and holds the first of each reason.
#pragma once

#include <audit_trail/read_report.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace audit_trail::reading {

class damage_log {
 public:
    explicit damage_log(std::size_t max_findings) noexcept : max_findings_(max_findings) {}

    void add(read_finding finding);
    void add(std::string path, std::uint64_t offset, error_code reason);

    /// Adds what is no damage.
    void note(read_finding finding);

    /// Adds all that another log holds.
    void take(damage_log&& other);

    /// Removes the first findings from the report, which makes room for as many more of the same reasons.
    void drop_findings(std::size_t count);

    /// All that another log kept and counted.
    void merge(read_report const& other);

    /// Findings that are known by their number only.
    void count_more(error_code const& reason, std::uint64_t times);

    std::size_t max_findings() const noexcept { return max_findings_; }

    /// The last finding that says more of this machine at that moment than of the trail: memory, files or the like ran
    /// out. Nothing when there was none since it was taken before.
    error_code take_shortage() noexcept { return std::exchange(shortage_, {}); }

    read_report& report() noexcept { return report_; }
    read_report const& report() const noexcept { return report_; }

 private:
    std::size_t index_of(error_code const& reason);

    std::size_t max_findings_;
    read_report report_;
    std::vector<std::size_t> kept_;  // findings in the report, by the index of their reason in its counts
    error_code shortage_;
};

}  // namespace audit_trail::reading
