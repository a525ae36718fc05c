/// \file
/// Defines the counters and histograms of a writer.
#pragma once

#include <array>
#include <audit_trail/detail/api.hpp>
#include <audit_trail/error.hpp>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace audit_trail {

/// Counts values by magnitude: bucket n counts the values v with 2^(n-1) <= v < 2^n, bucket 0 counts the zeros. The
/// last bucket also counts all larger values.
struct magnitude_histogram {
    static constexpr std::size_t bucket_count = 48;

    std::uint64_t count = 0;
    std::uint64_t sum = 0;
    std::uint64_t max = 0;
    std::array<std::uint64_t, bucket_count> buckets{};

    static constexpr std::size_t bucket_of(std::uint64_t value) noexcept {
        auto const width = static_cast<std::size_t>(64 - std::countl_zero(value));
        return width < bucket_count ? width : bucket_count - 1;
    }

    /// Returns an upper bound of the quantile `share`, which is above 0 and at most 1; 0 if there are no values. The
    /// bound is at most twice the exact quantile, or `max` if the quantile is in the last bucket.
    AUDIT_TRAIL_API std::uint64_t quantile(double share) const noexcept;
};

enum class writer_state {
    closed,  ///< a close was initiated, or the writer has no trail
    open,
    stopped  ///< after a final failure: no append succeeds; open the trail again
};

/// A snapshot of one writer since it was opened. Each number is exact, but two numbers may be from slightly different
/// moments.
struct writer_stats {
    writer_state state = writer_state::closed;

    /// The final failure, in `stopped_category()`, also after a close; that of closing if closing failed. None while
    /// the writer works.
    error_code stop_reason;

    std::uint64_t accepted = 0;      ///< events that were admitted
    std::uint64_t acknowledged = 0;  ///< events that a batch committed
    std::uint64_t failed = 0;        ///< admitted events that completed with an error other than cancellation
    std::uint64_t cancelled = 0;     ///< events that were cancelled before a batch contained them
    std::uint64_t rejected = 0;      ///< calls that were refused at once: invalid event, queue full, closed

    std::uint64_t bytes = 0;    ///< bytes of the acknowledged lines
    std::uint64_t batches = 0;  ///< batches that were committed
    std::uint64_t syncs = 0;    ///< batches and flushes that waited for a sync

    std::uint64_t queue_events = 0;  ///< admitted events that are pending or waiting: the current depth of the queue
    std::uint64_t queue_bytes = 0;   ///< the memory of these events

    std::uint64_t last_event_id = 0;         ///< the last id of the last committed batch
    std::uint64_t last_synced_event_id = 0;  ///< all lines up to this id are on stable storage

    /// Segments that were deleted, replaced or cut short by another program since the trail was opened. Their lines
    /// went to the next segment, and `.recovery.jsonl` names them (`vanished_segment`).
    std::uint64_t vanished_segments = 0;

    std::uint64_t commit_log_writes = 0;       ///< batches that were synced by a write to the commit log
    std::uint64_t commit_log_bytes = 0;        ///< bytes of these writes
    std::uint64_t commit_log_clearings = 0;    ///< how often the log was cleared in the background
    std::uint64_t commit_log_full = 0;         ///< batches that synced their segments, because the log had no room
    std::uint64_t commit_log_unavailable = 0;  ///< batches that synced their segments, because no log could be created

    magnitude_histogram batch_events;            ///< events per batch
    magnitude_histogram batch_bytes;             ///< bytes per batch
    magnitude_histogram write_time_nanoseconds;  ///< per batch: all writes, including index.json
    magnitude_histogram sync_time_nanoseconds;   ///< per batch or flush that synced
};

}  // namespace audit_trail
