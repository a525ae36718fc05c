/// \file
/// What a trail holds, in numbers; payloads are not looked at.
#pragma once

#include <array>
#include <audit_trail/entry.hpp>
#include <audit_trail/reader.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace audit_trail::cli {

/// Of a category, or of all.
struct event_statistics {
    std::uint64_t segments = 0;
    std::uint64_t bytes = 0;  ///< of the segments
    std::uint64_t events = 0;
    std::array<std::uint64_t, 3> by_operation{};
    // Of no meaning where there are no events.
    std::uint64_t first_id = 0;
    std::uint64_t last_id = 0;
    std::int64_t first_time = 0;
    std::int64_t last_time = 0;

    void add(event const& one) noexcept;
    void add(event_statistics const& others) noexcept;
};

struct trail_statistics {
    using category_name = std::pair<std::string, std::string>;  // domain, category

    std::map<category_name, event_statistics> categories;
    event_statistics total;
    std::optional<std::uint64_t> index_id;  ///< what a well-formed index.json names
    bool has_writer = false;
};

/// Reads all that `source` gives, which needs no payloads. Damage is left to the report of `source`.
trail_statistics gather_statistics(std::string const& root, reader& source);

}  // namespace audit_trail::cli
