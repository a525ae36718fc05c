/// \file
/// Changes of a directory, and of others beneath it (inotify).
#pragma once

#include <array>
#include <audit_trail/error.hpp>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace audit_trail::reading {

/// What happened to an entry of a directory, or to the directory itself.
struct directory_change {
    enum class kind {
        appeared,  ///< made, or moved there
        written,
        closed,  ///< after it was open for writing; reported in the root alone
        gone,    ///< the directory: deleted, moved or unmounted
        lost     ///< changes were, since they came faster than they were read
    };

    kind what;
    int directory;          ///< as `add` gave it; of no meaning when changes were lost
    std::string_view name;  ///< of the entry; empty for the directory itself
    bool of_directory;      ///< the entry is one
};

/// The root is watched by its open descriptor, which must outlive the watch: the root's path may meanwhile lead
/// elsewhere.
///
/// A directory that is open and then deleted does not report its own deletion, so the parent is watched, too. Where
/// this user may not read the parent, the deletion of a root without watched directories goes unnoticed.
class directory_watch {
 public:
    /// \param path used instead of the descriptor where /proc is not mounted
    /// \param ec   ENOENT when the root is deleted already; error::watcher_limit when this user may have no more
    ///             watchers; the errors of `add`. Does nothing when it is set.
    directory_watch(std::filesystem::path const& path, int root, error_code& ec);
    ~directory_watch();
    directory_watch(directory_watch const&) = delete;
    directory_watch& operator=(directory_watch const&) = delete;

    /// The number by which changes name the root.
    int root() const noexcept { return root_; }

    /// Watches a directory beneath the root. Returns the number by which its changes name it. A symbolic link is no
    /// directory (ENOTDIR). error::watch_limit when this user may watch no more directories.
    int add(std::string const& directory, error_code& ec);

    /// Calls `handle` with each change that has happened.
    template <class Function>
    void read(Function&& handle, error_code& ec) {
        for (std::size_t size = fill(ec); size != 0; size = fill(ec)) {
            for (std::size_t at = 0; at != size;) handle(change_at(at));
        }
    }

    /// Readable when a change waits.
    int descriptor() const noexcept { return descriptor_; }

 private:
    int add(std::filesystem::path const& directory, std::uint32_t mask, error_code& ec);
    void watch_parent(error_code& ec);
    bool is_deleted() const;
    bool ends_root(int directory, std::string_view name) const noexcept;
    /// 0 when nothing waits.
    std::size_t fill(error_code& ec);
    directory_change change_at(std::size_t& at) const noexcept;

    int descriptor_;
    std::filesystem::path root_path_;  // leads to the open descriptor
    std::string name_;                 // of the root in its parent
    int root_ = -1;
    int parent_ = -1;
    alignas(std::uint64_t) std::array<char, 16 * 1024> buffer_;
};

}  // namespace audit_trail::reading
