/// \file
/// The limit of a snapshot, fixed before anything is read.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "reader/commit_limit.hpp"
#include "reader/trail_listing.hpp"

namespace audit_trail::reading {

/// With a writer: the id that index.json names at construction. Without: there is no limit as long as no writer comes;
/// from then on the highest id that the trail held at construction.
///
/// So what is returned is the trail as it was at construction, whenever a writer comes: ids up to the limit stand in
/// segments that were there, and lines that are added later have higher ids.
class snapshot_limit final : public commit_limit {
 public:
    snapshot_limit(storage::file_system& system, storage::file_handle root, cursor_budget& budget,
                   damage_log& log) noexcept
        : system_(system), root_(root), probe_(system, root, budget, log) {}

    /// Looks for a writer. Call it before categories are listed, so that they hold what the limit allows.
    void begin();

    /// Call it with all listed categories. False: a writer came meanwhile, so begin again.
    bool fix(std::vector<category_place> const& places);

    bool look() override;

 private:
    std::uint64_t highest_stored_id(std::vector<category_place> const& places);

    storage::file_system& system_;
    storage::file_handle root_;
    lock_probe probe_;
    lock_marks marks_;
    std::uint64_t last_id_ = 0;  // the highest id at construction
};

}  // namespace audit_trail::reading
