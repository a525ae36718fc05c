#include "support/latencies.hpp"

#include <algorithm>
#include <cmath>
#include <iomanip>

namespace bench {

void latencies::add(clock::duration taken) {
    nanoseconds_.push_back(std::chrono::nanoseconds(taken).count());
    sorted_ = false;
}

double latencies::quantile(double share) {
    if (nanoseconds_.empty()) return 0;
    sort();
    auto const rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(count())));
    return static_cast<double>(nanoseconds_[std::clamp<std::size_t>(rank, 1, count()) - 1]) / 1000;
}

/// Writes five steps for each halving of the remaining share.
void latencies::write_plot_data(std::ostream& out) {
    out << "       Value     Percentile TotalCount 1/(1-Percentile)\n\n" << std::fixed;
    double const least_above = 1 / static_cast<double>(std::max<std::size_t>(count(), 1));
    for (double above = 1; above > least_above; above *= std::exp2(-0.2)) {
        double const share = 1 - above;
        out << std::setw(12) << std::setprecision(3) << quantile(share) << std::setw(15) << std::setprecision(12)
            << share << std::setw(11) << std::llround(share * static_cast<double>(count())) << std::setw(17)
            << std::setprecision(2) << 1 / above << '\n';
    }
}

void latencies::sort() {
    if (!sorted_) std::ranges::sort(nanoseconds_);
    sorted_ = true;
}

}  // namespace bench
