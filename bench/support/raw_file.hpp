/// \file
/// A file to which lines are appended with the bare system calls.
#pragma once

#include <filesystem>
#include <string_view>

namespace bench {

enum class write_mode { append, overwrite };

/// Opens or creates the file. Throws std::system_error on failures.
class raw_file {
 public:
    explicit raw_file(std::filesystem::path const& path, write_mode mode = write_mode::append);
    raw_file(raw_file const&) = delete;
    raw_file& operator=(raw_file const&) = delete;
    ~raw_file();

    void write(std::string_view bytes);
    void sync();

    /// Writes at an offset, and syncs what was written. Requires: write_mode::overwrite.
    void overwrite_synced(std::size_t offset, std::string_view bytes);

 private:
    int const file_;
};

/// Syncs the names of the files in the directory.
void sync_directory(std::filesystem::path const& path);

}  // namespace bench
