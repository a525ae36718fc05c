/// \file
/// Reads and writes `index.json`, the commit mark. The file can be parsed at any moment, and never names an id whose
/// line was not written to its segment.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "system/file_operations.hpp"

namespace audit_trail::storage {

/// Higher ids in index.json or `.lock` are ignored: other programs' JSON numbers are exact only up to 2^53.
inline constexpr std::uint64_t largest_mark = std::uint64_t{1} << 53;

/// Ids above this are treated as corruption: a writer cannot have counted that far. It is below the largest mark, so
/// that index.json can name every id that follows.
inline constexpr std::uint64_t largest_event_id = largest_mark / 2;

/// Returns the text that this library writes. It has the same size for every id, so one small write in place replaces
/// it.
std::string format_index(std::uint64_t last_event_id);

/// Returns the last_event_id of a JSON object, if it is a whole number up to 2^53.
std::optional<std::uint64_t> parse_index(std::string_view text);

class index_file {
 public:
    explicit index_file(file_system& system) noexcept : system_(system) {}

    /// Reads the file. Returns nothing, without an error, if it is absent or not an index.
    std::optional<std::uint64_t> read(file_handle root, error_code& ec);

    /// Returns true if `prepare` overwrites the file that was read, and does not replace it.
    bool is_kept() const;

    /// Prepares the file for `write`, and writes this id. A file in another format is replaced by a rename.
    void prepare(file_handle root, std::uint64_t last_event_id, error_code& ec);

    /// Writes in place, without an allocation. If `ec` is set, the file still has its old text, unless restoring the
    /// text failed: then `torn()` is true.
    void write(std::uint64_t last_event_id, error_code& ec);
    bool torn() const noexcept { return torn_; }

    void sync(error_code& ec);

 private:
    void replace(file_handle root, std::string const& text, error_code& ec);

    file_system& system_;
    owned_file file_;
    std::string text_;  // the file's content
    bool torn_ = false;
};

}  // namespace audit_trail::storage
