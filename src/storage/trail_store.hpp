/// \file
/// A root directory as its one writer sees it: lock, index, categories, open segments. Not thread safe: one thread uses
/// it at a time (`forked` apart).
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
#include "storage/category_table.hpp"
#include "storage/dirty_directories.hpp"
#include "system/file_operations.hpp"
#include "system/file_system.hpp"
#include "storage/index_file.hpp"
#include "storage/root_lock.hpp"
#include "storage/segment_cache.hpp"
#include "system/disk_pool.hpp"

namespace audit_trail::storage {

enum class commit_result {
    committed,
    cut_back,  ///< P4: nothing of the batch is in the trail, its ids are free again, go on
    failed     ///< P5: the store is of no further use but to be closed
};

struct commit_times {
    std::chrono::nanoseconds write{};
    std::chrono::nanoseconds sync{};
};

/// Errors are those of the system; what became of an event is for the caller to say.
class trail_store {
 public:
    /// Opens or creates the root, takes the lock (error::locked), recovers (P6). Nothing of the store is left open when
    /// `ec` is set. The pool, which syncs files at the same time, must outlive the store.
    static std::unique_ptr<trail_store> open(file_system& system, std::filesystem::path const& root,
                                             writer_options const& options, recovery_report& report, error_code& ec,
                                             detail::disk_pool* pool = nullptr);
    /// Releases the lock without a clean end, as a crash would.
    ~trail_store();
    trail_store(trail_store const&) = delete;
    trail_store& operator=(trail_store const&) = delete;

    std::uint64_t next_id() const noexcept { return next_id_; }

    /// Every line whose id is at most this survives the power.
    std::uint64_t synced_through() const noexcept { return record_.synced_through; }

    /// How many segments were found deleted, replaced or cut short since the store was opened.
    std::uint64_t vanished_segments() const noexcept { return vanished_segments_; }

    /// Why the store is of no further use, if it is not.
    error_code failure() const noexcept { return failure_; }

    /// The category of that name, made (in memory only) when there was none.
    category& find(std::string_view domain, std::string_view name) { return categories_.find(domain, name); }

    /// Opens, or creates, the segment to which the category's next line goes: batch.where(owner), which may be moved to
    /// a later segment by this. Segments that the batch has pieces in stay open. On error nothing has changed but,
    /// perhaps, an empty directory or segment. EMFILE or ENFILE: only segments of the batch are open, so that a commit
    /// makes room.
    ///
    /// \throws std::bad_alloc with the same guarantee, as does `find`
    void open_segment(batch const& gathered, category& owner, error_code& ec) {
        ec = {};
        if (owner.segment != nullptr && owner.segment->number == gathered.where(owner).number) {
            segments_.use(*owner.segment);
        } else {
            open_other_segment(gathered, owner, ec);
        }
    }

    /// Lines, syncs, index.json, in this order. What the syncs need of memory and file descriptors is taken before the
    /// first line is written. Memory that runs out later is ENOMEM and cut back. On `committed`, next_id() has moved
    /// on. On `cut_back` the categories have the tails that they had before the batch.
    commit_result commit(batch& gathered, commit_times& times, error_code& ec);

    /// Syncs all that is written and not yet synced. A sync that fails is final (P5). A directory that cannot be
    /// opened, or memory that runs out, is not: call it again.
    void sync_all(error_code& ec);

    /// sync_all, marks the end clean, releases the lock. After a failure: only releases the lock, and says why.
    void close(error_code& ec);

    /// True in a child process of the one that opened the store; the lock is then already closed. Any thread.
    bool forked() const noexcept { return lock_.forked(); }

 private:
    /// A segment to sync, or else a directory.
    struct sync_job {
        segment_file* segment = nullptr;
        std::string path;
        owned_file directory;
        error_code result;
    };

    trail_store(file_system& system, writer_options const& options, detail::disk_pool* pool);

    // trail_store.cpp
    void begin(std::filesystem::path const& path, recovery_report& report, error_code& ec);
    void mark_open(std::optional<lock_record> const& last_end, recovery_report const& report, error_code& ec);
    void mark_clean(error_code& ec);
    bool refuses(error_code& ec) const noexcept;
    void fail(error_code const& ec);
    void mark(end_state state, error_code& ec);

    // segment_opening.cpp
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
    void note_vanished(category const& owner, std::uint64_t number, piece const* part, error_code& ec);

    // commit.cpp
    void store_lines(batch& gathered, std::size_t& touched, commit_times& times, error_code& ec);
    void reserve_room(batch const& gathered, error_code& ec);
    void write_lines(batch const& gathered, std::size_t& touched, error_code& ec);
    void mark_written(batch const& gathered, error_code& ec);
    void cut_back(batch& gathered, std::size_t touched, error_code& ec);
    commit_result give_up(batch& gathered, std::size_t touched, error_code& ec);
    void leave_inaccessible_segments(batch const& gathered) noexcept;
    static void leave_full_segments(batch& gathered, std::size_t touched);
    void keep_books(batch const& gathered);
    void update_synced_through();

    // syncing.cpp
    void plan_sync(segment_file& segment, error_code& ec);
    void plan_sync(std::string path, error_code& ec);
    void plan_directories(category const& owner, error_code& ec);
    void plan_sync(batch const& gathered, error_code& ec);
    void sync_segments(std::span<segment_file* const> idle, error_code& ec);
    void plan_sync_of_all(error_code& ec);
    std::size_t planned_directories() const noexcept;
    void run_syncs(error_code& ec);
    void take_reserve(error_code& ec);
    bool release_reserve() noexcept;

    // live_file.cpp
    void check_live_files(batch& gathered, error_code& ec);
    piece* find_vanished(batch const& gathered, error_code& ec);
    bool is_live(piece const& part, error_code& ec);
    void move_lines(batch& gathered, piece& vanished, error_code& ec);
    void withdraw(piece& part, error_code& ec);
    bool ends_with(piece const& part, std::uint64_t size, error_code& ec);
    std::uint64_t bytes_held(piece const& part, std::uint64_t size, error_code& ec);

    file_system& system_;
    writer_options const options_;
    owned_file root_;
    root_lock lock_;
    index_file index_;
    lock_record record_;
    category_table categories_;
    dirty_directories directories_;
    segment_cache segments_;
    owned_file reserve_;  // the descriptor that a commit needs where all others are in use
    detail::disk_pool* const pool_;  // null: files are synced one after the other
    std::vector<sync_job> jobs_;
    std::uint64_t next_id_ = 1;
    std::uint64_t vanished_segments_ = 0;
    bool disk_full_ = false;  // so the last batch found it
    error_code failure_;
};

}  // namespace audit_trail::storage
