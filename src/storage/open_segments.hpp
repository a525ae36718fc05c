/// \file
/// Caches the segment files that are open for appending.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <limits>
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
    file_handle file = file_handle::none;  ///< none: the segment is closed
    std::string path;                      ///< relative to the root
    std::uint64_t inode = 0;               ///< 0: not known yet
    std::uint64_t device = 0;

    std::uint64_t first_unsynced = 0;  ///< the lowest id of its lines that are not synced in the file; 0: none
    std::uint64_t first_unlogged = 0;  ///< of these, the lowest id of the lines that are not in the commit log; 0: none
    std::uint64_t unlogged_begin = 0;  ///< the offset of that line

    bool clearing = false;          ///< a task on another thread syncs the file
    std::uint64_t first_later = 0;  ///< the lowest id of the lines that were written since the task began; 0: none
    std::uint64_t later_begin = 0;  ///< the offset of that line
    std::uint64_t not_started = 0;  ///< the number of bytes whose writeback was not started yet

    bool closed_unsynced = false;  ///< it was closed with unsynced lines: only writing them again makes them durable
    bool closed_later = false;     ///< the same since the task began

    bool has_logged_lines() const noexcept { return first_unsynced != 0 && first_unsynced != first_unlogged; }
    bool is_fully_logged() const noexcept { return first_unsynced != 0 && first_unlogged == 0; }
    void note_written(std::uint64_t id, std::uint64_t offset) noexcept;
    void note_synced() noexcept;
    void begin_clearing() noexcept {
        clearing = true;
        closed_later = false;
        first_later = not_started = 0;
    }
    void note_logged() noexcept { first_unlogged = 0; }
    /// The task has synced what was written before it began.
    void note_cleared() noexcept;

    std::uint64_t last_used = 0;
    bool pinned = false;  ///< used by `least_used` only: the batch has a write for it
};

/// A bounded cache: `trail_store` closes the least recently used segments that the batch does not need. Remembers
/// segments that were closed although only the commit log has their newest lines on stable storage.
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

    /// Takes ownership of the file. What is known of a closed segment stays known.
    segment_file& insert(category& owner, std::uint64_t number, owned_file file);

    /// Makes this the segment that takes its owner's next line.
    void use(segment_file& segment) noexcept;

    /// Returns at most `most` segments without a write in the batch, the least recently used first.
    std::vector<segment_file*> least_used(batch const& gathered, std::size_t most);

    void close(segment_file& segment) noexcept;

    /// Closes a file before it is synced. Requires: the commit log has all of its unsynced lines.
    void close_logged(segment_file& segment);

    /// Does this for all files whose unsynced lines are in the commit log.
    void close_all_logged();

    using closed_segments = boost::unordered_flat_map<segment_file const*, std::unique_ptr<segment_file>>;
    /// The segments that `close_logged` closed, until `forget_cleared`.
    closed_segments const& closed() const noexcept { return closed_; }

    /// Returns true if a segment was closed with unsynced lines, even if it is open again.
    bool any_closed_unsynced() const noexcept;

    /// Returns the lowest id of lines that are not synced in closed segments, or a lower id.
    std::uint64_t first_unsynced_closed() const noexcept { return first_unsynced_closed_; }

    /// Forgets the closed segments without unsynced lines.
    void forget_cleared() noexcept;

    /// Closes the category's segments that have no unsynced lines.
    void close_synced(category& owner) noexcept;

    /// Closes the segments that take no more lines and have no unsynced lines.
    void close_finished() noexcept;

 private:
    std::unique_ptr<segment_file> take_closed(category& owner, std::uint64_t number) noexcept;

    file_system& system_;
    std::vector<std::unique_ptr<segment_file>> segments_;
    closed_segments closed_;
    std::uint64_t first_unsynced_closed_ = std::numeric_limits<std::uint64_t>::max();
    std::uint64_t clock_ = 0;
};

}  // namespace audit_trail::storage
