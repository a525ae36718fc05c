#include "verify/id_ranges.hpp"

#include <algorithm>
#include <iterator>

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

std::optional<id_range> id_ranges::at_or_behind(std::uint64_t id) const {
    auto at = last_of_.upper_bound(id);
    if (at != last_of_.begin() && std::prev(at)->second >= id) --at;
    if (at == last_of_.end()) return std::nullopt;
    return id_range{at->first, at->second};
}

}  // namespace audit_trail::reading
