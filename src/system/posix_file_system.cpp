#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <memory>
#include <utility>

#include "system/file_system.hpp"

namespace audit_trail::storage {
namespace {

constexpr mode_t file_mode = 0640;
constexpr mode_t directory_mode = 0750;

error_code system_error(int number) {
    return {number, boost::system::system_category()};
}

/// Returns true if the error means that the path is not the kind of file that a trail has there.
bool is_foreign(int number) {
    switch (number) {
        case ELOOP:
        case ENOTDIR:
        case EISDIR:
        case EXDEV:
        case ENXIO:
        case ENODEV:
            return true;
        default:
            return false;
    }
}

error_code opening_error(int number) {
    return is_foreign(number) ? make_error_code(error::not_a_trail) : system_error(number);
}

/// Repeats a call that a signal interrupted. Sets `ec` to its error, or clears it.
template <class Call>
auto call(error_code& ec, Call make) {
    for (;;) {
        auto const result = make();
        if (result != -1) return ec = {}, result;
        if (errno == EINTR) continue;
        return ec = system_error(errno), result;
    }
}

class descriptor {
 public:
    explicit descriptor(int number) : number_(number) {}
    descriptor(descriptor const&) = delete;
    descriptor& operator=(descriptor const&) = delete;
    ~descriptor() {
        if (number_ >= 0) ::close(number_);
    }

    int get() const { return number_; }
    file_handle release() { return static_cast<file_handle>(std::exchange(number_, -1)); }

 private:
    int number_;
};

int number_of(file_handle file) {
    return static_cast<int>(file);
}

int open_beneath(file_handle at, char const* path, int flags, mode_t mode, error_code& ec) {
    open_how how{};
    how.flags = static_cast<unsigned>(flags | O_CLOEXEC | O_NOFOLLOW);
    how.mode = mode;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
    auto const result = call(ec, [&] { return ::syscall(SYS_openat2, number_of(at), path, &how, sizeof how); });
    if (ec == system_error(ENOSYS)) return ec = error::openat2_unavailable, -1;
    if (ec) ec = opening_error(ec.value());
    return static_cast<int>(result);
}

int open_mode_flags(open_mode mode) {
    switch (mode) {
        case open_mode::read:
            return O_RDONLY;
        case open_mode::append:
            return O_RDWR | O_APPEND;
        case open_mode::create_append:
            return O_RDWR | O_APPEND | O_CREAT | O_EXCL;
        case open_mode::write:
            return O_RDWR;
        case open_mode::read_write:
        case open_mode::replace:
            return O_RDWR | O_CREAT;
    }
    return O_RDONLY;
}

file_kind kind_of(mode_t mode) {
    if (S_ISREG(mode)) return file_kind::regular;
    return S_ISDIR(mode) ? file_kind::directory : file_kind::other;
}

file_status to_status(struct stat const& from) {
    file_status to;
    to.kind = kind_of(from.st_mode);
    to.size = static_cast<std::uint64_t>(from.st_size);
    to.links = from.st_nlink;
    to.inode = from.st_ino;
    to.device = from.st_dev;
    to.mode = from.st_mode & 07777;
    return to;
}

/// A system call filter may return EPERM instead of ENOSYS. Opening the working directory has no other reason for
/// EPERM.
void require_openat2(error_code& ec) {
    descriptor const here(open_beneath(file_handle{AT_FDCWD}, ".", O_PATH | O_DIRECTORY, 0, ec));
    if (ec == system_error(EPERM)) ec = error::openat2_unavailable;
    if (ec != error::openat2_unavailable) ec = {};
}

/// The directory that holds the last component of a path, and that component.
struct place {
    descriptor parent;
    char const* name;
};

place open_parent(file_handle at, char const* path, error_code& ec) {
    std::string_view const whole = path;
    auto const slash = whole.rfind('/');
    std::string const parent(slash == whole.npos ? std::string_view(".") : whole.substr(0, slash));
    char const* const name = slash == whole.npos ? path : path + slash + 1;
    return {descriptor(open_beneath(at, parent.c_str(), O_PATH | O_DIRECTORY, 0, ec)), name};
}

struct flock whole_file_lock() {
    struct flock lock {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    return lock;
}

int open_path(std::filesystem::path const& path, error_code& ec) {
    return call(ec, [&] { return ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); });
}

/// Uses syncfs if the parent is not readable, or if its file system cannot sync directories.
void sync_entry_of(int directory, error_code& ec) {
    descriptor const parent(call(ec, [&] { return ::openat(directory, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC); }));
    if (!ec) call(ec, [&] { return ::fsync(parent.get()); });
    bool const impossible = ec == system_error(EACCES) || ec == system_error(EINVAL) || ec == system_error(EROFS);
    if (impossible) call(ec, [&] { return ::syncfs(directory); });
}

/// Creates a directory and its missing parents, and syncs the entry of each.
void make_path(std::filesystem::path const& path, error_code& ec) {
    auto const normal = path.has_filename() ? path : path.parent_path();
    auto const parent = normal.has_parent_path() ? normal.parent_path() : std::filesystem::path(".");
    auto const make = [&] { return ::mkdir(normal.c_str(), directory_mode); };
    call(ec, make);
    if (ec == system_error(ENOENT) && parent != normal && !normal.empty()) {
        make_path(parent, ec);
        if (!ec) call(ec, make);
    }
    if (ec == system_error(EEXIST)) return ec = {}, void();
    if (ec) return;
    descriptor const made(open_path(normal, ec));
    if (!ec) sync_entry_of(made.get(), ec);
}

class posix final : public file_system {
 public:
    file_handle open_root(std::filesystem::path const& root, error_code& ec) override {
        require_openat2(ec);
        if (ec) return file_handle::none;
        int const found = open_path(root, ec);
        if (ec) ec = opening_error(ec.value());
        return static_cast<file_handle>(found);
    }

