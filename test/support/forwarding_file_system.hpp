/// \file
/// A file system that passes every call on, with a hook before and after each. `close` has none: it cannot fail, and a
/// forked child calls it.
#pragma once

#include "storage/faulty_file_system.hpp"

namespace audit_trail::test {

class forwarding_file_system : public storage::file_system {
 public:
    explicit forwarding_file_system(storage::file_system& real = storage::posix_file_system()) : real_(real) {}

    file_handle open_root(std::filesystem::path const& root, bool create, bool& created, error_code& ec) override {
        hooks const around(*this, call_kind::open_root);
        return real_.open_root(root, create, created, ec);
    }
    void sync_entry(file_handle root, error_code& ec) override {
        hooks const around(*this, call_kind::sync);
        real_.sync_entry(root, ec);
    }
    file_handle open_directory(file_handle at, char const* path, error_code& ec) override {
        hooks const around(*this, call_kind::open_directory);
        return real_.open_directory(at, path, ec);
    }
    file_handle open_file(file_handle at, char const* path, storage::open_mode mode, error_code& ec) override {
        hooks const around(*this, call_kind::open_file);
        return real_.open_file(at, path, mode, ec);
    }
    void close(file_handle file) noexcept override { real_.close(file); }
    void make_directory(file_handle at, char const* path, error_code& ec) override {
        hooks const around(*this, call_kind::make_directory);
        real_.make_directory(at, path, ec);
    }
    std::vector<storage::directory_entry> list(file_handle directory, error_code& ec) override {
        hooks const around(*this, call_kind::list);
        return real_.list(directory, ec);
    }
    storage::file_status status(file_handle file, error_code& ec) override {
        hooks const around(*this, call_kind::status);
        return real_.status(file, ec);
    }
    storage::file_status status_at(file_handle at, char const* path, error_code& ec) override {
        hooks const around(*this, call_kind::status_at);
        return real_.status_at(at, path, ec);
    }
    std::size_t append(file_handle file, std::span<char const> bytes, error_code& ec) override {
        hooks const around(*this, call_kind::append);
        return real_.append(file, bytes, ec);
    }
    std::size_t write_at(file_handle file, std::uint64_t offset, std::span<char const> bytes, error_code& ec) override {
        hooks const around(*this, call_kind::write_at);
        return real_.write_at(file, offset, bytes, ec);
    }
    std::size_t read_at(file_handle file, std::uint64_t offset, std::span<char> bytes, error_code& ec) override {
        hooks const around(*this, call_kind::read_at);
        return real_.read_at(file, offset, bytes, ec);
    }
    void reserve(file_handle file, std::uint64_t offset, std::uint64_t bytes, error_code& ec) override {
        hooks const around(*this, call_kind::reserve);
        real_.reserve(file, offset, bytes, ec);
    }
    void truncate(file_handle file, std::uint64_t size, error_code& ec) override {
        hooks const around(*this, call_kind::truncate);
        real_.truncate(file, size, ec);
    }
    void sync_data(file_handle file, error_code& ec) override {
        hooks const around(*this, call_kind::sync);
        real_.sync_data(file, ec);
    }
    void sync(file_handle file, error_code& ec) override {
        hooks const around(*this, call_kind::sync);
        real_.sync(file, ec);
    }
    void drop_cache(file_handle file, error_code& ec) override {
        hooks const around(*this, call_kind::drop_cache);
        real_.drop_cache(file, ec);
    }
    void rename(file_handle at, char const* from, char const* to, error_code& ec) override {
        hooks const around(*this, call_kind::rename);
        real_.rename(at, from, to, ec);
    }
    bool try_lock(file_handle file, error_code& ec) override {
        hooks const around(*this, call_kind::lock);
        return real_.try_lock(file, ec);
    }
    bool is_locked(file_handle file, error_code& ec) override { return real_.is_locked(file, ec); }

 private:
    struct hooks {
        hooks(forwarding_file_system& own, call_kind kind) : system(own) { system.before_call(kind); }
        ~hooks() { system.after_call(); }
        forwarding_file_system& system;
    };

    virtual void before_call(call_kind) {}
    virtual void after_call() noexcept {}

    storage::file_system& real_;
};

}  // namespace audit_trail::test
