/// \file
/// Writes lines of the commit log to their segments again.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "storage/log_format.hpp"
#include "system/disk_pool.hpp"
#include "system/file_operations.hpp"

namespace audit_trail::storage {

/// Makes lines durable in segments that were closed before they were synced.
///
/// To open such a segment again and to sync it would not be sufficient. If the kernel could not write a page, it marks
/// the page as clean; an error that no open file can report is lost with the inode, and ext4 reports a failed delayed
/// allocation to no later call at all. So the lines are written again, and synced by the descriptor that wrote them.
class log_rewrite {
 public:
    /// Opening and syncing so many files is one part of the work: the first sync of a journal serves the others, too.
    static constexpr std::size_t files_in_a_part = 32;

    struct source {
        file_handle root;
        file_handle log;
        log_header begin;  ///< names the first record
        log_header end;    ///< names the record behind the last one
    };

    /// \param pool syncs several segments at once; may be null
    log_rewrite(file_system& system, source lines, detail::disk_pool* pool) noexcept
        : system_(system), source_(lines), pool_(pool) {}

    /// Adds a segment. Lines of other segments are not written. Requires: `run_part` was not called.
    void add(std::string path, std::uint64_t inode, std::uint64_t device) {
        segments_[std::move(path)] = {inode, device, {}};
    }

    /// Writes the lines of some segments, and syncs them. Skips segments that another program deleted or replaced.
    /// Requires: not done. May throw std::bad_alloc.
    /// \param failure an error after which nothing is known about the disk: a failed sync, a damaged record
    void run_part(error_code& failure);

    /// Returns true if all segments were tried.
    bool done() const noexcept { return segments_.empty() || (collected_ && next_ == segments_.end()); }

    /// The first error that concerns a single segment, if any: not all segments are synced.
    error_code problem() const noexcept { return problem_; }

 private:
    struct piece {
        std::uint64_t offset;        // in the segment
        std::uint64_t log_position;  // of the lines
        std::uint64_t bytes;
    };
    struct segment {
        std::uint64_t inode;
        std::uint64_t device;
        std::vector<piece> pieces;
    };

    using segment_map = std::map<std::string, segment, std::less<>>;

    void collect(error_code& ec);
    owned_file prepare(std::string const& path, segment const& known, error_code& failure, error_code& ec);
    owned_file open(std::string const& path, segment const& known, open_mode mode, error_code& ec);
    void write(file_handle file, segment const& known, error_code& ec);
    void sync(std::vector<owned_file>& files, error_code& failure);

    file_system& system_;
    source const source_;
    detail::disk_pool* const pool_;
    segment_map segments_;
    segment_map::const_iterator next_;
    bool collected_ = false;
    error_code problem_;
};

}  // namespace audit_trail::storage
