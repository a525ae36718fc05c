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
    std::string path;  ///< relative to the root
    file_handle file = file_handle::none;
    std::uint64_t first_unsynced = 0;  ///< the lowest id of its lines that a power cut may lose; 0: none
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
