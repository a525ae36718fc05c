/// \file
/// The only interface between the storage layer and the operating system. `posix_file_system()` is the real one; tests
/// use implementations that fail the n-th call or lose what was not synced.
#pragma once

#include <audit_trail/error.hpp>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace audit_trail::storage {

/// An open file or directory, meaningful only to its file system; negative: none.
enum class file_handle : int { none = -1 };

enum class file_kind { regular, directory, other };

struct file_status {
    file_kind kind = file_kind::other;
    std::uint64_t size = 0;
    std::uint64_t links = 0;
    std::uint64_t inode = 0;
    std::uint64_t device = 0;
    unsigned mode = 0;  ///< permission bits
};

struct directory_entry {
    std::string name;
    file_kind kind = file_kind::other;
};

enum class open_mode {
    read,           ///< must exist
    append,         ///< must exist; writes go to the end
    create_append,  ///< must not exist; writes go to the end
    write,          ///< must exist
    read_write,     ///< created if absent
    replace         ///< created if absent, else emptied
};

/// Every path is relative to an open directory and stays beneath it: symbolic links are not followed, and `..` does not
/// lead out (openat2(2) with RESOLVE_BENEATH and RESOLVE_NO_SYMLINKS). Only directories and regular files are opened,
/// without blocking on a FIFO or device; a file with more than one link is opened only for reading. A path that leads
/// to anything else is error::not_a_trail. Calls are repeated on EINTR. All other errors are of the system category.
///
/// Thread safe: any function may be called from any thread, unless its handle is closed at the same time.
class file_system {
 public:
    virtual ~file_system() = default;

    /// Opens the root directory. Only the paths of roots may contain symbolic links.
    virtual file_handle open_root(std::filesystem::path const& root, error_code& ec) = 0;

    /// The same, but creates the directory if it is absent, with missing parents, and syncs each new entry. Syncs
    /// nothing if it exists.
    virtual file_handle open_or_create_root(std::filesystem::path const& root, error_code& ec) = 0;

    /// Syncs the entry of the root directory in its parent. If the parent cannot be opened or synced, syncs the whole
    /// file system of the root.
    virtual void sync_entry(file_handle root, error_code& ec) = 0;

    virtual file_handle open_directory(file_handle at, char const* path, error_code& ec) = 0;
    virtual file_handle open_file(file_handle at, char const* path, open_mode mode, error_code& ec) = 0;
    virtual void close(file_handle file) noexcept = 0;

    /// Creates one directory, with mode 0750 at most; its parent must exist. EEXIST is an error, too.
    virtual void make_directory(file_handle at, char const* path, error_code& ec) = 0;
    virtual std::vector<directory_entry> list(file_handle directory, error_code& ec) = 0;
    virtual file_status status(file_handle file, error_code& ec) = 0;
    virtual file_status status_at(file_handle at, char const* path, error_code& ec) = 0;

    /// The same in one system call, without a descriptor. Follows symbolic links on the way to the last name, so the
    /// caller checks these names, too.
    virtual file_status lookup(file_handle at, char const* path, error_code& ec) = 0;

    /// One write(2) at the end of a file opened for appending; may be short.
    virtual std::size_t append(file_handle file, std::span<char const> bytes, error_code& ec) = 0;
    virtual std::size_t write_at(file_handle file, std::uint64_t offset, std::span<char const> bytes,
                                 error_code& ec) = 0;
    /// The same, and the bytes are on stable storage when it returns (pwritev2(2) with RWF_DSYNC).
    virtual std::size_t write_at_synced(file_handle file, std::uint64_t offset, std::span<char const> bytes,
                                        error_code& ec) = 0;
    /// Returns 0 at the end of the file.
    virtual std::size_t read_at(file_handle file, std::uint64_t offset, std::span<char> bytes, error_code& ec) = 0;

    /// Allocates disk space for these bytes without changing the file's size (fallocate(2) with FALLOC_FL_KEEP_SIZE).
    /// EOPNOTSUPP if the file system cannot. `truncate` releases space past the end of the file.
    virtual void reserve(file_handle file, std::uint64_t offset, std::uint64_t bytes, error_code& ec) = 0;
    virtual void truncate(file_handle file, std::uint64_t size, error_code& ec) = 0;
    virtual void sync_data(file_handle file, error_code& ec) = 0;   ///< fdatasync(2)
    virtual void sync(file_handle file, error_code& ec) = 0;        ///< fsync(2); for directories too
    virtual void drop_cache(file_handle file, error_code& ec) = 0;  ///< POSIX_FADV_DONTNEED over the whole file

    /// Starts to write the file's dirty pages to the disk, and does not wait for them (sync_file_range(2) with
    /// SYNC_FILE_RANGE_WRITE). An error is reported to this call only, so it is as final as a failed sync.
    virtual void start_writeback(file_handle file, error_code& ec) = 0;

    /// Both names are in the directory `at`.
    virtual void rename(file_handle at, char const* from, char const* to, error_code& ec) = 0;

    /// Moves a file to another directory. EEXIST if the new name is taken.
    virtual void move(file_handle from, char const* name, file_handle to, char const* new_name, error_code& ec) = 0;

    /// Takes an open-file-description write lock. Returns false if another open file description holds a lock.
    virtual bool try_lock(file_handle file, error_code& ec) = 0;

    /// Returns true if another open file description holds such a lock.
    virtual bool is_locked(file_handle file, error_code& ec) = 0;
};

file_system& posix_file_system();

}  // namespace audit_trail::storage
