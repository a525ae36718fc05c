/// \file
/// A category as its writer keeps it: a name, and where the next line goes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>

namespace audit_trail::storage {

/// Where a category's next line goes, as far as numbers tell. Number 0: the category has no segment yet.
struct segment_tail {
    /// The size of a segment that takes no more lines, however short it is.
    static constexpr std::uint64_t sealed = std::numeric_limits<std::uint64_t>::max();

    std::uint64_t number = 0;
    std::uint64_t size = 0;

    friend bool operator==(segment_tail const&, segment_tail const&) = default;
};

/// The rule of rolling: the newest segment takes lines until its size is at or over the limit.
inline segment_tail tail_for_next_line(segment_tail newest, std::uint64_t max_segment_bytes) noexcept {
    bool const rolls = newest.number == 0 || newest.size >= max_segment_bytes;
    return rolls ? segment_tail{newest.number + 1, 0} : newest;
}

struct piece;
struct segment_file;

struct category {
    std::string domain;
    std::string name;
    std::size_t hash = 0;
    segment_tail tail;                ///< moves as lines are added to a batch
    piece* open_piece = nullptr;      ///< of the batch that gathers
    segment_file* segment = nullptr;  ///< the file that takes the next line, while it is open
};

}  // namespace audit_trail::storage
