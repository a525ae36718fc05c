/// \file
/// Evaluates an event_filter on every line. The filter is prepared once.
#pragma once

#include <audit_trail/event_filter.hpp>
#include <cstdint>
#include <limits>
#include <string_view>

#include "format/line_header.hpp"

namespace audit_trail::reading {

class line_filter {
 public:
    explicit line_filter(event_filter wanted);

    /// Return true if a directory with this name may contain events that pass the filter.
    bool takes_domain(std::string_view name) const;
    bool takes_category(std::string_view name) const;

    /// Returns true if the line passes the filter. Requires: its domain and category were accepted.
    bool takes(format::line_header const& line) const;

    /// Changes the lowest id of the filter.
    void begin_at(std::uint64_t min_event_id) noexcept { wanted_.min_event_id = min_event_id; }

    std::uint64_t min_event_id() const noexcept { return wanted_.min_event_id.value_or(0); }
    std::uint64_t max_event_id() const noexcept {
        return wanted_.max_event_id.value_or(std::numeric_limits<std::uint64_t>::max());
    }

    /// Returns true if every event passes.
    bool takes_all() const { return wanted_ == event_filter(); }

 private:
    event_filter wanted_;  // lists sorted
};

}  // namespace audit_trail::reading
