/// \file
/// Creates a trail without a writer, which is faster.
#pragma once

#include <cstdint>
#include <filesystem>

namespace bench {

struct trail_size {
    std::uint64_t categories;
    std::uint64_t segments;  ///< of each category
    std::uint64_t lines;     ///< of each segment
};

/// Fills an empty root, one category after the other. Then a writer opens and closes it, so that its end is clean. The
/// categories are those of `sample_event_of`.
void prefill_trail(std::filesystem::path const& root, trail_size size);

/// Opens and closes the root with a writer.
void end_cleanly(std::filesystem::path const& root);

}  // namespace bench
