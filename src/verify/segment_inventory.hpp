/// \file
/// Checks the files of a trail before their lines are read.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "reader/finding_log.hpp"
#include "reader/trail_listing.hpp"
#include "system/file_system.hpp"
#include "verify/recovery_records.hpp"

namespace audit_trail::reading {

class segment_inventory {
 public:
    /// Reports problems that the reader does not report: loose modes, and missing segments.
    segment_inventory(storage::file_system& system, storage::file_handle root, recovery_records const& records,
                      finding_log& findings, finding_log& notes);

    std::uint64_t categories() const noexcept { return categories_; }
    std::uint64_t segments() const noexcept { return segments_; }

    /// Returns what could not be listed. The reader has usually reported it, too.
    read_report const& unread() const noexcept { return unread_.report(); }

    /// Returns the categories whose first segments were deleted.
    std::vector<category_place> const& shortened() const noexcept { return shortened_; }

 private:
    void check_category(category_place const& place);
    std::vector<std::uint64_t> list(category_place const& place);
    void check_numbers(category_place const& place, std::vector<std::uint64_t> const& numbers);
    bool are_recorded(category_place const& place, std::uint64_t first, std::uint64_t last) const;
    void check_directory(std::string const& path);
    void check_file(std::string const& path);
    void check_mode(std::string const& path, unsigned mode, unsigned allowed);
    void note_loose_modes();

    storage::file_system& system_;
    storage::file_handle root_;
    recovery_records const& records_;
    finding_log& findings_;
    finding_log& notes_;
    finding_log unread_{1};
    std::uint64_t categories_ = 0;
    std::uint64_t segments_ = 0;
    std::vector<category_place> shortened_;
    std::uint64_t loose_modes_ = 0;
    read_finding first_loose_mode_;
};

}  // namespace audit_trail::reading