    file_handle open_or_create_root(std::filesystem::path const& root, error_code& ec) override {
        file_handle const found = open_root(root, ec);
        if (ec != system_error(ENOENT)) return found;
        make_path(root, ec);
        if (!ec) return open_root(root, ec);
        ec = opening_error(ec.value());
        return file_handle::none;
    }

    void sync_entry(file_handle root, error_code& ec) override { sync_entry_of(number_of(root), ec); }

    file_handle open_directory(file_handle at, char const* path, error_code& ec) override {
        return static_cast<file_handle>(open_beneath(at, path, O_RDONLY | O_DIRECTORY, 0, ec));
    }

    file_handle open_file(file_handle at, char const* path, open_mode mode, error_code& ec) override {
        int const flags = open_mode_flags(mode);
        descriptor file(open_beneath(at, path, flags | O_NONBLOCK | O_NOCTTY, (flags & O_CREAT) ? file_mode : 0, ec));
        if (ec) return file_handle::none;

        struct stat found {};
        call(ec, [&] { return ::fstat(file.get(), &found); });
        if (ec) return file_handle::none;
        bool const shared = mode != open_mode::read && found.st_nlink > 1;
        if (!S_ISREG(found.st_mode) || shared) return ec = error::not_a_trail, file_handle::none;

        if (mode == open_mode::replace) call(ec, [&] { return ::ftruncate(file.get(), 0); });
        return ec ? file_handle::none : file.release();
    }

    void close(file_handle file) noexcept override { ::close(number_of(file)); }

    void make_directory(file_handle at, char const* path, error_code& ec) override {
        auto const where = open_parent(at, path, ec);
        if (!ec) call(ec, [&] { return ::mkdirat(where.parent.get(), where.name, directory_mode); });
    }

    std::vector<directory_entry> list(file_handle directory, error_code& ec) override {
        std::vector<directory_entry> entries;
        int const own =
            call(ec, [&] { return ::openat(number_of(directory), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC); });
        if (ec) return entries;
        std::unique_ptr<DIR, int (*)(DIR*)> const stream(::fdopendir(own), &::closedir);
        if (!stream) {
            ec = system_error(errno);
            ::close(own);
            return entries;
        }
        for (;;) {
            errno = 0;
            dirent const* const found = ::readdir(stream.get());
            if (found == nullptr) break;
            std::string_view const name = found->d_name;
            if (name != "." && name != "..") entries.push_back({std::string(name), kind_of_entry(own, *found)});
        }
        if (errno != 0) ec = system_error(errno);
        return entries;
    }

    file_status status(file_handle file, error_code& ec) override {
        struct stat found {};
        call(ec, [&] { return ::fstat(number_of(file), &found); });
        return to_status(found);
    }

    file_status status_at(file_handle at, char const* path, error_code& ec) override {
        struct stat found {};
        auto const where = open_parent(at, path, ec);
        if (!ec) call(ec, [&] { return ::fstatat(where.parent.get(), where.name, &found, AT_SYMLINK_NOFOLLOW); });
        return to_status(found);
    }

