/// \file
/// The names that a root holds.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace audit_trail::storage {

inline constexpr char const* index_name = "index.json";
inline constexpr char const* index_draft_name = ".index.json.new";
inline constexpr char const* lock_name = ".lock";
inline constexpr char const* recovery_log_name = ".recovery.jsonl";
inline constexpr char const* broken_name = ".broken";

/// `audit-000001.jsonl`; numbers past 999999 take the digits that they need.
std::string segment_name(std::uint64_t number);

/// The number of a segment's name; nothing when `segment_name` gives that name to no number from 1 on.
std::optional<std::uint64_t> parse_segment_name(std::string_view name);

/// Relative to the root.
std::string category_path(std::string_view domain, std::string_view category);
std::string segment_path(std::string_view domain, std::string_view category, std::uint64_t number);

}  // namespace audit_trail::storage
