/// \file
/// Prepares and clears the commit log while the writer continues.
#pragma once

#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "storage/log_format.hpp"
#include "system/file_operations.hpp"

namespace audit_trail::storage {

/// Work on the log's file that is done once, on any thread. The thread that first calls `run` or `finish` does it.
/// Everything that the task uses must stay valid until `finish` has returned.
class log_task {
 public:
    struct work {
        file_handle root = file_handle::none;
        file_handle log = file_handle::none;
        std::vector<file_handle> segments;     ///< synced first
        std::vector<std::string> directories;  ///< synced next; relative to the root
        std::uint64_t zeros_begin = 0;         ///< then the log is filled with zeros from here …
        std::uint64_t zeros_end = 0;           ///< … to here
        log_header header;                     ///< written next, synced
        bool prepares = false;                 ///< begins a generation: at the end, the root is synced, too
    };

    log_task(file_system& system, work what) : system_(system), work_(std::move(what)), process_(::getpid()) {}

    /// Does the work, unless it was begun, or this is a forked child: the files belong to its parent.
    void run() noexcept;

    /// Does not begin the work, or waits until the thread that does it is done.
    void cancel() noexcept;

    /// Returns true if the work is done.
    bool done() const noexcept { return state_.load(std::memory_order_acquire) == state::done; }

    /// Does the work, or waits until the thread that does it is done.
    void finish() noexcept;

    // Results. Require: done().

    /// The error after which nothing is known about the disk: a failed sync. None if the work succeeded, or can be
    /// repeated.
    error_code failure() const noexcept { return failure_; }
    /// Returns true if the header was written.
    bool succeeded() const noexcept { return succeeded_; }
    /// Returns the size of the log's file that can be used.
    std::uint64_t log_bytes() const noexcept { return log_bytes_; }
    work const& what() const noexcept { return work_; }

 private:
    enum class state : int { waiting, running, done };

    bool claim() noexcept;
    void work_once();
    void sync_segments();
    void sync_directories(error_code& ec);
    void sync_directory(char const* path, error_code& ec);
    void fill_with_zeros(error_code& ec);
    void write_header();

    file_system& system_;
    work work_;
    error_code failure_;
    bool succeeded_ = false;
    std::uint64_t log_bytes_ = 0;
    ::pid_t const process_;
    std::atomic<state> state_{state::waiting};
};

}  // namespace audit_trail::storage