    file_status lookup(file_handle at, char const* path, error_code& ec) override {
        struct stat found {};
        call(ec, [&] { return ::fstatat(number_of(at), path, &found, AT_SYMLINK_NOFOLLOW); });
        if (ec) ec = opening_error(ec.value());
        return to_status(found);
    }

    std::size_t append(file_handle file, std::span<char const> bytes, error_code& ec) override {
        return counted(call(ec, [&] { return ::write(number_of(file), bytes.data(), bytes.size()); }));
    }

    std::size_t write_at(file_handle file, std::uint64_t offset, std::span<char const> bytes, error_code& ec) override {
        auto const at = static_cast<off_t>(offset);
        return counted(call(ec, [&] { return ::pwrite(number_of(file), bytes.data(), bytes.size(), at); }));
    }

    std::size_t write_at_synced(file_handle file, std::uint64_t offset, std::span<char const> bytes,
                                error_code& ec) override {
        iovec const part{const_cast<char*>(bytes.data()), bytes.size()};
        auto const at = static_cast<off_t>(offset);
        return counted(call(ec, [&] { return ::pwritev2(number_of(file), &part, 1, at, RWF_DSYNC); }));
    }

    std::size_t read_at(file_handle file, std::uint64_t offset, std::span<char> bytes, error_code& ec) override {
        auto const at = static_cast<off_t>(offset);
        return counted(call(ec, [&] { return ::pread(number_of(file), bytes.data(), bytes.size(), at); }));
    }

    void reserve(file_handle file, std::uint64_t offset, std::uint64_t bytes, error_code& ec) override {
        auto const at = static_cast<off_t>(offset);
        auto const count = static_cast<off_t>(bytes);
        call(ec, [&] { return ::fallocate(number_of(file), FALLOC_FL_KEEP_SIZE, at, count); });
    }

    void truncate(file_handle file, std::uint64_t size, error_code& ec) override {
        call(ec, [&] { return ::ftruncate(number_of(file), static_cast<off_t>(size)); });
    }

    void sync_data(file_handle file, error_code& ec) override {
        call(ec, [&] { return ::fdatasync(number_of(file)); });
    }

    void sync(file_handle file, error_code& ec) override {
        call(ec, [&] { return ::fsync(number_of(file)); });
    }

    void drop_cache(file_handle file, error_code& ec) override {
        int const failure = ::posix_fadvise(number_of(file), 0, 0, POSIX_FADV_DONTNEED);
        ec = failure == 0 ? error_code() : system_error(failure);
    }

    void start_writeback(file_handle file, error_code& ec) override {
        call(ec, [&] { return ::sync_file_range(number_of(file), 0, 0, SYNC_FILE_RANGE_WRITE); });
        if (ec == system_error(ENOSYS) || ec == system_error(ESPIPE)) ec = {};  // not supported: only a hint is missing
    }

    void move(file_handle from, char const* name, file_handle to, char const* new_name, error_code& ec) override {
        call(ec, [&] { return ::renameat2(number_of(from), name, number_of(to), new_name, RENAME_NOREPLACE); });
    }

    void rename(file_handle at, char const* from, char const* to, error_code& ec) override {
        call(ec, [&] { return ::renameat(number_of(at), from, number_of(at), to); });
    }

    bool try_lock(file_handle file, error_code& ec) override {
        auto lock = whole_file_lock();
        call(ec, [&] { return ::fcntl(number_of(file), F_OFD_SETLK, &lock); });
        if (ec != system_error(EAGAIN) && ec != system_error(EACCES)) return !ec;
        ec = {};
        return false;
    }

    bool is_locked(file_handle file, error_code& ec) override {
        auto lock = whole_file_lock();
        call(ec, [&] { return ::fcntl(number_of(file), F_OFD_GETLK, &lock); });
        return !ec && lock.l_type != F_UNLCK;
    }

 private:
    static std::size_t counted(ssize_t result) { return result < 0 ? 0 : static_cast<std::size_t>(result); }

    static file_kind kind_of_entry(int directory, dirent const& entry) {
        if (entry.d_type != DT_UNKNOWN) return kind_of(DTTOIF(entry.d_type));
        struct stat found {};
        if (::fstatat(directory, entry.d_name, &found, AT_SYMLINK_NOFOLLOW) != 0) return file_kind::other;
        return kind_of(found.st_mode);
    }
};

}  // namespace

/// Never destroyed: a writer may close in the background while static objects are destroyed.
file_system& posix_file_system() {
    static posix& instance = *new posix;
    return instance;
}

}  // namespace audit_trail::storage
