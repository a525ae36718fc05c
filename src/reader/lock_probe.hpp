/// \file
/// What a reader can know of a writer: whether one has the lock, and what it has committed.
#pragma once

#include <cstdint>
#include <optional>

#include "reader/cursor_budget.hpp"
#include "reader/damage_log.hpp"
#include "system/file_operations.hpp"
#include "storage/root_lock.hpp"

namespace audit_trail::reading {

/// These change when a writer comes, and when it has added something and gone.
struct lock_marks {
    bool has_writer = false;
    std::optional<storage::lock_record> record;  ///< without a writer: what the last writer left

    friend bool operator==(lock_marks const&, lock_marks const&) = default;
};

class lock_probe {
 public:
    lock_probe(storage::file_system& system, storage::file_handle root, cursor_budget& budget, damage_log& log) noexcept
        : system_(system), root_(root), budget_(budget), log_(log) {}

    /// Whether one has the root. Where that can't be told, there is one: then only what is surely committed is read.
    bool finds_writer();

    /// The same, with the record that the last writer left.
    lock_marks read_marks();

    /// The id that index.json names; 0 when it names none.
    std::uint64_t committed_id();

 private:
    storage::owned_file open_lock(error_code& ec);
    bool is_writer(bool locked, error_code const& ec);
    void note(char const* name, error_code const& ec, error_code& before);

    storage::file_system& system_;
    storage::file_handle root_;
    cursor_budget& budget_;
    damage_log& log_;
    error_code lock_failure_;
    error_code index_failure_;
};

/// What index.json says: two reads in a row agree. Nothing when it holds no id.
std::optional<std::uint64_t> read_committed_id(storage::file_system& system, storage::file_handle root, error_code& ec);

}  // namespace audit_trail::reading
