#include "verify/id_ledger.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace audit_trail::reading {

id_turn id_ledger::take(std::uint64_t id, std::string const& path, std::uint64_t offset) {
    if (id <= last_) return fill(id) || id <= given_through_ ? id_turn::late : id_turn::again;
    if (id > last_ + 1) gaps_.emplace(last_ + 1, id_gap{{last_ + 1, id - 1}, path, offset});
    last_ = id;
    if (gaps_.size() > max_gaps_) give_away_lowest();
    return id_turn::next;
}

void id_ledger::end() {
    while (!gaps_.empty()) give_away_lowest();
}

/// Takes the id out of its gap; false when it is in none.
bool id_ledger::fill(std::uint64_t id) {
    auto at = gaps_.upper_bound(id);
    if (at == gaps_.begin() || std::prev(at)->second.ids.last < id) return false;
    id_gap gap = std::move(gaps_.extract(std::prev(at)).mapped());
    id_range const below{gap.ids.first, id - 1};
    id_range const above{id + 1, gap.ids.last};
    if (below.last >= below.first) gaps_.emplace(below.first, id_gap{below, gap.path, gap.offset});
    if (above.last >= above.first) gaps_.emplace(above.first, id_gap{above, gap.path, gap.offset});
    if (gaps_.size() > max_gaps_) give_away_lowest();
    return true;
}

void id_ledger::give_away_lowest() {
    id_gap const gap = std::move(gaps_.extract(gaps_.begin()).mapped());
    given_through_ = std::max(given_through_, gap.ids.last);
    on_gap_(gap);
}

}  // namespace audit_trail::reading
