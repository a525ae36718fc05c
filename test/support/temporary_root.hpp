/// \file
/// A temporary directory in which a test can create a trail.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <stdexcept>
#include <string>
#include <system_error>

namespace audit_trail::test {

class temporary_root {
 public:
    temporary_root() {
        std::string name = (std::filesystem::temp_directory_path() / "audit_trail_test_XXXXXX").string();
        if (!::mkdtemp(name.data())) throw std::runtime_error("no temporary directory " + name);
        directory_ = name;
    }
    ~temporary_root() {
        std::error_code ignored;
        std::filesystem::remove_all(directory_, ignored);
    }
    temporary_root(temporary_root const&) = delete;
    temporary_root& operator=(temporary_root const&) = delete;

    /// Returns the path for a trail. It does not exist yet.
    std::filesystem::path path() const { return directory_ / "trail"; }

 private:
    std::filesystem::path directory_;
};

}  // namespace audit_trail::test
