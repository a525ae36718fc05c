/// \file
/// What a directory of a root holds, by name. Every walk over a root uses these two functions.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "system/file_system.hpp"

namespace audit_trail::storage {

/// Of the root: domains. Of a domain: categories.
struct directory_names {
    std::vector<std::string> names;       ///< directories with a valid name, sorted
    std::vector<directory_entry> others;  ///< all else, sorted by name
};
directory_names list_directories(file_system& system, file_handle directory, error_code& ec);

/// Of a category.
struct segment_numbers {
    std::vector<std::uint64_t> numbers;   ///< of regular files with a segment's name, ascending
    std::vector<directory_entry> others;  ///< all else, sorted by name
};
segment_numbers list_segments(file_system& system, file_handle directory, error_code& ec);

}  // namespace audit_trail::storage
