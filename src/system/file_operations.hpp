/// \file
/// Whole operations made of a file system's single calls.
#pragma once

#include <cerrno>
#include <new>
#include <span>
#include <string>
#include <utility>

#include "system/file_system.hpp"

namespace audit_trail::storage {

/// A handle that closes itself.
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

/// Appends all of it, continuing after short writes. Returns how many bytes were appended: fewer than asked for only
/// when `ec` is set.
std::size_t append_fully(file_system& system, file_handle file, std::span<char const> bytes, error_code& ec);

/// Returns how many bytes were written: fewer than asked for only when `ec` is set.
std::size_t write_fully_at(file_system& system, file_handle file, std::uint64_t offset, std::span<char const> bytes,
                           error_code& ec);

/// Returns how many bytes were read: fewer than asked for at the end of the file, or when `ec` is set.
std::size_t read_fully_at(file_system& system, file_handle file, std::uint64_t offset, std::span<char> bytes,
                          error_code& ec);

/// The file's text, or its first `limit` bytes if it is longer.
std::string read_text(file_system& system, file_handle file, std::size_t limit, error_code& ec);

/// Makes the directory unless it is there. Returns whether it was made.
bool ensure_directory(file_system& system, file_handle at, char const* path, error_code& ec);

/// Opens the directory, syncs it, closes it.
void sync_directory(file_system& system, file_handle at, char const* path, error_code& ec);

bool is_errno(error_code const& ec, int number) noexcept;

/// A resource that ran out can come back: what met the error can be undone, and the writer goes on.
bool is_exhausted_resource(error_code const& ec) noexcept;

/// ENOSPC or EDQUOT.
bool is_disk_full(error_code const& ec) noexcept;

/// EACCES or EPERM: what met the error was not begun.
bool is_access_denied(error_code const& ec) noexcept;

/// Runs `work`. An allocation that fails in it is ENOMEM.
template <class Work>
void catch_bad_alloc(error_code& ec, Work work) {
    try {
        work();
    } catch (std::bad_alloc const&) {
        ec = {ENOMEM, boost::system::system_category()};
    }
}

/// EMFILE or ENFILE: closing a file makes room for another.
bool is_out_of_descriptors(error_code const& ec) noexcept;

}  // namespace audit_trail::storage
