/// \file
/// What can be said of a trail before its lines are read: which files there are, and which are not.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "reader/damage_log.hpp"
#include "verify/recovery_records.hpp"
#include "reader/trail_listing.hpp"
#include "system/file_system.hpp"

namespace audit_trail::reading {

class trail_survey {
 public:
    /// Says of files and directories only what the reader does not: modes, and segments that are missing.
    trail_survey(storage::file_system& system, storage::file_handle root, recovery_records const& records,
                 damage_log& findings, damage_log& notes);

    std::uint64_t categories() const noexcept { return categories_; }
    std::uint64_t segments() const noexcept { return segments_; }

    /// The categories whose first segments are gone.
    std::vector<category_place> const& shortened() const noexcept { return shortened_; }

 private:
    void look_at_category(category_place const& place);
    std::vector<std::uint64_t> list(category_place const& place);
    void look_at_numbers(category_place const& place, std::vector<std::uint64_t> const& numbers);
    bool has_vanished(category_place const& place, std::uint64_t first, std::uint64_t last) const;
    void look_at_directory(std::string const& path);
    void look_at_file(std::string const& path);
    void look_at_mode(std::string const& path, unsigned mode, unsigned allowed);
    void note_loose_modes();

    storage::file_system& system_;
    storage::file_handle root_;
    recovery_records const& records_;
    damage_log& findings_;
    damage_log& notes_;
    std::uint64_t categories_ = 0;
    std::uint64_t segments_ = 0;
    std::vector<category_place> shortened_;
    std::uint64_t loose_modes_ = 0;
    read_finding first_loose_mode_;
};

}  // namespace audit_trail::reading
