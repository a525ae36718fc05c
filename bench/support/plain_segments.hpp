/// \file
/// Rolling files that use only the bare system calls.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string_view>

#include "support/raw_file.hpp"

namespace bench {

/// The files of one category. A new file begins after a write if the file has reached 5 MiB.
class plain_segments {
 public:
    explicit plain_segments(std::filesystem::path directory);

    void write(std::string_view bytes);

    /// Syncs the file that was written last, and the directory if the file is new: otherwise a power cut may lose its
    /// name.
    void sync();

 private:
    void begin_next();

    std::filesystem::path directory_;
    std::optional<raw_file> file_;
    std::size_t size_ = 0;
    int number_ = 0;
    bool is_new_ = false;
};

}  // namespace bench
