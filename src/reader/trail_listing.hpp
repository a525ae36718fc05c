/// \file
/// Lists the domains, categories and segments of a root, and reports files that do not belong there.
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

/// Returns the domains that pass the filter, sorted by name. The functions of this file report foreign and unreadable
/// entries to the log.
std::vector<std::string> list_domains(storage::file_system& system, storage::file_handle root,
                                      line_filter const& filter, finding_log& log);

/// Returns the categories of a domain that pass the filter, sorted by name.
std::vector<category_place> list_categories(storage::file_system& system, storage::file_handle root,
                                            std::string const& domain, line_filter const& filter, finding_log& log);

/// Returns the categories of all domains that pass the filter.
std::vector<category_place> list_categories(storage::file_system& system, storage::file_handle root,
                                            line_filter const& filter, finding_log& log);

/// Returns the numbers of a category's segments, ascending.
std::vector<std::uint64_t> list_segments(storage::file_system& system, storage::file_handle root,
                                         category_place const& place, finding_log& log);

/// Returns true if numbers are missing between the first and the last.
bool has_hole(std::vector<std::uint64_t> const& numbers) noexcept;

/// Checks whether a directory may be followed as the root of a trail. Sets error::not_a_trail if it contains other
/// files or directories but no file of a trail: no index.json, no file of a writer, and no segment. A root that is
/// empty, or has only empty domains and categories, is accepted: it may become a trail. Ignores `lost+found` in the
/// root.
void check_root(storage::file_system& system, storage::file_handle root, error_code& ec);

}  // namespace audit_trail::reading
