/// \file
/// Implements operations that need several calls of a file system, and classifies errors.
#pragma once

#include <cerrno>
#include <new>
#include <span>
#include <string>
#include <utility>

#include "system/file_system.hpp"

namespace audit_trail::storage {

/// Closes its handle when destroyed.
class owned_file {
 public:
    owned_file() = default;
    owned_file(file_system& system, file_handle file) noexcept : system_(&system), file_(file) {}
    owned_file(owned_file&& other) noexcept : system_(other.system_), file_(other.release()) {}
    owned_file& operator=(owned_file&& other) noexcept {
        reset();
        system_ = other.system_;
        file_ = other.release();
        return *this;
    }
    ~owned_file() { reset(); }

    file_handle get() const noexcept { return file_; }
    explicit operator bool() const noexcept { return file_ != file_handle::none; }
    file_handle release() noexcept { return std::exchange(file_, file_handle::none); }
    void reset() noexcept {
        if (*this) system_->close(release());
    }

 private:
    file_system* system_ = nullptr;
    file_handle file_ = file_handle::none;
};

/// Appends all bytes; continues after short writes. Returns the number of bytes that were appended: fewer than
/// requested only if `ec` is set.
std::size_t append_fully(file_system& system, file_handle file, std::span<char const> bytes, error_code& ec);

/// Returns the number of bytes that were written: fewer than requested only if `ec` is set.
std::size_t write_fully_at(file_system& system, file_handle file, std::uint64_t offset, std::span<char const> bytes,
                           error_code& ec);

/// The same, and the bytes are on stable storage when it returns.
std::size_t write_fully_at_synced(file_system& system, file_handle file, std::uint64_t offset,
                                  std::span<char const> bytes, error_code& ec);

/// Returns the number of bytes that were read: fewer than requested only at the end of the file, or if `ec` is set.
std::size_t read_fully_at(file_system& system, file_handle file, std::uint64_t offset, std::span<char> bytes,
                          error_code& ec);

/// Returns the file's content, or its first `limit` bytes if it is longer.
std::string read_text(file_system& system, file_handle file, std::size_t limit, error_code& ec);

/// Creates the directory unless it exists. Returns whether it was created.
bool ensure_directory(file_system& system, file_handle at, char const* path, error_code& ec);

/// Opens the directory, syncs it, closes it.
void sync_directory(file_system& system, file_handle at, char const* path, error_code& ec);

bool is_errno(error_code const& ec, int number) noexcept;

/// Returns true if a resource ran out that may become available again. Then a batch can be undone, and the writer
/// continues.
bool is_exhausted_resource(error_code const& ec) noexcept;

/// ENOSPC or EDQUOT.
bool is_disk_full(error_code const& ec) noexcept;

/// EACCES or EPERM: the call changed nothing.
bool is_access_denied(error_code const& ec) noexcept;

/// EMFILE or ENFILE: closing a file makes room for another.
bool is_out_of_descriptors(error_code const& ec) noexcept;

/// Runs `work`; a std::bad_alloc becomes ENOMEM.
template <class Work>
void catch_bad_alloc(error_code& ec, Work work) {
    try {
        work();
    } catch (std::bad_alloc const&) {
        ec = {ENOMEM, boost::system::system_category()};
    }
}

}  // namespace audit_trail::storage
