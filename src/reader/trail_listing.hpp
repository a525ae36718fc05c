/// \file
/// What a root holds, by name: domains, categories, segments, and what does not belong there.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "reader/damage_log.hpp"
#include "reader/line_filter.hpp"
#include "system/file_system.hpp"

namespace audit_trail::reading {

struct category_place {
    std::string domain;
    std::string name;
};

/// The domains that the filter lets pass, sorted by name. Here as below, what else is found, or can't be read, goes to
/// the log.
std::vector<std::string> list_domains(storage::file_system& system, storage::file_handle root,
                                      line_filter const& filter, damage_log& log);

/// The categories of a domain that the filter lets pass, sorted by name.
std::vector<category_place> list_categories(storage::file_system& system, storage::file_handle root,
                                            std::string const& domain, line_filter const& filter, damage_log& log);

/// The same of all domains that the filter lets pass.
std::vector<category_place> list_categories(storage::file_system& system, storage::file_handle root,
                                            line_filter const& filter, damage_log& log);

/// The numbers of a category's segments, ascending.
std::vector<std::uint64_t> list_segments(storage::file_system& system, storage::file_handle root,
                                         category_place const& place, damage_log& log);

/// Whether numbers are missing between the first and the last.
bool has_hole(std::vector<std::uint64_t> const& numbers) noexcept;

}  // namespace audit_trail::reading
