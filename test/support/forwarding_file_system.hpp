/// \file
/// A file system that forwards every call to another file system. Derived classes observe the calls, or make them fail.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "system/file_system.hpp"

namespace audit_trail::test {

using storage::file_handle;

/// The kinds of calls that derived classes can observe. `close` and `is_locked` are only forwarded.
enum class call_kind {
    open_root,
    open_directory,
    open_file,
    make_directory,
    list,
    status,
    status_at,
    lookup,
    append,
    write_at,
    write_at_synced,
    read_at,
    reserve,
    truncate,
    sync,
    drop_cache,
    start_writeback,
    move,
    rename,
    lock
};

class forwarding_file_system : public storage::file_system {
 public:
    /// How a call fails.
    struct fault {
        int error = 0;                   ///< 0: the call does not fail
        std::size_t at_most = SIZE_MAX;  ///< a write is cut to this many bytes
    };

    explicit forwarding_file_system(storage::file_system& real = storage::posix_file_system()) : real_(real) {}

    file_handle open_root(std::filesystem::path const& root, error_code& ec) override {
        return forward({call_kind::open_root}, ec, [&](auto&) { return real_.open_root(root, ec); });
    }
    file_handle open_or_create_root(std::filesystem::path const& root, error_code& ec) override {
        return forward({call_kind::open_root}, ec, [&](auto&) { return real_.open_or_create_root(root, ec); });
    }
    void sync_entry(file_handle root, error_code& ec) override {
        forward({call_kind::sync, root, ".."}, ec, [&](auto&) { real_.sync_entry(root, ec); });
    }
    file_handle open_directory(file_handle at, char const* path, error_code& ec) override {
        return forward({call_kind::open_directory, at, path}, ec,
                       [&](auto&) { return real_.open_directory(at, path, ec); });
    }
    file_handle open_file(file_handle at, char const* path, storage::open_mode mode, error_code& ec) override {
        return forward({call_kind::open_file, at, path}, ec,
                       [&](auto&) { return real_.open_file(at, path, mode, ec); });
    }
    void close(file_handle file) noexcept override { real_.close(file); }
    void make_directory(file_handle at, char const* path, error_code& ec) override {
        forward({call_kind::make_directory, at, path}, ec, [&](auto&) { real_.make_directory(at, path, ec); });
    }
    std::vector<storage::directory_entry> list(file_handle directory, error_code& ec) override {
        return forward({call_kind::list, directory}, ec, [&](auto&) { return real_.list(directory, ec); });
    }
    storage::file_status status(file_handle file, error_code& ec) override {
        return forward({call_kind::status, file}, ec, [&](auto&) { return real_.status(file, ec); });
    }
    storage::file_status status_at(file_handle at, char const* path, error_code& ec) override {
        return forward({call_kind::status_at, at, path}, ec, [&](auto&) { return real_.status_at(at, path, ec); });
    }
    storage::file_status lookup(file_handle at, char const* path, error_code& ec) override {
        return forward({call_kind::lookup, at, path}, ec, [&](auto&) { return real_.lookup(at, path, ec); });
    }
    std::size_t append(file_handle file, std::span<char const> bytes, error_code& ec) override {
        return forward({call_kind::append, file}, ec,
                       [&](auto& found) { return real_.append(file, cut(bytes, found), ec); });
    }
    std::size_t write_at(file_handle file, std::uint64_t offset, std::span<char const> bytes, error_code& ec) override {
        return forward({call_kind::write_at, file}, ec,
                       [&](auto& found) { return real_.write_at(file, offset, cut(bytes, found), ec); });
    }
    std::size_t write_at_synced(file_handle file, std::uint64_t offset, std::span<char const> bytes,
                                error_code& ec) override {
        return forward({call_kind::write_at_synced, file}, ec,
                       [&](auto& found) { return real_.write_at_synced(file, offset, cut(bytes, found), ec); });
    }
    std::size_t read_at(file_handle file, std::uint64_t offset, std::span<char> bytes, error_code& ec) override {
        return forward({call_kind::read_at, file}, ec, [&](auto&) { return real_.read_at(file, offset, bytes, ec); });
    }
    void reserve(file_handle file, std::uint64_t offset, std::uint64_t bytes, error_code& ec) override {
        forward({call_kind::reserve, file}, ec, [&](auto&) { real_.reserve(file, offset, bytes, ec); });
    }
    void truncate(file_handle file, std::uint64_t size, error_code& ec) override {
        forward({call_kind::truncate, file}, ec, [&](auto&) { real_.truncate(file, size, ec); });
    }
    void sync_data(file_handle file, error_code& ec) override {
        forward({call_kind::sync, file}, ec, [&](auto&) { real_.sync_data(file, ec); });
    }
    void sync(file_handle file, error_code& ec) override {
        forward({call_kind::sync, file}, ec, [&](auto&) { real_.sync(file, ec); });
    }
    void drop_cache(file_handle file, error_code& ec) override {
        forward({call_kind::drop_cache, file}, ec, [&](auto&) { real_.drop_cache(file, ec); });
    }
    void start_writeback(file_handle file, error_code& ec) override {
        forward({call_kind::start_writeback, file}, ec, [&](auto&) { real_.start_writeback(file, ec); });
    }
    void move(file_handle from, char const* name, file_handle to, char const* new_name, error_code& ec) override {
        forward({call_kind::move, to, new_name}, ec, [&](auto&) { real_.move(from, name, to, new_name, ec); });
    }
    void rename(file_handle at, char const* from, char const* to, error_code& ec) override {
        forward({call_kind::rename, at, to}, ec, [&](auto&) { real_.rename(at, from, to, ec); });
    }
    bool try_lock(file_handle file, error_code& ec) override {
        return forward({call_kind::lock, file}, ec, [&](auto&) { return real_.try_lock(file, ec); });
    }
    bool is_locked(file_handle file, error_code& ec) override { return real_.is_locked(file, ec); }

 protected:
    struct call_target {
        call_kind kind;
        file_handle at = file_handle::none;
        char const* path = nullptr;  ///< relative to `at`; null: `at` itself
    };

 private:
    virtual void before_call(call_kind) {}
    virtual fault fault_of(call_target const&) { return {}; }
    virtual void after_call() noexcept {}

    template <class Forward>
    auto forward(call_target const& target, error_code& ec, Forward call) -> decltype(call(std::declval<fault&>())) {
        struct after_guard {
            ~after_guard() { own.after_call(); }
            forwarding_file_system& own;
        };
        using result = decltype(call(std::declval<fault&>()));
        before_call(target.kind);
        after_guard const after{*this};
        fault found = fault_of(target);
        if (found.error == 0) return call(found);
        ec = {found.error, boost::system::system_category()};
        if constexpr (std::is_same_v<result, file_handle>) return file_handle::none;
        if constexpr (!std::is_void_v<result> && !std::is_same_v<result, file_handle>) return result();
    }

    static std::span<char const> cut(std::span<char const> bytes, fault const& found) {
        return bytes.first(std::min(bytes.size(), found.at_most));
    }

    storage::file_system& real_;
};

}  // namespace audit_trail::test
