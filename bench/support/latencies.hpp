/// \file
/// How long things took, and what share of them took no longer than that.
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

    /// In microseconds: `share` (0 to 1) of all took no longer.
    double quantile(double share);
    double median() { return quantile(0.5); }

    /// The distribution as HdrHistogram's plotter reads it: value in microseconds, share, count up to there, and
    /// 1 / (1 - share), which is the axis to plot over.
    void write_plot_data(std::ostream& out);

 private:
    void sort();

    std::vector<std::int64_t> nanoseconds_;
    bool sorted_ = false;
};

}  // namespace bench
