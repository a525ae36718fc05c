/// \file
/// Prepares and clears the commit log while the writer continues.
#pragma once

#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "storage/log_format.hpp"
#include "storage/log_rewrite.hpp"
#include "system/file_operations.hpp"

namespace audit_trail::storage {

/// Work on the log's file that is done once, part by part. Any thread may call `run_part` or `finish`; only a single
/// thread works at a time. Everything that the task uses must stay valid until `finish` or `cancel` has returned.
class log_task {
 public:
    struct known_file {
        std::string path;
        std::uint64_t inode;
        std::uint64_t device;
    };
    struct work {
        file_handle root = file_handle::none;
        file_handle log = file_handle::none;
        std::vector<file_handle> segments;     ///< synced first
        std::vector<known_file> rewritten;     ///< the lines of these segments are written again, and synced
        log_header records;                    ///< names the first of their records
        std::vector<std::string> directories;  ///< synced next; relative to the root
        std::uint64_t zeros_begin = 0;         ///< then the log is filled with zeros from here …
        std::uint64_t zeros_end = 0;           ///< … to here
        log_header header;                     ///< written next, synced
        bool prepares = false;                 ///< begins a generation: at the end, the root is synced, too
    };

    /// \param pool syncs several files at once; may be null
    log_task(file_system& system, work what, detail::disk_pool* pool);

    /// Does the next part of the work: at most 32 files are synced, so that other work soon has its turn. Returns false
    /// if the thread must call it again. Does nothing if another thread works, or in a forked child: the files belong to
    /// its parent.
    bool run_part() noexcept;

    /// Leaves out the parts that are left. Waits for a thread that works.
    void cancel() noexcept;

    /// Returns true if the task opens the segments itself: they may be closed before the task is done.
    bool rewrites() const noexcept { return !work_.rewritten.empty(); }

    /// Returns true if the work is done.
    bool done() const noexcept { return state_.load(std::memory_order_acquire) == state::done; }

    /// Does what is left of the work. Waits for a thread that works.
    void finish() noexcept;

    // Results. Require: done().

    /// The error after which nothing is known about the disk: a failed sync. None if the work succeeded, or can be
    /// repeated.
    error_code failure() const noexcept { return failure_; }
    /// The error for which the work must be repeated, if any.
    error_code problem() const noexcept { return problem_; }
    /// Returns true if the header was written.
    bool succeeded() const noexcept { return succeeded_; }
    /// Returns the size of the log's file that can be used.
    std::uint64_t log_bytes() const noexcept { return log_bytes_; }
    work const& what() const noexcept { return work_; }

 private:
    enum class state : int { waiting, running, done };

    bool claim() noexcept;
    void work_on();
    void sync_segments();
    void rewrite_segments();
    void sync_directories();
    void finish_log();
    void sync_directory(char const* path, error_code& ec, error_code& failure);
    void fill_with_zeros(error_code& ec);
    void write_header(error_code& ec);

    file_system& system_;
    work work_;
    detail::disk_pool* const pool_;
    log_rewrite rewriting_;
    std::size_t synced_segments_ = 0;
    std::size_t synced_directories_ = 0;
    bool complete_ = false;
    error_code failure_;
    error_code problem_;
    bool succeeded_ = false;
    std::uint64_t log_bytes_ = 0;
    ::pid_t const process_ = ::getpid();
    std::atomic<state> state_{state::waiting};
};

}  // namespace audit_trail::storage
