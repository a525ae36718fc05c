/// \file
/// Exports the figures of writers to Prometheus. Needs prometheus-cpp-core (CMake: the component `prometheus` and the
/// target `audit_trail::prometheus`); no other header needs it.
///
/// \code
/// auto const collector = std::make_shared<audit_trail::prometheus_collector>();
/// collector->add("accounts", trail);
/// exposer.RegisterCollectable(collector);  // prometheus::Exposer, or another server that calls Collect()
/// \endcode
#pragma once

#include <prometheus/client_metric.h>
#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>
#include <prometheus/metric_type.h>

#include <audit_trail/writer.hpp>
#include <audit_trail/writer_stats.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace audit_trail {

/// Collects the `writer_stats` of any number of writers. Use one collector for all of them: then each metric is one
/// family, and its label `trail` tells the writers apart.
///
/// Names begin with `audit_trail_`. Counters end with `_total`; they begin at 0 when the trail is opened. Times are in
/// seconds. The bounds of a histogram's buckets are powers of two (minus one unit).
///
/// Thread safe. No function waits for the disk.
class prometheus_collector final : public ::prometheus::Collectable {
 public:
    using source = std::function<writer_stats()>;

    /// Adds or replaces the writer with this label. `stats` is called by every `Collect`, on its thread, and must not
    /// call this collector.
    void add(std::string trail, source stats) {
        std::lock_guard const lock(mutex_);
        sources_[std::move(trail)] = std::move(stats);
    }

    /// The same for a writer. Before the handle is moved, assigned or destroyed, call `remove`.
    void add(std::string trail, writer const& watched) {
        add(std::move(trail), [&watched] { return watched.stats(); });
    }

    /// After this, the function of `trail` is not called any more.
    void remove(std::string const& trail) {
        std::lock_guard const lock(mutex_);
        sources_.erase(trail);
    }

    /// Called by prometheus-cpp. Throws what the functions of the sources throw.
    std::vector<::prometheus::MetricFamily> Collect() const override {
        families result;
        for (auto const& [trail, stats] : snapshots()) {
            result.begin(trail);
            result.add("open", "1 while the writer is open and not stopped", type::Gauge,
                       stats.state == writer_state::open);
            result.add("stopped", "1 after a final failure", type::Gauge, stats.state == writer_state::stopped);
            for (figure const& each : figures) result.add(each.name, each.help, each.kind, stats.*each.value);
            add_distributions(result, stats);
        }
        return std::move(result.list);
    }

 private:
    using metric = ::prometheus::ClientMetric;
    using type = ::prometheus::MetricType;

    /// Every writer adds its metrics in the same order: `next` is the family of the next metric.
    struct families {
        std::vector<::prometheus::MetricFamily> list;
        std::string trail;
        std::size_t next = 0;

        void begin(std::string const& of_trail) {
            trail = of_trail;
            next = 0;
        }
        metric& add(char const* name, char const* help, type kind) {
            if (next == list.size()) list.push_back({std::string("audit_trail_") + name, help, kind, {}});
            metric& added = list[next++].metric.emplace_back();
            added.label = {{"trail", trail}};
            return added;
        }
        void add(char const* name, char const* help, type kind, std::uint64_t value) {
            metric& added = add(name, help, kind);
            (kind == type::Counter ? added.counter.value : added.gauge.value) = static_cast<double>(value);
        }
        /// Has the buckets `first`, `first + 2`, … `last` of the magnitudes; a value counts `unit`.
        void histogram(char const* name, char const* help, magnitude_histogram const& values, std::size_t first,
                       std::size_t last, double unit) {
            auto& added = add(name, help, type::Histogram).histogram;
            std::uint64_t below = 0;
            for (std::size_t n = 0; n <= last; ++n) {
                below += values.buckets[n];
                if (n < first || (n - first) % 2 != 0) continue;
                added.bucket.push_back({below, static_cast<double>((std::uint64_t{1} << n) - 1) * unit});
            }
            for (std::size_t n = last + 1; n < values.buckets.size(); ++n) below += values.buckets[n];
            added.bucket.push_back({below, std::numeric_limits<double>::infinity()});
            added.sample_count = below;  // not `count`, which may be from another moment
            added.sample_sum = static_cast<double>(values.sum) * unit;
        }
    };

    std::vector<std::pair<std::string, writer_stats>> snapshots() const {
        std::vector<std::pair<std::string, writer_stats>> result;
        std::lock_guard const lock(mutex_);
        for (auto const& [trail, stats] : sources_) result.emplace_back(trail, stats());
        return result;
    }

    struct figure {
        std::uint64_t writer_stats::*value;
        type kind;
        char const* name;
        char const* help;
    };
    static constexpr figure figures[] = {
        {&writer_stats::queue_events, type::Gauge, "queue_events", "Events that are pending or waiting"},
        {&writer_stats::queue_bytes, type::Gauge, "queue_bytes", "Memory of these events"},
        {&writer_stats::last_event_id, type::Gauge, "last_event_id", "Last committed id"},
        {&writer_stats::last_synced_event_id, type::Gauge, "last_synced_event_id",
         "Lines up to it are on stable storage"},
        {&writer_stats::accepted, type::Counter, "accepted_events_total", "Events that were admitted"},
        {&writer_stats::acknowledged, type::Counter, "acknowledged_events_total", "Events that a batch committed"},
        {&writer_stats::failed, type::Counter, "failed_events_total", "Admitted events that completed with an error"},
        {&writer_stats::cancelled, type::Counter, "cancelled_events_total", "Events cancelled before a batch had them"},
        {&writer_stats::rejected, type::Counter, "rejected_calls_total", "Calls that were refused at once"},
        {&writer_stats::bytes, type::Counter, "line_bytes_total", "Bytes of the acknowledged lines"},
        {&writer_stats::batches, type::Counter, "batches_total", "Batches that were committed"},
        {&writer_stats::syncs, type::Counter, "syncs_total", "Batches and flushes that waited for a sync"},
        {&writer_stats::vanished_segments, type::Counter, "vanished_segments_total",
         "Segments that other programs removed or cut"},
        {&writer_stats::commit_log_writes, type::Counter, "commit_log_writes_total",
         "Batches written to the commit log"},
        {&writer_stats::commit_log_bytes, type::Counter, "commit_log_bytes_total", "Bytes of these writes"},
        {&writer_stats::commit_log_clearings, type::Counter, "commit_log_clearings_total",
         "How often the log was cleared"},
        {&writer_stats::commit_log_full, type::Counter, "commit_log_full_total",
         "Batches for which the log had no room"},
        {&writer_stats::commit_log_unavailable, type::Counter, "commit_log_unavailable_total", "Batches without a log"},
    };

    static void add_distributions(families& to, writer_stats const& stats) {
        to.histogram("batch_events", "Events per batch", stats.batch_events, 1, 15, 1);
        to.histogram("batch_bytes", "Bytes per batch", stats.batch_bytes, 8, 24, 1);
        to.histogram("write_seconds", "Writes per batch", stats.write_time_nanoseconds, 12, 34, 1e-9);
        to.histogram("sync_seconds", "Sync per batch or flush", stats.sync_time_nanoseconds, 12, 34, 1e-9);
    }

    mutable std::mutex mutex_;
    std::map<std::string, source> sources_;
};

}  // namespace audit_trail
