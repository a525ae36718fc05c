/// \file
/// Locks a root by its file `.lock`, which also records how the last writer ended.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "system/file_system.hpp"
#include "system/fork_registry.hpp"

namespace audit_trail::storage {

enum class end_state {
    clean,    ///< the writer closed the root
    open,     ///< the writer runs or crashed; every event up to the id in index.json was synced
    written,  ///< the writer runs or crashed; index.json may name events that were written but not synced
    cutting,  ///< the writer crashed while it cut segments back; on the disk they may still be longer
    failed    ///< a sync failed: the page cache may show lines that are not on the disk
};

/// The content of the lock file. Every line with an id up to `synced_through` is on stable storage. Ids below `began`
/// may come from another implementation; gaps between them are not reported.
struct lock_record {
    end_state state = end_state::open;
    std::uint64_t synced_through = 0;
    std::uint64_t began = 1;
    std::uint64_t log_generation = 0;  ///< of the commit log, while it may contain records; else 0

    friend bool operator==(lock_record const&, lock_record const&) = default;
};

/// Returns the record as one JSON line. It has the same size for every record, so one write in place replaces it.
std::string format_lock_record(lock_record const& record);
std::optional<lock_record> parse_lock_record(std::string_view text);

/// Parses the content of a lock file. Returns nothing if it does not contain a record.
std::optional<lock_record> read_lock_record(file_system& system, file_handle file, error_code& ec);

/// An open-file-description lock. It is released only by closing the file: `release` closes it, the kernel closes it
/// when the process ends, and a forked child closes its copy at once.
class root_lock final : private fork_participant {
 public:
    explicit root_lock(file_system& system);
    ~root_lock();
    root_lock(root_lock const&) = delete;
    root_lock& operator=(root_lock const&) = delete;

    /// Opens or creates `.lock`, and locks it. error::locked if another writer holds the lock.
    void acquire(file_handle root, error_code& ec);

    /// Returns the record of the last writer, or nothing if the file is new or contains no record.
    std::optional<lock_record> read(error_code& ec);
    /// Allocates nothing.
    void write(lock_record const& record, error_code& ec);
    void sync(error_code& ec);
    void release() noexcept;

    /// Returns true in a forked child of the process that took the lock. Thread safe.
    bool forked() const noexcept { return forked_.load(std::memory_order_relaxed); }

 private:
    void before_fork() noexcept override;
    void after_fork_in_parent() noexcept override;
    void after_fork_in_child() noexcept override;

    file_system& system_;
    std::mutex mutex_;  // held over a fork: `file_` and the descriptor must agree in the child
    file_handle file_ = file_handle::none;
    std::atomic<bool> forked_ = false;
};

}  // namespace audit_trail::storage
