/// \file
/// A directory, and others beneath it, whose changes the system tells (inotify).
#pragma once

#include <array>
#include <audit_trail/error.hpp>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string_view>

namespace audit_trail::reading {

/// What happened to an entry of a directory, or to the directory itself.
struct directory_change {
    enum class kind {
        appeared,  ///< made, or moved there
        written,
        closed,  ///< by one who might have written; told of the root alone
        gone,    ///< the directory: deleted, moved or unmounted
        lost     ///< changes were, since they came faster than they were read
    };

    kind what;
    int directory;          ///< as `add` gave it; of no meaning when changes were lost
    std::string_view name;  ///< of the entry; empty for the directory itself
    bool of_directory;      ///< the entry is one
};

class directory_watch {
 public:
    /// error::watcher_limit when this user may have no more of them; what `add` gives.
    directory_watch(std::filesystem::path const& root, error_code& ec);
    ~directory_watch();
    directory_watch(directory_watch const&) = delete;
    directory_watch& operator=(directory_watch const&) = delete;

    /// The number by which changes name the root.
    int root() const noexcept { return root_; }

    /// From now on what happens in the directory is told. Gives the number by which its changes name it. A symbolic
    /// link is no directory (ENOTDIR). error::watch_limit when this user may watch no more.
    int add(std::filesystem::path const& directory, error_code& ec);

    /// Calls `tell` with each change that waits to be told.
    template <class Function>
    void read(Function&& tell, error_code& ec) {
        for (std::size_t size = fill(ec); size != 0; size = fill(ec)) {
            for (std::size_t at = 0; at != size;) tell(change_at(at));
        }
    }

    /// Readable when a change waits.
    int descriptor() const noexcept { return descriptor_; }

 private:
    int add(std::filesystem::path const& directory, std::uint32_t mask, error_code& ec);
    /// 0 when nothing waits.
    std::size_t fill(error_code& ec);
    directory_change change_at(std::size_t& at) const noexcept;

    int descriptor_;
    int root_ = -1;
    alignas(std::uint64_t) std::array<char, 16 * 1024> buffer_;
};

}  // namespace audit_trail::reading
