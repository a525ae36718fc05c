/// \file
/// The segment files that are open for appending.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "storage/batch.hpp"
#include "system/file_operations.hpp"

namespace audit_trail::storage {

struct segment_file {
    category* owner = nullptr;
    std::uint64_t number = 0;
    file_handle file = file_handle::none;
    std::uint64_t first_unsynced = 0;  ///< the lowest id of its lines that may not survive the power; 0: all do
    std::uint64_t last_used = 0;
    bool pinned = false;  ///< by the batch that gathers, while a victim is looked for
};

class segment_cache {
 public:
    explicit segment_cache(file_system& system) noexcept : system_(system) {}
    ~segment_cache();
    segment_cache(segment_cache const&) = delete;
    segment_cache& operator=(segment_cache const&) = delete;

    std::size_t size() const noexcept { return segments_.size(); }
    std::span<std::unique_ptr<segment_file> const> all() const noexcept { return segments_; }

    /// The file, when it is open.
    segment_file* find(category const& owner, std::uint64_t number) noexcept;

    /// Takes the file over.
    segment_file& insert(category& owner, std::uint64_t number, owned_file file);

    /// Notes that the segment takes its owner's next line.
    void use(segment_file& segment) noexcept;

    /// At most `most` segments without a part in the batch, the least recently used first.
    std::vector<segment_file*> least_used(batch const& gathered, std::size_t most);

    void close(segment_file& segment) noexcept;

    /// Closes the category's segments that have nothing to sync.
    void close_synced(category& owner) noexcept;

    /// Closes those that take no more lines and have nothing to sync.
    void close_finished() noexcept;

 private:
    file_system& system_;
    std::vector<std::unique_ptr<segment_file>> segments_;
    std::uint64_t clock_ = 0;
};

}  // namespace audit_trail::storage
