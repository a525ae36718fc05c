/// \file
/// A file system that writes down every call and fails the ones that a test picks.
#pragma once

#include <algorithm>
#include <cerrno>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "system/file_system.hpp"

namespace audit_trail::test {

using storage::file_handle;

enum class call_kind {
    open_root,
    open_directory,
    open_file,
    make_directory,
    list,
    status,
    status_at,
    append,
    write_at,
    read_at,
    reserve,
    truncate,
    sync,
    drop_cache,
    rename,
    lock
};

/// Thread safe. Every call has the path of what it is for, relative to the root; "." is the root.
class faulty_file_system final : public storage::file_system {
 public:
    struct call {
        call_kind kind;
        std::string path;
    };

    /// What becomes of a call.
    struct fault {
        int error = 0;                   ///< 0: none
        std::size_t at_most = SIZE_MAX;  ///< how many bytes a write takes before that
    };

    /// Asked before every call; `number` counts the calls of that kind from 1.
    using judge = std::function<fault(call const&, std::size_t number)>;

    explicit faulty_file_system(storage::file_system& real = storage::posix_file_system()) : real_(real) {}

    void fail_when(judge given) {
        std::lock_guard const hold(mutex_);
        judge_ = std::move(given);
        counts_.clear();
    }
    /// The n-th call of that kind fails, and when asked for all that follow.
    void fail_nth(call_kind kind, std::size_t n, int error, bool persistent = false) {
        fail_when([=](call const& made, std::size_t number) {
            bool const hit = made.kind == kind && (number == n || (persistent && number > n));
            return fault{hit ? error : 0};
        });
    }
    void fail_nothing() {
        fail_when({});
        limit_handles(SIZE_MAX);
    }

    /// While so many are open, whatever needs another fails with EMFILE.
    void limit_handles(std::size_t most) {
        std::lock_guard const hold(mutex_);
        most_handles_ = most;
    }

    void forget_calls() {
        std::lock_guard const hold(mutex_);
        calls_.clear();
        counts_.clear();
    }
    std::vector<call> calls() const {
        std::lock_guard const hold(mutex_);
        return calls_;
    }
    std::size_t count(call_kind kind) const {
        auto const made = calls();
        return static_cast<std::size_t>(std::ranges::count(made, kind, &call::kind));
    }
    std::size_t open_handles() const {
        std::lock_guard const hold(mutex_);
        return paths_.size();
    }

