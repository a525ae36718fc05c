/// \file
/// What a root holds, by name: domains, categories, segments, and what does not belong there.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "reader/damage_log.hpp"
#include "reader/line_filter.hpp"
#include "storage/file_system.hpp"

namespace audit_trail::reading {

struct category_place {
    std::string domain;
    std::string name;
};

/// The categories that the filter lets pass, sorted by domain and name. What else is found, or can't be read, goes to
/// the log.
std::vector<category_place> list_categories(storage::file_system& system, storage::file_handle root,
                                            line_filter const& filter, damage_log& log);

/// The numbers of a category's segments, ascending.
std::vector<std::uint64_t> list_segments(storage::file_system& system, storage::file_handle root,
                                         category_place const& place, damage_log& log);

}  // namespace audit_trail::reading
