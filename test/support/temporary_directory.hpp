/// \file
/// A temporary directory for a test, and functions for files in it.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

namespace audit_trail::test {

class temporary_directory {
 public:
    temporary_directory() {
        std::string pattern = (std::filesystem::temp_directory_path() / "audit_trail_test.XXXXXX").string();
        path_ = ::mkdtemp(pattern.data());
    }
    ~temporary_directory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    temporary_directory(temporary_directory const&) = delete;
    temporary_directory& operator=(temporary_directory const&) = delete;

    std::filesystem::path const& path() const { return path_; }

 private:
    std::filesystem::path path_;
};

inline std::string read_file(std::filesystem::path const& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

inline void write_file(std::filesystem::path const& path, std::string_view text) {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
}

inline void append_to_file(std::filesystem::path const& path, std::string_view text) {
    std::ofstream(path, std::ios::binary | std::ios::app) << text;
}

}  // namespace audit_trail::test
