#include "support/raw_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace bench {

raw_file::raw_file(std::filesystem::path const& path)
    : file_(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640)) {
    if (file_ < 0) throw std::system_error(errno, std::system_category(), path.string());
}

raw_file::~raw_file() {
    ::close(file_);
}

void raw_file::write(std::string_view bytes) {
    while (!bytes.empty()) {
        ssize_t const written = ::write(file_, bytes.data(), bytes.size());
        if (written < 0) throw std::system_error(errno, std::system_category(), "write");
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
}

void raw_file::sync() {
    if (::fdatasync(file_) != 0) throw std::system_error(errno, std::system_category(), "fdatasync");
}

void sync_directory(std::filesystem::path const& path) {
    int const directory = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0) throw std::system_error(errno, std::system_category(), path.string());
    int const result = ::fsync(directory);
    int const reason = errno;
    ::close(directory);
    if (result != 0) throw std::system_error(reason, std::system_category(), path.string());
}

}  // namespace bench
