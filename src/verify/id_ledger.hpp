/// \file
/// Keeps account of the ids of a whole trail as they come by in nearly ascending order: which came twice, which never.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "verify/id_ranges.hpp"

namespace audit_trail::reading {

/// Ids that did not come, and the line behind them.
struct id_gap {
    id_range ids;
    std::string path;  ///< of the segment of the first line whose id is higher
    std::uint64_t offset = 0;
};

enum class id_turn {
    next,  ///< higher than all before
    late,  ///< after a higher one, for the first time as far as that is known
    again  ///< it came before
};

/// Takes memory for a bounded number of gaps. Where there are more, the lowest is given away, and an id that comes
/// later than that is taken for a late one.
class id_ledger {
 public:
    /// `on_gap` gets every gap once, the lower ones first.
    id_ledger(std::size_t max_gaps, std::function<void(id_gap const&)> on_gap)
        : max_gaps_(max_gaps), on_gap_(std::move(on_gap)) {}

    id_turn take(std::uint64_t id, std::string const& path, std::uint64_t offset);

    /// Nothing more comes.
    void end();

    /// The highest that came; 0 before the first.
    std::uint64_t last() const noexcept { return last_; }

 private:
    bool fill(std::uint64_t id);
    void give_away_lowest();

    std::size_t max_gaps_;
    std::function<void(id_gap const&)> on_gap_;
    std::map<std::uint64_t, id_gap> gaps_;  // by the first id
    std::uint64_t last_ = 0;
    std::uint64_t given_through_ = 0;
};

}  // namespace audit_trail::reading
