/// \file
/// What a writer has done so far, in numbers.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace audit_trail {

/// Counts of values by magnitude: bucket n counts the values v with 2^(n-1) <= v < 2^n, bucket 0 the zeros.
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

    /// An upper bound, at most twice too high, of the value below which `share` (0 to 1) of all values lie.
    std::uint64_t quantile(double share) const noexcept;
};

/// A snapshot; each number is exact, though two of them may be of slightly different moments.
struct writer_stats {
    std::uint64_t accepted = 0;      ///< events that were let in
    std::uint64_t acknowledged = 0;  ///< … that a batch committed
    std::uint64_t failed = 0;        ///< … that were let in and then completed with an error other than cancellation
    std::uint64_t cancelled = 0;     ///< … that were cancelled before a batch took them
    std::uint64_t rejected = 0;      ///< calls that were refused at once: invalid, queue full, closed

    std::uint64_t bytes = 0;    ///< of the acknowledged lines
    std::uint64_t batches = 0;  ///< that were committed
    std::uint64_t syncs = 0;    ///< batches and flushes that waited for the disk

    std::uint64_t queue_events = 0;  ///< let in, handler not yet run: the depth of the queue now
    std::uint64_t queue_bytes = 0;

    std::uint64_t last_event_id = 0;         ///< of the last committed batch
    std::uint64_t last_synced_event_id = 0;  ///< every line up to this id is on stable storage

    std::uint64_t vanished_segments = 0;  ///< found deleted, replaced or cut short since opening (`vanished_segment`)

    magnitude_histogram batch_events;            ///< events a batch
    magnitude_histogram batch_bytes;             ///< bytes a batch
    magnitude_histogram write_time_nanoseconds;  ///< a batch: all writes, index.json included
    magnitude_histogram sync_time_nanoseconds;   ///< a batch or flush that synced
};

}  // namespace audit_trail
