/// \file
/// A file that lines are appended to with nothing around the system calls.
#pragma once

#include <filesystem>
#include <string_view>

namespace bench {

/// Opens, and creates where need be. Failures are thrown as std::system_error.
class raw_file {
 public:
    explicit raw_file(std::filesystem::path const& path);
    raw_file(raw_file const&) = delete;
    raw_file& operator=(raw_file const&) = delete;
    ~raw_file();

    void write(std::string_view bytes);
    void sync();

 private:
    int const file_;
};

/// Makes the names of its files last.
void sync_directory(std::filesystem::path const& path);

}  // namespace bench
