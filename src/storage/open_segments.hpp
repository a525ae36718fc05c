/// \file
/// Caches the segment files that are open for appending.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "storage/batch.hpp"
#include "system/file_operations.hpp"

namespace audit_trail::storage {

struct segment_file {
    category* owner = nullptr;
    std::uint64_t number = 0;
    file_handle file = file_handle::none;
    std::string path;         ///< relative to the root
    std::uint64_t inode = 0;  ///< 0: not known yet
    std::uint64_t device = 0;

    std::uint64_t first_unsynced = 0;  ///< the lowest id of its lines that are not synced in the file; 0: none
    std::uint64_t first_unlogged = 0;  ///< of these, the lowest id of the lines that are not in the commit log; 0: none
    std::uint64_t unlogged_begin = 0;  ///< the offset of that line

    bool clearing = false;          ///< a task on another thread syncs the file
    std::uint64_t first_later = 0;  ///< the lowest id of the lines that were written since the task began; 0: none
    std::uint64_t later_begin = 0;  ///< the offset of that line
    std::uint64_t not_started = 0;  ///< the number of bytes whose writeback was not started yet

    bool has_logged_lines() const noexcept { return first_unsynced != 0 && first_unsynced != first_unlogged; }
    void note_written(std::uint64_t id, std::uint64_t offset) noexcept;
    void note_synced() noexcept { first_unsynced = first_unlogged = first_later = not_started = 0; }
    void begin_clearing() noexcept {
        clearing = true;
        first_later = not_started = 0;
    }
    void note_logged() noexcept { first_unlogged = 0; }
    /// The task has synced what was written before it began.
    void note_cleared() noexcept;

    std::uint64_t last_used = 0;
    bool pinned = false;  ///< used by `least_used` only: the batch has a write for it
};

/// A bounded cache: `trail_store` closes the least recently used segments that the batch does not need.

class open_segments {
 public:
    explicit open_segments(file_system& system) noexcept : system_(system) {}
    ~open_segments();
    open_segments(open_segments const&) = delete;
    open_segments& operator=(open_segments const&) = delete;

    std::size_t size() const noexcept { return segments_.size(); }
    std::span<std::unique_ptr<segment_file> const> all() const noexcept { return segments_; }

    /// Returns the segment's file, or null if it is not open.
    segment_file* find(category const& owner, std::uint64_t number) noexcept;

    /// Takes ownership of the file.
    segment_file& insert(category& owner, std::uint64_t number, owned_file file);

    /// Makes this the segment that takes its owner's next line.
    void use(segment_file& segment) noexcept;

    /// Returns at most `most` segments without a write in the batch, the least recently used first.
    std::vector<segment_file*> least_used(batch const& gathered, std::size_t most);

    void close(segment_file& segment) noexcept;

    /// Closes the category's segments that have no unsynced lines.
    void close_synced(category& owner) noexcept;

    /// Closes the segments that take no more lines and have no unsynced lines.
    void close_finished() noexcept;

 private:
    file_system& system_;
    std::vector<std::unique_ptr<segment_file>> segments_;
    std::uint64_t clock_ = 0;
};

}  // namespace audit_trail::storage
