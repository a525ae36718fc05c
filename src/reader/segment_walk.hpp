/// \file
/// Events as files lie: one category after the other.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "reader/category_cursor.hpp"

namespace audit_trail::reading {

class segment_walk {
 public:
    segment_walk(read_scope& scope, std::vector<category_place> places) : scope_(scope), places_(std::move(places)) {}

    /// The category that stands on the next event; null at the end.
    category_cursor* next();

    std::uint64_t count();

 private:
    bool begin_category();

    read_scope& scope_;
    std::vector<category_place> places_;
    std::size_t next_place_ = 0;
    std::optional<category_cursor> current_;
};

}  // namespace audit_trail::reading
