/// \file
/// Imitates what readers see of a writer: its lock and its commit mark.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <cstdint>
#include <fstream>
#include <stdexcept>
#include <string>

#include "reader/trail_files.hpp"
#include "storage/index_file.hpp"

namespace audit_trail::test {

/// Locks the root as a writer does.
class lock_holder {
 public:
    explicit lock_holder(fs::path const& root)
        : file_(::open((root / ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640)) {
        struct flock whole {};
        whole.l_type = F_WRLCK;
        if (::fcntl(file_, F_OFD_SETLK, &whole) != 0) throw std::runtime_error("F_OFD_SETLK");
        // A writer changes its record before it writes a line.
        char first = '\n';
        if (::pread(file_, &first, 1, 0) < 0 || ::pwrite(file_, &first, 1, 0) != 1) throw std::runtime_error(".lock");
    }
    ~lock_holder() { ::close(file_); }
    lock_holder(lock_holder const&) = delete;
    lock_holder& operator=(lock_holder const&) = delete;

 private:
    int file_;
};

inline void write_index(fs::path const& root, std::string const& text) {
    std::ofstream(root / "index.json") << text;
}

/// Writes index.json in place, as a writer does.
inline void write_index(fs::path const& root, std::uint64_t id) {
    int const file = ::open((root / "index.json").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
    std::string const text = storage::format_index(id);
    bool const written = ::pwrite(file, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size());
    ::close(file);
    if (!written) throw std::runtime_error("index.json");
}

}  // namespace audit_trail::test
