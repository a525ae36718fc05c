/// \file
/// Up to which id events are there to stay.
#pragma once

#include <cstdint>
#include <optional>

#include "reader/cursor_budget.hpp"
#include "reader/damage_log.hpp"
#include "storage/file_operations.hpp"

namespace audit_trail::reading {

/// Without a writer every whole line stays. From the first time that one is met, the limit is what index.json named
/// then: lines above it may yet be cut back.
class commit_limit {
 public:
    commit_limit(storage::file_system& system, storage::file_handle root, cursor_budget& budget) noexcept
        : system_(system), root_(root), budget_(budget) {}

    /// Asks whether a writer has the root, unless one has been met. Lines that were in a segment before this call, and
    /// whose ids the limit then allows, are committed.
    void look(damage_log& log);

    std::optional<std::uint64_t> id() const noexcept { return id_; }
    bool allows(std::uint64_t event_id) const noexcept { return !id_ || event_id <= *id_; }

 private:
    bool writer_is_there(damage_log& log);
    void open_lock(error_code& ec);

    storage::file_system& system_;
    storage::file_handle root_;
    cursor_budget& budget_;
    storage::owned_file lock_;
    std::optional<std::uint64_t> id_;
};

/// What index.json says: two reads in a row agree. Nothing when it holds no id.
std::optional<std::uint64_t> read_committed_id(storage::file_system& system, storage::file_handle root, error_code& ec);

}  // namespace audit_trail::reading
