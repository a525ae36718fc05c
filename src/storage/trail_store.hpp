/// \file
/// Writes to a root: holds its lock, assigns ids, and commits batches of lines to its segments.
///
/// Not thread safe, except `forked`: one thread uses a store at a time.
#pragma once

#include <audit_trail/recovery_report.hpp>
#include <audit_trail/writer_options.hpp>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/batch.hpp"
#include "storage/category.hpp"
#include "storage/commit_log.hpp"
#include "storage/index_file.hpp"
#include "storage/log_task.hpp"
#include "storage/open_segments.hpp"
#include "storage/root_lock.hpp"
#include "storage/sync_plan.hpp"
#include "system/disk_pool.hpp"
#include "system/file_operations.hpp"
#include "system/file_system.hpp"

namespace audit_trail::storage {

enum class commit_result {
    committed,
    cut_back,  ///< P4: no line of the batch is in the trail, its ids are free again, the store can be used
    failed     ///< P5: the store can only be closed
};

struct commit_times {
    std::chrono::nanoseconds write{};
    std::chrono::nanoseconds sync{};
};

/// Errors are those of the system. The caller translates them to the outcome of each event.
class trail_store {
 public:
    /// Opens or creates the root, takes the lock (error::locked), recovers (P6). If `ec` is set, returns null and
    /// leaves no file open. The pool syncs several files at once and must outlive the store.
    static std::unique_ptr<trail_store> open(file_system& system, std::filesystem::path const& root,
                                             writer_options const& options, recovery_report& report, error_code& ec,
                                             detail::disk_pool* pool = nullptr);
    /// Releases the lock without a clean end, as a crash would.
    ~trail_store();
    trail_store(trail_store const&) = delete;
    trail_store& operator=(trail_store const&) = delete;

    std::uint64_t next_id() const noexcept { return next_id_; }

    /// Returns an id: every line up to it is on stable storage.
    std::uint64_t synced_through() const noexcept { return durable_through_; }

    /// Returns the number of segments that were found deleted, replaced or cut short since the store was opened.
    std::uint64_t vanished_segments() const noexcept { return vanished_segments_; }

    /// The use of the commit log since the store was opened.
    struct log_counts {
        std::uint64_t writes = 0;       ///< records
        std::uint64_t bytes = 0;        ///< of the records
        std::uint64_t clearings = 0;    ///< completed
        std::uint64_t full = 0;         ///< batches that synced their segments because the log had no room
        std::uint64_t unavailable = 0;  ///< batches that synced their segments because the log could not be created
        error_code unavailable_reason;  ///< of the last attempt; none if it was not an error of the system
    };
    log_counts const& log_use() const noexcept { return log_counts_; }

    /// Returns the failure after which the store can only be closed (P5), if any.
    error_code failure() const noexcept { return failure_; }

    /// Returns the category; creates it (in memory only) if it is new.
    category& find(std::string_view domain, std::string_view name) { return categories_.find(domain, name); }

    /// Opens or creates the segment for the category's next line: batch.where(owner), which this call may move to a
    /// later segment. Segments for which the batch has writes stay open. After an error nothing has changed, except
    /// that an empty directory or segment may have been created. EMFILE or ENFILE means that only segments of the batch
    /// are open: commit it to make room. error::id_too_high: all ids were given.
    ///
    /// \throws std::bad_alloc with the same guarantee, as does `find`
    void open_segment(batch const& gathered, category& owner, error_code& ec) {
        ec = {};
        if (gathered.next_id() > largest_event_id) return ec = error::id_too_high, void();
        if (owner.segment != nullptr && owner.segment->number == gathered.where(owner).number) {
            segments_.use(*owner.segment);
        } else {
            open_other_segment(gathered, owner, ec);
        }
    }

    /// Writes lines, syncs, and writes index.json, in this order. Memory and file descriptors for the syncs are
    /// allocated before the first line is written; running out of memory later is ENOMEM, and the batch is cut back.
    /// After `committed`, next_id() has advanced. After `cut_back`, the categories have their tails from before the
    /// batch.
    commit_result commit(batch& gathered, commit_times& times, error_code& ec);

    /// Makes everything durable that is written. A failed sync is final (P5). A directory that cannot be opened,
    /// or lack of memory, is not: the call may be repeated.
    void sync_all(error_code& ec);

    /// Syncs all segments, clears the commit log, marks the end as clean, releases the lock. After a failure, sets `ec` to the failure and only
    /// releases the lock.
    void close(error_code& ec);

    /// Returns true in a forked child of the process that opened the store; its copy of the lock is closed. Thread
    /// safe.
    bool forked() const noexcept { return lock_.forked(); }

 private:
    /// The state of a segment after a batch was written to it.
    enum class live_state {
        intact,
        longer,   ///< another program appended to it
        vanished  ///< deleted, replaced or cut short
    };

    trail_store(file_system& system, writer_options const& options, detail::disk_pool* pool);

    // trail_store.cpp
    void begin(std::filesystem::path const& path, recovery_report& report, error_code& ec);
    void mark_open(std::optional<lock_record> const& last_end, recovery_report const& report, error_code& ec);
    void mark_clean(error_code& ec);
    bool refuses(error_code& ec) const noexcept;
    void fail(error_code const& ec);
    void mark(end_state state, error_code& ec);