    file_handle open_root(std::filesystem::path const& root, bool create, bool& created, error_code& ec) override {
        if (fails(call_kind::open_root, ".", ec)) return file_handle::none;
        return opened(real_.open_root(root, create, created, ec), ".");
    }
    void sync_entry(file_handle root, error_code& ec) override {
        if (!fails(call_kind::sync, "..", ec)) real_.sync_entry(root, ec);
    }
    file_handle open_directory(file_handle at, char const* path, error_code& ec) override {
        if (fails(call_kind::open_directory, beneath(at, path), ec)) return file_handle::none;
        return opened(real_.open_directory(at, path, ec), beneath(at, path));
    }
    file_handle open_file(file_handle at, char const* path, storage::open_mode mode, error_code& ec) override {
        if (fails(call_kind::open_file, beneath(at, path), ec)) return file_handle::none;
        return opened(real_.open_file(at, path, mode, ec), beneath(at, path));
    }
    void close(file_handle file) noexcept override {
        {
            std::lock_guard const hold(mutex_);
            paths_.erase(file);
        }
        real_.close(file);
    }
    void make_directory(file_handle at, char const* path, error_code& ec) override {
        if (!fails(call_kind::make_directory, beneath(at, path), ec)) real_.make_directory(at, path, ec);
    }
    std::vector<storage::directory_entry> list(file_handle directory, error_code& ec) override {
        if (fails(call_kind::list, path_of(directory), ec)) return {};
        return real_.list(directory, ec);
    }
    storage::file_status status(file_handle file, error_code& ec) override {
        if (fails(call_kind::status, path_of(file), ec)) return {};
        return real_.status(file, ec);
    }
    storage::file_status status_at(file_handle at, char const* path, error_code& ec) override {
        if (fails(call_kind::status_at, beneath(at, path), ec, true)) return {};
        return real_.status_at(at, path, ec);
    }
    std::size_t append(file_handle file, std::span<char const> bytes, error_code& ec) override {
        auto const fault = judged(call_kind::append, path_of(file));
        if (set(fault, ec)) return 0;
        return real_.append(file, bytes.first(std::min(bytes.size(), fault.at_most)), ec);
    }
    std::size_t write_at(file_handle file, std::uint64_t offset, std::span<char const> bytes, error_code& ec) override {
        auto const fault = judged(call_kind::write_at, path_of(file));
        if (set(fault, ec)) return 0;
        return real_.write_at(file, offset, bytes.first(std::min(bytes.size(), fault.at_most)), ec);
    }
    std::size_t read_at(file_handle file, std::uint64_t offset, std::span<char> bytes, error_code& ec) override {
        if (fails(call_kind::read_at, path_of(file), ec)) return 0;
        return real_.read_at(file, offset, bytes, ec);
    }
    void reserve(file_handle file, std::uint64_t offset, std::uint64_t bytes, error_code& ec) override {
        if (!fails(call_kind::reserve, path_of(file), ec)) real_.reserve(file, offset, bytes, ec);
    }
    void truncate(file_handle file, std::uint64_t size, error_code& ec) override {
        if (!fails(call_kind::truncate, path_of(file), ec)) real_.truncate(file, size, ec);
    }
    void sync_data(file_handle file, error_code& ec) override {
        if (!fails(call_kind::sync, path_of(file), ec)) real_.sync_data(file, ec);
    }
    void sync(file_handle file, error_code& ec) override {
        if (!fails(call_kind::sync, path_of(file), ec)) real_.sync(file, ec);
    }
    void drop_cache(file_handle file, error_code& ec) override {
        if (!fails(call_kind::drop_cache, path_of(file), ec)) real_.drop_cache(file, ec);
    }
    void rename(file_handle at, char const* from, char const* to, error_code& ec) override {
        if (fails(call_kind::rename, beneath(at, to), ec)) return;
        real_.rename(at, from, to, ec);
        std::string const before = beneath(at, from);
        std::lock_guard const hold(mutex_);
        for (auto& [file, path] : paths_) {
            if (path == before) path = to;
        }
    }
    bool try_lock(file_handle file, error_code& ec) override {
        return !fails(call_kind::lock, path_of(file), ec) && real_.try_lock(file, ec);
    }
    bool is_locked(file_handle file, error_code& ec) override { return real_.is_locked(file, ec); }

 private:
    fault judged(call_kind kind, std::string path, bool needs_handle = false) {
        std::lock_guard const hold(mutex_);
        calls_.push_back({kind, std::move(path)});
        std::size_t const number = ++counts_[kind];
        needs_handle |= kind == call_kind::open_file || kind == call_kind::open_directory;
        if (needs_handle && paths_.size() >= most_handles_) return fault{EMFILE};
        return judge_ ? judge_(calls_.back(), number) : fault{};
    }
    static bool set(fault const& given, error_code& ec) {
        ec = {};
        if (given.error != 0) ec = {given.error, boost::system::system_category()};
        return ec.failed();
    }
    bool fails(call_kind kind, std::string path, error_code& ec, bool needs_handle = false) {
        return set(judged(kind, std::move(path), needs_handle), ec);
    }

    file_handle opened(file_handle file, std::string path) {
        std::lock_guard const hold(mutex_);
        if (file != file_handle::none) paths_[file] = std::move(path);
        return file;
    }
    std::string path_of(file_handle file) const {
        std::lock_guard const hold(mutex_);
        auto const found = paths_.find(file);
        return found == paths_.end() ? "?" : found->second;
    }
    std::string beneath(file_handle at, std::string const& path) const {
        std::string const directory = path_of(at);
        return directory == "." ? path : directory + '/' + path;
    }

    storage::file_system& real_;
    mutable std::mutex mutex_;
    judge judge_;
    std::size_t most_handles_ = SIZE_MAX;
    std::map<call_kind, std::size_t> counts_;
    std::vector<call> calls_;
    std::map<file_handle, std::string> paths_;
};

inline std::ostream& operator<<(std::ostream& out, faulty_file_system::call const& made) {
    static constexpr char const* names[] = {
        "open_root", "open_directory", "open_file", "make_directory", "list", "status",     "status_at", "append",
        "write_at",  "read_at",        "reserve",   "truncate",       "sync", "drop_cache", "rename",    "lock"};
    return out << names[static_cast<int>(made.kind)] << ' ' << made.path;
}

}  // namespace audit_trail::test
