/// \file
/// Reads the files of a trail, and makes drafts to fill them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace test {

/// The ids in the trail's segments, ascending. Fails the test for a line that is no event, and where the ids of one
/// segment do not ascend; the result has an id twice when the trail has it twice.
std::vector<std::uint64_t> ids_in(std::filesystem::path const& root);

/// The segments' contents by their paths relative to the root.
std::map<std::string, std::string> segments_in(std::filesystem::path const& root);

/// The ids that the records of kind `unused_ids` in .recovery.jsonl name.
std::vector<std::uint64_t> unused_ids_in(std::filesystem::path const& root);

/// first, first + 1 … last.
std::vector<std::uint64_t> ids_from_to(std::uint64_t first, std::uint64_t last);

/// The ids as `append` prints them.
std::string printed(std::vector<std::uint64_t> const& ids);

/// A draft with a newline, in domain d and category c.
std::string draft(std::string const& model_name = "m");

std::string catalog_file();

}  // namespace test
