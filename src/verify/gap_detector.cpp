#include "verify/gap_detector.hpp"

#include <algorithm>
#include <iterator>

#include "storage/layout.hpp"

namespace audit_trail::reading {

void id_ranges::add(id_range added) {
    auto at = last_of_.upper_bound(added.first);
    if (at != last_of_.begin()) {
        auto const before = std::prev(at);
        bool const touches = before->second >= added.first - 1;
        if (touches) at = before;
    }
    while (at != last_of_.end() && at->first - 1 <= added.last) {
        added.first = std::min(added.first, at->first);
        added.last = std::max(added.last, at->second);
        at = last_of_.erase(at);
    }
    last_of_.emplace(added.first, added.last);
}

bool id_ranges::contains(std::uint64_t id) const {
    auto const range = range_from(id);
    return range && range->first <= id;
}

std::optional<id_range> id_ranges::range_from(std::uint64_t id) const {
    auto at = last_of_.upper_bound(id);
    if (at != last_of_.begin() && std::prev(at)->second >= id) --at;
    if (at == last_of_.end()) return std::nullopt;
    return id_range{at->first, at->second};
}

std::vector<id_range> id_ranges::without(id_ranges const& other) const {
    std::vector<id_range> rest;
    for (auto const& [first, last] : last_of_) {
        std::uint64_t next = first;
        for (auto hole = other.range_from(next); hole && hole->first <= last; hole = other.range_from(next)) {
            if (hole->first > next) rest.push_back({next, hole->first - 1});
            next = hole->last + 1;
            if (hole->last >= last) break;
        }
        bool const ends_in_hole = other.contains(last);
        if (!ends_in_hole) rest.push_back({next, last});
    }
    return rest;
}

id_turn gap_detector::add(std::uint64_t id, std::string const& path, std::uint64_t offset) {
    if (id <= last_) return fill(id) || id <= reported_through_ ? id_turn::late : id_turn::again;
    if (id > last_ + 1) gaps_.emplace(last_ + 1, id_gap{{last_ + 1, id - 1}, path, offset});
    last_ = id;
    if (gaps_.size() > max_gaps_) report_lowest();
    return id_turn::next;
}

void gap_detector::end() {
    while (!gaps_.empty()) report_lowest();
}

/// Removes the id from its gap. Returns false if it is in no gap.
bool gap_detector::fill(std::uint64_t id) {
    auto at = gaps_.upper_bound(id);
    if (at == gaps_.begin() || std::prev(at)->second.ids.last < id) return false;
    id_gap gap = std::move(gaps_.extract(std::prev(at)).mapped());
    id_range const below{gap.ids.first, id - 1};
    id_range const above{id + 1, gap.ids.last};
    if (below.last >= below.first) gaps_.emplace(below.first, id_gap{below, gap.path, gap.offset});
    if (above.last >= above.first) gaps_.emplace(above.first, id_gap{above, gap.path, gap.offset});
    if (gaps_.size() > max_gaps_) report_lowest();
    return true;
}

void gap_detector::report_lowest() {
    id_gap const gap = std::move(gaps_.extract(gaps_.begin()).mapped());
    reported_through_ = std::max(reported_through_, gap.ids.last);
    on_gap_(gap);
}

char const* excuse_of(gap_cause cause) {
    switch (cause) {
        case gap_cause::accepted:
            return "lost; .recovery.jsonl records who accepted the loss, and when";
        case gap_cause::unsynced:
            return "lost; acknowledged as written, not as synced, before an unclean end (.recovery.jsonl)";
        case gap_cause::unused:
            return "in no segment, left unused by a crash (.recovery.jsonl)";
        case gap_cause::retention:
            return "in no segment; may have been in segments at the beginning of a category, which are gone";
        case gap_cause::other_writer:
            return "in no segment; from before this library had the root (began in .lock)";
        case gap_cause::unfinished:
            return "in no segment, nor named by index.json: of a batch that a crash cut short";
        case gap_cause::damaged_line:
        case gap_cause::lost:
        case gap_cause::vanished:
        case gap_cause::unknown:
            break;
    }
    return "";
}

char const* evidence_of(gap_cause cause) {
    switch (cause) {
        case gap_cause::accepted:
        case gap_cause::unsynced:
        case gap_cause::unused:
            return storage::recovery_log_name;
        case gap_cause::other_writer:
            return storage::lock_name;
        case gap_cause::unfinished:
            return storage::index_name;
        default:
            return "";
    }
}

gap_cause gap_causes::of(std::uint64_t id) const {
    if (damaged.contains(id)) return gap_cause::damaged_line;
    if (accepted.contains(id)) return gap_cause::accepted;
    if (lost.contains(id)) return gap_cause::lost;
    if (unsynced.contains(id)) return gap_cause::unsynced;
    if (unused.contains(id)) return gap_cause::unused;
    if (id > unfinished_above) return gap_cause::unfinished;
    if (id < vanished_below) return gap_cause::vanished;
    if (id < retention_below) return gap_cause::retention;
    if (id < other_writer_below) return gap_cause::other_writer;
    return gap_cause::unknown;
}

void gap_causes::split(id_range ids, std::function<void(gap_cause, id_range)> const& each) const {
    for (std::uint64_t id = ids.first;;) {
        std::uint64_t const last = std::min(ids.last, last_with_same_cause(id));
        each(of(id), {id, last});
        if (last == ids.last) return;
        id = last + 1;
    }
}

std::uint64_t gap_causes::last_with_same_cause(std::uint64_t id) const {
    std::uint64_t last = std::numeric_limits<std::uint64_t>::max();
    for (auto const* const ranges : {&damaged, &accepted, &lost, &unsynced, &unused}) {
        if (auto const range = ranges->range_from(id))
            last = std::min(last, range->first > id ? range->first - 1 : range->last);
    }
    for (std::uint64_t const limit : {vanished_below, retention_below, other_writer_below}) {
        if (id < limit) last = std::min(last, limit - 1);
    }
    return id <= unfinished_above ? std::min(last, unfinished_above) : last;
}

}  // namespace audit_trail::reading
