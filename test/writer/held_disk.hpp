/// \file
/// A disk that stops answering when it is told to.
#pragma once

#include <condition_variable>
#include <mutex>

#include "storage/faulty_file_system.hpp"
#include "support/waiting.hpp"

namespace audit_trail::test {

/// From the first call of the picked kind on, no call but `close` returns until the disk is released. A process that
/// forks meanwhile has a child that can close files.
class held_disk final : public storage::file_system {
 public:
    ~held_disk() override { release(); }

    void hold_at(call_kind kind) {
        std::lock_guard const lock(mutex_);
        picked_ = kind;
        armed_ = true;
    }
    void wait_held() {
        wait_until([this] {
            std::lock_guard const lock(mutex_);
            return held_;
        });
    }
    void release() {
        {
            std::lock_guard const lock(mutex_);
            armed_ = held_ = false;
        }
        released_.notify_all();
    }

    file_handle open_root(std::filesystem::path const& root, bool create, bool& created, error_code& ec) override {
        return pass(call_kind::open_root), real_.open_root(root, create, created, ec);
    }
    void sync_entry(file_handle root, error_code& ec) override { pass(call_kind::sync), real_.sync_entry(root, ec); }
    file_handle open_directory(file_handle at, char const* path, error_code& ec) override {
        return pass(call_kind::open_directory), real_.open_directory(at, path, ec);
    }
    file_handle open_file(file_handle at, char const* path, storage::open_mode mode, error_code& ec) override {
        return pass(call_kind::open_file), real_.open_file(at, path, mode, ec);
    }
    void close(file_handle file) noexcept override { real_.close(file); }
    void make_directory(file_handle at, char const* path, error_code& ec) override {
        pass(call_kind::make_directory), real_.make_directory(at, path, ec);
    }
    std::vector<storage::directory_entry> list(file_handle directory, error_code& ec) override {
        return pass(call_kind::list), real_.list(directory, ec);
    }
    storage::file_status status(file_handle file, error_code& ec) override {
        return pass(call_kind::status), real_.status(file, ec);
    }
    storage::file_status status_at(file_handle at, char const* path, error_code& ec) override {
        return pass(call_kind::status), real_.status_at(at, path, ec);
    }
    std::size_t append(file_handle file, std::span<char const> bytes, error_code& ec) override {
        return pass(call_kind::append), real_.append(file, bytes, ec);
    }
    std::size_t write_at(file_handle file, std::uint64_t offset, std::span<char const> bytes, error_code& ec) override {
        return pass(call_kind::write_at), real_.write_at(file, offset, bytes, ec);
    }
    std::size_t read_at(file_handle file, std::uint64_t offset, std::span<char> bytes, error_code& ec) override {
        return pass(call_kind::read_at), real_.read_at(file, offset, bytes, ec);
    }
    void truncate(file_handle file, std::uint64_t size, error_code& ec) override {
        pass(call_kind::truncate), real_.truncate(file, size, ec);
    }
    void sync_data(file_handle file, error_code& ec) override { pass(call_kind::sync), real_.sync_data(file, ec); }
    void sync(file_handle file, error_code& ec) override { pass(call_kind::sync), real_.sync(file, ec); }
    void drop_cache(file_handle file, error_code& ec) override {
        pass(call_kind::drop_cache), real_.drop_cache(file, ec);
    }
    void rename(file_handle at, char const* from, char const* to, error_code& ec) override {
        pass(call_kind::rename), real_.rename(at, from, to, ec);
    }
    bool try_lock(file_handle file, error_code& ec) override { return pass(call_kind::lock), real_.try_lock(file, ec); }
    bool is_locked(file_handle file, error_code& ec) override { return real_.is_locked(file, ec); }

 private:
    void pass(call_kind kind) {
        std::unique_lock lock(mutex_);
        if (armed_ && kind == picked_) held_ = true;
        released_.wait(lock, [this] { return !held_; });
    }

    storage::file_system& real_ = storage::posix_file_system();
    std::mutex mutex_;
    std::condition_variable released_;
    call_kind picked_ = call_kind::append;
    bool armed_ = false;
    bool held_ = false;
};

}  // namespace audit_trail::test
