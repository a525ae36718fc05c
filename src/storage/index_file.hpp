/// \file
/// `index.json`: the commit mark. At every instant it can be parsed, and it never names an id whose line the kernel
/// does not hold.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "system/file_operations.hpp"

namespace audit_trail::storage {

/// A higher id in index.json or `.lock` is no evidence: JSON numbers of other programs end there.
inline constexpr std::uint64_t largest_mark = std::uint64_t{1} << 53;

/// No writer continues behind a higher id: counting does not get there, so it was changed. Far below the largest mark,
/// so that index.json can name whatever is counted from here on.
inline constexpr std::uint64_t largest_event_id = largest_mark / 2;

/// The shape that this library writes: one width for every id, so that one small write in place replaces it.
std::string format_index(std::uint64_t last_event_id);

/// Any JSON object whose last_event_id is a whole number up to 2^53; everything else says nothing.
std::optional<std::uint64_t> parse_index(std::string_view text);

class index_file {
 public:
    explicit index_file(file_system& system) noexcept : system_(system) {}

    /// Reads what is there. Anything that is not an index is as good as none.
    std::optional<std::uint64_t> read(file_handle root, error_code& ec);

    /// Makes the file ready for `write`, with that id. A file of another shape is replaced as a whole, by a rename.
    void prepare(file_handle root, std::uint64_t last_event_id, error_code& ec);

    /// In place, without an allocation. When `ec` is set the file still says what it said before, unless restoring
    /// that failed: then `torn()`.
    void write(std::uint64_t last_event_id, error_code& ec);
    bool torn() const noexcept { return torn_; }

    void sync(error_code& ec);

 private:
    void replace(file_handle root, std::string const& text, error_code& ec);

    file_system& system_;
    owned_file file_;
    std::string text_;  // what the file says
    bool torn_ = false;
};

}  // namespace audit_trail::storage