    // open_segments.cpp
    void open_other_segment(batch const& gathered, category& owner, error_code& ec);
    void make_room(batch const& gathered, error_code& ec);
    bool close_idle(batch const& gathered, error_code& ec);
    owned_file open_at(category& owner, segment_tail place, error_code& ec);
    owned_file open_known(category& owner, segment_tail place, error_code& ec);
    owned_file open_new(category& owner, std::uint64_t number, error_code& ec);
    owned_file open_empty(category const& owner, std::uint64_t number, error_code& ec);
    void note_new_entries(category const& owner);
    owned_file create(category const& owner, std::uint64_t number, error_code& ec);
    void make_directories(category const& owner, error_code& ec);

    // commit.cpp
    void store_lines(batch& gathered, std::size_t& touched, bool& logs, commit_times& times, error_code& ec);
    void make_durable(batch& gathered, bool& logs, commit_times& times, error_code& ec);
    void reserve_room(batch const& gathered, error_code& ec);
    void write_lines(batch const& gathered, std::size_t& touched, error_code& ec);
    void mark_written(batch const& gathered, error_code& ec);
    void cut_back(batch& gathered, std::size_t touched, error_code& ec);
    commit_result abort_commit(batch& gathered, std::size_t touched, error_code& ec);
    void leave_inaccessible_segments(batch const& gathered) noexcept;
    static void leave_full_segments(batch& gathered, std::size_t touched);
    void finish_commit(batch const& gathered, bool logged);
    void update_synced_through();

    // sync_plan.cpp
    void plan_sync(segment_file& segment, error_code& ec);
    void plan_sync(std::string path, error_code& ec);
    void plan_directories(category const& owner, error_code& ec);
    void plan_sync(batch const& gathered, error_code& ec);
    void sync_segments(std::span<segment_file* const> idle, error_code& ec);
    void plan_sync_of_all(error_code& ec);
    void plan_sync_of_unlogged(error_code& ec);
    void sync_planned(error_code& ec);
    std::size_t planned_directories() const noexcept;
    void run_syncs(error_code& ec);
    void take_reserve(error_code& ec);
    bool release_reserve() noexcept;

    // log_sync.cpp
    bool plan_record(batch const& gathered);
    void write_record(batch const& gathered, bool& logged, error_code& ec);
    void build_record(batch const& gathered, error_code& ec);
    void withdraw_record(error_code& ec);
    void start_writeback(batch const& gathered);
    void prepare_log();
    bool make_room_in_log(std::uint64_t bytes);
    void check_log(error_code& ec);
    void clear_log_if_due(std::uint64_t new_bytes);
    std::uint64_t bytes_before_clearing() const noexcept;
    void clear_log();
    void create_log_task(log_task::work work);
    void post_log_task() noexcept;
    void poll_log_task(error_code& ec);
    void finish_log_task(error_code& ec);
    void adopt_log(log_task const& prepared, error_code& ec);
    void adopt_cleared_log(log_task const& cleared);
    void sync_closed_segments(error_code& ec);
    void close_log(error_code& ec);
    void empty_unused_log() noexcept;

    // vanished_segments.cpp
    void check_live_files(batch& gathered, error_code& ec);
    live_state inspect(segment_write const& write, std::string_view& checked_domain, error_code& ec);
    void remember_inode(segment_file& segment, error_code& ec);
    file_status look_up(segment_file const& segment, std::string_view& checked_domain, error_code& ec);
    static void seal(segment_write& write) noexcept;
    void move_lines(batch& gathered, segment_write& vanished, error_code& ec);
    void withdraw(segment_write& write, error_code& ec);
    bool ends_with(segment_write const& write, std::uint64_t size, error_code& ec);
    std::uint64_t bytes_held(segment_write const& write, std::uint64_t size, error_code& ec);
    void note_vanished(category const& owner, std::uint64_t number, segment_write const* write, error_code& ec);

    file_system& system_;
    writer_options const options_;
    owned_file root_;
    root_lock lock_;
    index_file index_;
    lock_record record_;
    category_table categories_;
    dirty_directories directories_;
    open_segments segments_;
    owned_file reserve_;             // a spare descriptor, closed when the process has no other one left
    detail::disk_pool* const pool_;  // if null, files are synced one after the other
    std::vector<sync_job> jobs_;
    commit_log log_;
    log_counts log_counts_;
    std::shared_ptr<log_task> log_task_;  // on its way, or done and not adopted
    bool log_task_posted_ = false;        // another thread runs it
    std::uint64_t additions_before_task_ = 0;
    std::uint64_t bytes_since_clearing_ = 0;
    std::uint64_t batches_until_log_ = 0;       // after the log could not be created
    std::uint64_t batches_until_clearing_ = 0;  // after it could not be cleared
    std::uint64_t durable_through_ = 0;
    std::uint64_t next_id_ = 1;
    std::uint64_t vanished_segments_ = 0;
    bool disk_full_ = false;  // the last batch failed for lack of disk space
    error_code failure_;
};

}  // namespace audit_trail::storage
