/// \file
/// A file system that records every call and fails the calls that a test picks.
#pragma once

#include <algorithm>
#include <cerrno>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "support/forwarding_file_system.hpp"

namespace audit_trail::test {

/// Thread safe. A call's path is relative to the root, which is "."; "?" when the handle is unknown.
class faulty_file_system final : public forwarding_file_system {
 public:
    struct call {
        call_kind kind;
        std::string path;
    };

    /// Called before every call; `number` counts the calls of that kind from 1.
    using judge = std::function<fault(call const&, std::size_t number)>;

    using forwarding_file_system::forwarding_file_system;

    void fail_when(judge given) {
        std::lock_guard const hold(mutex_);
        judge_ = std::move(given);
        counts_.clear();
    }
    /// Makes the n-th call of that kind fail; with `persistent`, all later calls of the kind, too.
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

    /// While this many handles are open, calls that need another one fail with EMFILE.
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

    file_handle open_root(std::filesystem::path const& root, error_code& ec) override {
        return opened(forwarding_file_system::open_root(root, ec), ".");
    }
    file_handle open_or_create_root(std::filesystem::path const& root, error_code& ec) override {
        return opened(forwarding_file_system::open_or_create_root(root, ec), ".");
    }
    file_handle open_directory(file_handle at, char const* path, error_code& ec) override {
        return opened(forwarding_file_system::open_directory(at, path, ec), beneath(at, path));
    }
    file_handle open_file(file_handle at, char const* path, storage::open_mode mode, error_code& ec) override {
        return opened(forwarding_file_system::open_file(at, path, mode, ec), beneath(at, path));
    }
    void close(file_handle file) noexcept override {
        {
            std::lock_guard const hold(mutex_);
            paths_.erase(file);
        }
        forwarding_file_system::close(file);
    }
    void rename(file_handle at, char const* from, char const* to, error_code& ec) override {
        forwarding_file_system::rename(at, from, to, ec);
        if (ec) return;
        std::string const before = beneath(at, from);
        std::lock_guard const hold(mutex_);
        for (auto& [file, path] : paths_) {
            if (path == before) path = to;
        }
    }

 private:
    fault fault_of(call_target const& target) override {
        auto path = path_of(target);
        std::lock_guard const hold(mutex_);
        calls_.push_back({target.kind, std::move(path)});
        std::size_t const number = ++counts_[target.kind];
        if (needs_handle(target.kind) && paths_.size() >= most_handles_) return fault{EMFILE};
        return judge_ ? judge_(calls_.back(), number) : fault{};
    }
    static bool needs_handle(call_kind kind) {
        return kind == call_kind::open_file || kind == call_kind::open_directory || kind == call_kind::status_at;
    }
    std::string path_of(call_target const& target) const {
        if (target.kind == call_kind::open_root) return ".";
        return target.path ? beneath(target.at, target.path) : path_of(target.at);
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

    mutable std::mutex mutex_;
    judge judge_;
    std::size_t most_handles_ = SIZE_MAX;
    std::map<call_kind, std::size_t> counts_;
    std::vector<call> calls_;
    std::map<file_handle, std::string> paths_;
};

inline std::ostream& operator<<(std::ostream& out, faulty_file_system::call const& made) {
    static constexpr char const* names[] = {
        "open_root",       "open_directory",  "open_file", "make_directory", "list",
        "status",          "status_at",       "lookup",    "append",         "write_at",
        "write_at_synced", "read_at",         "reserve",   "truncate",       "sync",
        "drop_cache",      "start_writeback", "move",      "rename",         "lock"};
    return out << names[static_cast<int>(made.kind)] << ' ' << made.path;
}

}  // namespace audit_trail::test
