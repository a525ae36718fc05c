/// \file
/// Rolling files with nothing around the system calls.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string_view>

#include "support/raw_file.hpp"

namespace bench {

/// The files of one category, rolled at 5 MiB between two writes.
class plain_segments {
 public:
    explicit plain_segments(std::filesystem::path directory);

    void write(std::string_view bytes);

    /// The file that was written last, and the directory when it is new: without that its name may be lost with the
    /// power.
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
