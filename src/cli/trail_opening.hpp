/// \file
/// A trail that is there to be read.
#pragma once

#include <audit_trail/reader.hpp>
#include <optional>
#include <string>

namespace audit_trail::cli {

/// True when the directory has an index.json, a .lock or a segment. If not, or if it can't be looked at, standard error
/// says so.
bool check_trail(std::string const& root);

/// Says on standard error why a trail, or what is at a path in it, can't be read, and what to do about it.
void report_failure(std::string const& path, error_code const& ec);

/// Checks, then opens. Nothing when it can't be read, which standard error then says.
std::optional<reader> open_reader(std::string const& root, event_filter filter, reader_options const& options);

}  // namespace audit_trail::cli
