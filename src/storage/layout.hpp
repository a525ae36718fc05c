/// \file
/// Defines the layout of a root: builds and parses file names, lists directories, reads and writes the numbers in the
/// small JSON files.
#pragma once

#include <audit_trail/detail/text_buffer.hpp>
#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "system/file_system.hpp"

namespace audit_trail::storage {

inline constexpr char const* index_name = "index.json";
inline constexpr char const* index_draft_name = ".index.json.new";
inline constexpr char const* lock_name = ".lock";
inline constexpr char const* recovery_log_name = ".recovery.jsonl";
inline constexpr char const* broken_name = ".broken";
inline constexpr char const* commit_log_name = ".commit-log";

/// Returns `audit-000001.jsonl` for 1. Numbers above 999999 have more digits.
std::string segment_name(std::uint64_t number);

/// Returns the number in a segment's name, at least 1, or nothing if `segment_name` does not produce this name.
std::optional<std::uint64_t> parse_segment_name(std::string_view name);

/// Relative to the root.
std::string category_path(std::string_view domain, std::string_view category);
std::string segment_path(std::string_view domain, std::string_view category, std::uint64_t number);

/// The entries of the root (names are domains) or of a domain (names are categories).
struct directory_names {
    std::vector<std::string> names;       ///< directories with a valid name, sorted
    std::vector<directory_entry> others;  ///< all other entries, sorted by name
};
directory_names list_directories(file_system& system, file_handle directory, error_code& ec);

/// The entries of a category.
struct segment_numbers {
    std::vector<std::uint64_t> numbers;   ///< regular files with a segment's name, ascending
    std::vector<directory_entry> others;  ///< all other entries, sorted by name
};
segment_numbers list_segments(file_system& system, file_handle directory, error_code& ec);

/// Writes a number, padded with spaces to the width of the longest, for a file that is overwritten in place.
void put_padded_number(std::uint64_t number, detail::text_buffer& text);

/// Returns the member's value, or nothing if it is absent or not a whole number.
std::optional<std::uint64_t> number_of(boost::json::object const& object, std::string_view key);

}  // namespace audit_trail::storage
