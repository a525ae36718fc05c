/// \file
/// Reports changes of a directory, and of directories below it (inotify).
#pragma once

#include <array>
#include <audit_trail/error.hpp>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace audit_trail::storage {

/// A change of an entry of a directory, or of the directory itself.
struct directory_change {
    enum class kind {
        appeared,  ///< created, or moved there
        written,
        closed,  ///< after it was open for writing; only reported for the root
        gone,    ///< the directory itself: deleted, moved or unmounted
        lost     ///< changes came faster than they were read, and the system dropped some
    };

    kind what;
    int directory;          ///< as returned by `add`; meaningless if changes were lost
    std::string_view name;  ///< of the entry; empty for the directory itself
    bool of_directory;      ///< the entry is a directory
};

/// The root is watched through its open descriptor, because its path may lead to another directory by now. The
/// descriptor must outlive the watch.
///
/// While a directory is open, its deletion is not reported. So the parent is watched, too. If this user may not read
/// the parent, the deletion of a root without watched directories goes unnoticed.
class directory_watch {
 public:
    /// \param path used instead of the descriptor if /proc is not mounted
    /// \param ec   does nothing if it is set. ENOENT: the root was deleted. error::watcher_limit: this user may have no
    ///             more watchers. Also the errors of `add`
    directory_watch(std::filesystem::path const& path, int root, error_code& ec);
    ~directory_watch();
    directory_watch(directory_watch const&) = delete;
    directory_watch& operator=(directory_watch const&) = delete;

    /// Returns the number of the root in `directory_change::directory`.
    int root() const noexcept { return root_; }

    /// Watches a directory below the root. Returns its number in `directory_change::directory`. Symbolic links are not
    /// followed (ENOTDIR). error::watch_limit: this user may watch no more directories.
    int add(std::string const& directory, error_code& ec);

    /// Calls `handle` with each pending change.
    template <class Function>
    void read(Function&& handle, error_code& ec) {
        for (std::size_t size = fill(ec); size != 0; size = fill(ec)) {
            for (std::size_t at = 0; at != size;) handle(change_at(at));
        }
    }

    /// Readable when changes are pending.
    int descriptor() const noexcept { return descriptor_; }

 private:
    int add(std::filesystem::path const& directory, std::uint32_t mask, error_code& ec);
    void watch_parent(error_code& ec);
    bool is_deleted() const;
    bool ends_root(int directory, std::string_view name) const noexcept;
    /// Returns 0 if no change is pending.
    std::size_t fill(error_code& ec);
    directory_change change_at(std::size_t& at) const noexcept;

    int descriptor_;
    std::filesystem::path root_path_;  // leads to the open descriptor
    std::string name_;                 // of the root in its parent
    int root_ = -1;
    int parent_ = -1;
    alignas(std::uint64_t) std::array<char, 16 * 1024> buffer_;
};

}  // namespace audit_trail::storage
