/// \file
/// Lists the domains, categories and segments of a root, and reports what does not belong there.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "reader/finding_log.hpp"
#include "reader/line_filter.hpp"
#include "system/file_system.hpp"

namespace audit_trail::reading {

struct category_place {
    std::string domain;
    std::string name;
};

/// The domains that pass the filter, sorted by name. These functions report foreign and unreadable entries to the log.
std::vector<std::string> list_domains(storage::file_system& system, storage::file_handle root,
                                      line_filter const& filter, finding_log& log);

/// The categories of a domain that pass the filter, sorted by name.
std::vector<category_place> list_categories(storage::file_system& system, storage::file_handle root,
                                            std::string const& domain, line_filter const& filter, finding_log& log);

/// The categories of all domains that pass the filter.
std::vector<category_place> list_categories(storage::file_system& system, storage::file_handle root,
                                            line_filter const& filter, finding_log& log);

/// The numbers of a category's segments, ascending.
std::vector<std::uint64_t> list_segments(storage::file_system& system, storage::file_handle root,
                                         category_place const& place, finding_log& log);

/// Whether numbers are missing between the first and the last.
bool has_hole(std::vector<std::uint64_t> const& numbers) noexcept;

/// Whether a directory may be followed as the root of a trail. Sets error::not_a_trail when it holds other files or
/// directories but no file of a trail: no index.json, no file of a writer, and no segment. An empty root may become a
/// trail, and so may empty domains and categories. `lost+found` in the root is ignored.
void check_root(storage::file_system& system, storage::file_handle root, error_code& ec);

}  // namespace audit_trail::reading
