/// \file
/// `.lock`: who writes the root, and how its last writer ended.
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
    open,     ///< a writer has the root, or ended without closing it; every event that index.json names was synced
    written,  ///< the same, but index.json may name events that were only written
    cutting,  ///< the same, while it cut a segment back: on the disk the segment may still be longer
    failed    ///< a sync failed: what the page cache says of the last lines may not be on the disk
};

/// What the lock file says. Every line whose id is at most `synced_through` is on stable storage. Ids below `began` may
/// have been given by another implementation, and nothing is known of its gaps.
struct lock_record {
    end_state state = end_state::open;
    std::uint64_t synced_through = 0;
    std::uint64_t began = 1;

    friend bool operator==(lock_record const&, lock_record const&) = default;
};

/// One JSON line; its width is the same for every record, so that it is replaced by one write in place.
std::string format_lock_record(lock_record const& record);
std::optional<lock_record> parse_lock_record(std::string_view text);

/// What a lock file says; nothing when it does not hold a record.
std::optional<lock_record> read_lock_record(file_system& system, file_handle file, error_code& ec);

/// An open-file-description lock, released by closing alone: by `release`, in a forked child at once, and by the kernel
/// when the process ends.
class root_lock final : private fork_participant {
 public:
    explicit root_lock(file_system& system);
    ~root_lock();
    root_lock(root_lock const&) = delete;
    root_lock& operator=(root_lock const&) = delete;

    /// Opens `.lock`, made when absent, and locks it; error::locked when somebody else has it.
    void acquire(file_handle root, error_code& ec);

    /// What the last writer left; nothing when the file is new or does not hold a record.
    std::optional<lock_record> read(error_code& ec);
    /// Without an allocation.
    void write(lock_record const& record, error_code& ec);
    void sync(error_code& ec);
    void release() noexcept;

    /// True in a child of the process that took the lock. Any thread.
    bool forked() const noexcept { return forked_.load(std::memory_order_relaxed); }

 private:
    void before_fork() noexcept override;
    void after_fork_in_parent() noexcept override;
    void after_fork_in_child() noexcept override;

    file_system& system_;
    std::mutex mutex_;  // no fork between opening or closing the file and knowing it
    file_handle file_ = file_handle::none;
    std::atomic<bool> forked_ = false;
};

}  // namespace audit_trail::storage
