#include <audit_trail/writer_stats.hpp>
#include <cmath>

namespace audit_trail {

std::uint64_t magnitude_histogram::quantile(double share) const noexcept {
    auto const wanted = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count)));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i != bucket_count; ++i) {
        seen += buckets[i];
        if (seen < wanted) continue;
        if (i == bucket_count - 1) break;  // the last bucket has no upper bound
        std::uint64_t const bound = i == 0 ? 0 : (std::uint64_t{1} << i) - 1;
        return bound < max ? bound : max;
    }
    return max;
}

}  // namespace audit_trail
