/// \file
/// A trail that is already there, made faster than a writer would.
#pragma once

#include <cstdint>
#include <filesystem>

namespace bench {

struct trail_size {
    std::uint64_t categories;
    std::uint64_t segments;  ///< of each category
    std::uint64_t lines;     ///< of each segment
};

/// Fills an empty root, one category after the other, and has a writer open and close it, so that its end is clean.
/// The categories are those of `sample_event_of`.
void prefill_trail(std::filesystem::path const& root, trail_size size);

/// Has a writer open and close the root.
void end_cleanly(std::filesystem::path const& root);

}  // namespace bench
