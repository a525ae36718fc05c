/// \file
/// Collects latencies and computes their quantiles.
#pragma once

#include <chrono>
#include <cstddef>
#include <ostream>
#include <vector>

namespace bench {

class latencies {
 public:
    using clock = std::chrono::steady_clock;

    void reserve(std::size_t count) { nanoseconds_.reserve(count); }
    void add(clock::duration taken);

    std::size_t count() const noexcept { return nanoseconds_.size(); }

    /// Returns a latency in microseconds: the share `share` (0 to 1) of all latencies is not longer.
    double quantile(double share);
    double median() { return quantile(0.5); }

    /// Writes the distribution for HdrHistogram's plotter: value in microseconds, share, count up to this value, and
    /// 1 / (1 - share), the horizontal axis of the plot.
    void write_plot_data(std::ostream& out);

 private:
    void sort();

    std::vector<std::int64_t> nanoseconds_;
    bool sorted_ = false;
};

}  // namespace bench
