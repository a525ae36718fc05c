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
    /// \param pool syncs several segments at once; may be null
    log_rewrite(file_system& system, file_handle root, file_handle log, detail::disk_pool* pool) noexcept
        : system_(system), root_(root), log_(log), pool_(pool) {}

    /// Adds a segment. Lines of other segments are not written.
    void add(std::string path, std::uint64_t inode, std::uint64_t device) {
        segments_[std::move(path)] = {inode, device, {}};
    }

    /// Writes the lines of the records from `begin` up to, but without, the record at `end`. Skips segments that another
    /// program deleted or replaced.
    /// \param failure an error after which nothing is known about the disk: a failed sync, a damaged record
    /// \param ec any other error: not all segments are synced, and the call may be repeated
    void run(log_header const& begin, log_header const& end, error_code& failure, error_code& ec);

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

    void collect(log_header const& begin, log_header const& end, error_code& ec);
    owned_file prepare(std::string const& path, segment const& known, error_code& failure, error_code& ec);
    owned_file open(std::string const& path, segment const& known, open_mode mode, error_code& ec);
    void write(file_handle file, segment const& known, error_code& ec);
    void sync(std::vector<owned_file>& files, error_code& failure);

    file_system& system_;
    file_handle root_;
    file_handle log_;
    detail::disk_pool* pool_;
    std::map<std::string, segment, std::less<>> segments_;
};

}  // namespace audit_trail::storage
