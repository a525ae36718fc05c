/// \file
/// Evaluates an event_filter on every line. The filter is prepared once.
#pragma once

#include <audit_trail/event_filter.hpp>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

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

    /// Returns true if the line also passes the members that need its payload. Requires: `takes` returned true, and the
    /// payload was checked.
    bool takes_content(format::line_header const& header, std::string_view line) const {
        return (wanted_.texts.empty() || has_text(header, line)) &&
               (wanted_.fields.empty() || changes_field(header, line));
    }

    /// Changes the lowest id of the filter.
    void begin_at(std::uint64_t min_event_id) noexcept { wanted_.min_event_id = min_event_id; }

    std::uint64_t min_event_id() const noexcept { return wanted_.min_event_id.value_or(0); }
    std::uint64_t max_event_id() const noexcept {
        return wanted_.max_event_id.value_or(std::numeric_limits<std::uint64_t>::max());
    }

    /// Returns true if every event passes.
    bool takes_all() const { return wanted_ == event_filter(); }

 private:
    bool takes_value(std::vector<std::string> const& wanted, std::string_view value) const;
    bool takes_value(std::string const& wanted, std::string_view value) const;
    bool takes_context(std::string_view text) const;
    bool takes_header(format::line_header const& line, auto takes_text) const;
    bool has_text(format::line_header const& header, std::string_view line) const;
    bool changes_field(format::line_header const& header, std::string_view line) const;
    bool may_name_field(std::string_view payload) const;

    event_filter wanted_;  // lists sorted
    bool is_exact_;        // texts are compared as they are
    std::vector<std::string> texts_in_json_;
    std::vector<std::string> field_ends_;  // the text in each payload that has the field; empty if it is not known
};

}  // namespace audit_trail::reading
