/// \file
/// Collects the read_report of a reader and reports its progress.
#pragma once

#include <audit_trail/read_report.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace audit_trail::reading {

/// Counts every finding and note, and keeps the first `max_findings` of each reason.
class finding_log {
 public:
    explicit finding_log(std::size_t max_findings) noexcept : max_findings_(max_findings) {}

    void add(read_finding finding);
    void add(std::string path, std::uint64_t offset, error_code reason);

    /// Adds a note: an observation that is not damage.
    void note(read_finding finding);

    /// Moves the findings, the notes and their counts from another log into this one.
    void take(finding_log&& other);

    /// Removes the first findings from the report, so that as many new ones of the same reasons can be kept.
    void drop_findings(std::size_t count);

    /// Adds the findings and counts of another report.
    void merge(read_report const& other);

    /// Counts findings without details.
    void count_more(error_code const& reason, std::uint64_t times);

    std::size_t max_findings() const noexcept { return max_findings_; }

    /// Returns and clears the last error that was caused by a lack of resources (memory, descriptors) and not by the
    /// trail. Returns no error if there was none.
    error_code take_shortage() noexcept { return std::exchange(shortage_, {}); }

    read_report& report() noexcept { return report_; }
    read_report const& report() const noexcept { return report_; }

 private:
    std::size_t index_of(error_code const& reason);
    /// Returns the new count of this reason.
    std::uint64_t count_notes(error_code const& reason, std::uint64_t times);

    std::size_t max_findings_;
    read_report report_;
    std::vector<std::size_t> kept_;  // how many findings of report_.counts[i] are in report_.findings
    error_code shortage_;
};

/// Calls `reader_options::on_progress` each time another step of bytes was read.
class progress {
 public:
    explicit progress(std::function<void(read_report const&)> on_progress) : on_progress_(std::move(on_progress)) {}

    /// Called for every line.
    void note(read_report const& so_far) {
        if (so_far.bytes < next_) return;
        next_ = so_far.bytes + step;
        if (on_progress_) on_progress_(so_far);
    }

 private:
    static constexpr std::uint64_t step = 4 * 1024 * 1024;

    std::function<void(read_report const&)> on_progress_;
    std::uint64_t next_ = step;
};

}  // namespace audit_trail::reading
