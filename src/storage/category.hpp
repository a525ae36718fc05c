/// \file
/// Keeps the categories of a root: their names, and the segment for the next line of each category.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <string>
#include <string_view>

namespace audit_trail::storage {

/// The segment for a category's next line, and its size. Number 0: the category has no segment yet.
struct segment_tail {
    /// The size of a segment that takes no more lines, whatever its file's size is.
    static constexpr std::uint64_t sealed = std::numeric_limits<std::uint64_t>::max();

    std::uint64_t number = 0;
    std::uint64_t size = 0;

    friend bool operator==(segment_tail const&, segment_tail const&) = default;
};

/// Implements the roll rule: the newest segment takes lines until its size reaches the limit.
inline segment_tail tail_for_next_line(segment_tail newest, std::uint64_t max_segment_bytes) noexcept {
    bool const rolls = newest.number == 0 || newest.size >= max_segment_bytes;
    return rolls ? segment_tail{newest.number + 1, 0} : newest;
}

struct segment_write;
struct segment_file;

struct category {
    std::string domain;
    std::string name;
    segment_tail tail;                    ///< moves as lines are added to a batch
    segment_write* open_write = nullptr;  ///< of the batch that is being gathered
    segment_file* segment = nullptr;      ///< the open file that takes the next line, if it is open
    segment_file* closed = nullptr;       ///< the segment that was closed last before it was synced
};

/// Finds a category by its names. Fast, because it runs for each event. The addresses of categories stay valid as long
/// as the table exists.
class category_table {
 public:
    /// Returns the category; creates it if it is new. Does not hash if the names are the same as in the last call.
    category& find(std::string_view domain, std::string_view name);

    std::size_t size() const noexcept { return categories_.size(); }
    auto begin() noexcept { return categories_.begin(); }
    auto end() noexcept { return categories_.end(); }

    struct names {
        std::string_view domain;
        std::string_view name;

        friend bool operator==(names const&, names const&) = default;
    };
    struct hash_names {
        using is_avalanching = void;  // std::hash mixes all bits
        std::size_t operator()(names const& of) const noexcept;
    };

 private:
    std::deque<category> categories_;
    boost::unordered_flat_map<names, category*, hash_names> index_;  // the keys are views of the categories' strings
    category* last_used_ = nullptr;
};

}  // namespace audit_trail::storage
