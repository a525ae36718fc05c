#include "support/raw_file.hpp"

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace bench {

raw_file::raw_file(std::filesystem::path const& path, write_mode mode)
    : file_(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | (mode == write_mode::append ? O_APPEND : 0), 0640)) {
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

void raw_file::overwrite_synced(std::size_t offset, std::string_view bytes) {
    iovec const part{const_cast<char*>(bytes.data()), bytes.size()};
    auto const written = ::pwritev2(file_, &part, 1, static_cast<off_t>(offset), RWF_DSYNC);
    if (written != static_cast<ssize_t>(bytes.size()))
        throw std::system_error(errno, std::system_category(), "pwritev2");
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
