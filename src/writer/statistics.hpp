/// \file
/// Counters and histograms of a writer, without locks.
#pragma once

#include <array>
#include <atomic>
#include <audit_trail/writer_stats.hpp>
#include <cstdint>

namespace audit_trail::detail {

/// A counter that one thread at a time changes, and any thread reads.
class single_writer_counter {
 public:
    void add(std::uint64_t value) noexcept { set(get() + value); }
    void set(std::uint64_t value) noexcept { value_.store(value, std::memory_order_relaxed); }
    std::uint64_t get() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
    std::atomic<std::uint64_t> value_{0};
};

class live_histogram {
 public:
    void add(std::uint64_t value) noexcept {
        count_.add(1);
        sum_.add(value);
        if (value > max_.get()) max_.set(value);
        buckets_[magnitude_histogram::bucket_of(value)].add(1);
    }

    magnitude_histogram snapshot() const noexcept {
        magnitude_histogram result{.count = count_.get(), .sum = sum_.get(), .max = max_.get(), .buckets = {}};
        for (std::size_t i = 0; i != buckets_.size(); ++i) result.buckets[i] = buckets_[i].get();
        return result;
    }

 private:
    single_writer_counter count_, sum_, max_;
    std::array<single_writer_counter, magnitude_histogram::bucket_count> buckets_;
};

/// The single-writer counters are changed only by the thread that opens the trail or runs the step; the atomic counters
/// by any thread.
struct statistics {
    single_writer_counter acknowledged, failed, bytes, batches, syncs;
    single_writer_counter last_event_id, last_synced_event_id, vanished_segments;
    single_writer_counter log_writes, log_bytes, log_clearings, log_full, log_unavailable;
    live_histogram batch_events, batch_bytes, write_time, sync_time;
    alignas(64) std::atomic<std::uint64_t> rejected{0};
    std::atomic<std::uint64_t> accepted{0};
    std::atomic<std::uint64_t> cancelled{0};

    writer_stats snapshot() const noexcept {
        writer_stats result;
        result.acknowledged = acknowledged.get();
        result.failed = failed.get();
        result.bytes = bytes.get();
        result.batches = batches.get();
        result.syncs = syncs.get();
        result.last_event_id = last_event_id.get();
        result.last_synced_event_id = last_synced_event_id.get();
        result.vanished_segments = vanished_segments.get();
        result.commit_log_writes = log_writes.get();
        result.commit_log_bytes = log_bytes.get();
        result.commit_log_clearings = log_clearings.get();
        result.commit_log_full = log_full.get();
        result.commit_log_unavailable = log_unavailable.get();
        result.batch_events = batch_events.snapshot();
        result.batch_bytes = batch_bytes.snapshot();
        result.write_time_nanoseconds = write_time.snapshot();
        result.sync_time_nanoseconds = sync_time.snapshot();
        result.rejected = rejected.load(std::memory_order_relaxed);
        result.accepted = accepted.load(std::memory_order_relaxed);
        result.cancelled = cancelled.load(std::memory_order_relaxed);
        return result;
    }
};

}  // namespace audit_trail::detail
