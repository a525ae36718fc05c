#include "verify/gap_cause.hpp"

#include <algorithm>

namespace audit_trail::reading {
namespace {

bool contains(id_ranges const& ranges, std::uint64_t id) {
    auto const range = ranges.at_or_behind(id);
    return range && range->first <= id;
}

constexpr std::uint64_t highest = std::numeric_limits<std::uint64_t>::max();

}  // namespace

gap_cause gap_causes::of(std::uint64_t id) const {
    if (contains(damaged, id)) return gap_cause::damaged_line;
    if (contains(accepted, id)) return gap_cause::accepted;
    if (contains(lost, id)) return gap_cause::lost;
    if (contains(unsynced, id)) return gap_cause::unsynced;
    if (contains(unused, id)) return gap_cause::unused;
    if (id < retention_below) return gap_cause::retention;
    if (id < other_writer_below) return gap_cause::other_writer;
    if (id > unfinished_above) return gap_cause::unfinished;
    return gap_cause::unknown;
}

void gap_causes::split(id_range ids, std::function<void(gap_cause, id_range)> const& each) const {
    for (std::uint64_t id = ids.first;;) {
        std::uint64_t const last = std::min(ids.last, last_alike(id));
        each(of(id), {id, last});
        if (last == ids.last) return;
        id = last + 1;
    }
}

/// The last id up to which nothing changes.
std::uint64_t gap_causes::last_alike(std::uint64_t id) const {
    std::uint64_t last = highest;
    for (auto const* const ranges : {&damaged, &accepted, &lost, &unsynced, &unused}) {
        if (auto const range = ranges->at_or_behind(id))
            last = std::min(last, range->first > id ? range->first - 1 : range->last);
    }
    for (std::uint64_t const limit : {retention_below, other_writer_below}) {
        if (id < limit) last = std::min(last, limit - 1);
    }
    return id <= unfinished_above ? std::min(last, unfinished_above) : last;
}

}  // namespace audit_trail::reading
