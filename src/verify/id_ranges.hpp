/// \file
/// A set of ids, kept as ranges.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

namespace audit_trail::reading {

struct id_range {
    std::uint64_t first = 0;
    std::uint64_t last = 0;  ///< inclusive

    friend bool operator==(id_range const&, id_range const&) = default;
};

class id_ranges {
 public:
    /// `added.first` is at most `added.last`.
    void add(id_range added);

    /// The first range that ends at `id` or behind it.
    std::optional<id_range> at_or_behind(std::uint64_t id) const;

    std::size_t size() const noexcept { return last_of_.size(); }

 private:
    std::map<std::uint64_t, std::uint64_t> last_of_;  // by the first; neither touching nor overlapping
};

}  // namespace audit_trail::reading
