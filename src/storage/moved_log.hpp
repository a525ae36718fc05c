/// \file
/// Moves a commit log that cannot be used to `.broken/`, and copies those of its lines that no segment has.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "system/file_system.hpp"

namespace audit_trail::storage {

class moved_log {
 public:
    moved_log(file_system& system, file_handle root) noexcept : system_(system), root_(root) {}

    /// Returns true if a log of this generation is in `.broken/`. Requires: the generation is not 0.
    bool was_moved(std::uint64_t generation, error_code& ec);

    /// Adds a line that no segment has, with its newline.
    void add_line(std::string_view line) { lines_ += line; }

    /// Takes the first of the names commit-log.1, commit-log.2 … that is free. An opening that was interrupted may have
    /// copied lines already. Changes nothing on the disk.
    void choose_names(error_code& ec);

    /// Returns the log's new name, relative to the root.
    std::string const& name() const noexcept { return name_; }

    /// Returns the name of the copy of the lines; empty if there are none.
    std::string lines_name() const { return lines_.empty() ? std::string() : name_ + ".jsonl"; }

    /// Creates `.broken/`, copies the lines to it, and syncs the copy.
    void save_lines(error_code& ec);

    /// Requires: `save_lines` succeeded. Syncs both directories.
    void move(error_code& ec);

 private:
    bool has_generation(file_handle log, std::uint64_t generation, error_code& ec);
    bool exists(std::string const& path, error_code& ec);
    bool has_other_lines(std::string const& path, error_code& ec);

    file_system& system_;
    file_handle root_;
    std::string lines_;
    std::string name_;
};

}  // namespace audit_trail::storage
