/// \file
/// Domains and categories that a filter names and the trail does not have.
#pragma once

#include <audit_trail/event_filter.hpp>
#include <string>

namespace audit_trail::cli {

/// Reports each such name on standard error, with the names that the trail has if they are few. Not a failure: a
/// category is created with its first event. Reports nothing if the root can't be opened.
void report_unknown_names(std::string const& root, event_filter const& filter);

}  // namespace audit_trail::cli
