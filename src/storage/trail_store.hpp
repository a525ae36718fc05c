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
#include <string_view>

#include "storage/batch.hpp"
#include "storage/file_system.hpp"

namespace audit_trail::storage {

struct category {
    std::string domain;
    std::string name;
    segment_tail tail;              // moves as lines are added to a batch
    piece* open_piece = nullptr;    // of the current batch (index or pointer: the implementer's choice)
    // … the implementer's: open segments, directories not yet synced
};

enum class commit_result {
    committed,
    cut_back,  ///< a resource ran out (P4): nothing of the batch is in the trail, its ids are free again, go on
    failed     ///< P5: the store is of no further use but to be closed
};

struct commit_times {
    std::chrono::nanoseconds write{};
    std::chrono::nanoseconds sync{};
};

class trail_store {
 public:
    /// Opens or creates the root, takes the lock (error::locked), recovers (P6). Nothing of the store is left open when
    /// `ec` is set.
    static std::unique_ptr<trail_store> open(file_system& system, std::filesystem::path const& root,
                                             writer_options const& options, recovery_report& report, error_code& ec);
    /// Releases the lock without a clean end, as a crash would.
    ~trail_store();

    std::uint64_t next_id() const noexcept;

    /// The category of that name, made (in memory only) when there was none. `hash` is hash_names(domain, name).
    category& find(std::string_view domain, std::string_view name, std::size_t hash);

    /// Opens, or creates, the segment to which the category's next line goes: batch.where(owner). Segments that the batch
    /// has pieces in stay open. On error nothing has changed but, perhaps, an empty directory.
    void open_segment(batch const& gathered, category& owner, error_code& ec);

    /// Lines, syncs, index.json, in this order. On `committed`, next_id() has moved on.
    commit_result commit(batch& gathered, commit_times& times, error_code& ec);

    /// Syncs all that is written and not yet synced. A failure is final (P5).
    void sync_all(error_code& ec);

    /// sync_all, marks the end clean, releases the lock. After a failure: only releases the lock.
    void close(error_code& ec);

    /// True in a child process of the one that opened the store; the lock is then already closed. Any thread.
    bool forked() const noexcept;
};

std::size_t hash_names(std::string_view domain, std::string_view name) noexcept;

}  // namespace audit_trail::storage
