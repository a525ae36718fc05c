/// \file A disk in memory on which the process or the power may fail at any moment. Its random choices depend on one
/// seed only.
///
/// The kernel holds what was written (`bytes`, `entries`); the medium holds what was synced (`stable`). A killed
/// process keeps the former, a power cut the latter and anything else that has reached the medium by then. Syncing a
/// file does not make its name stable; syncing its directory does. The disk is no wrapper around another file system.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "system/file_system.hpp"

namespace audit_trail::test {

class simulated_disk final : public storage::file_system {
 public:
    using file_handle = storage::file_handle;

    /// What a power cut does to unsynced changes of a file.
    enum class loss {
        ordered,  ///< it keeps the first few, the next one in part, and perhaps its new size: then NULs follow
        any       ///< it keeps any of them, in full, in part or as NULs
    };

    explicit simulated_disk(std::uint64_t seed) : random_(seed), sector_bytes_(chance(2) ? 512 : 4096) {}

    /// Stops the machine in the middle of the n-th change from now on (1: the next): later calls fail and do nothing.
    /// 0: never.
    void stop_at(std::size_t n) noexcept { changes_left_ = n; }
    bool stopped() const noexcept { return stopped_; }
    std::size_t changes() const noexcept { return changes_; }

    /// Makes the next sync of a file fail as on a real disk: the data is lost, although reads still return it from
    /// memory, and the next sync succeeds.
    void lose_next_sync() noexcept { losing_ = true; }

    /// While this is set, unsynced changes of a file that is closed may get lost, and no later call reports it: the
    /// kernel failed to write them when no descriptor could report it.
    void lose_when_closed(bool loses) noexcept { loses_when_closed_ = loses; }

    /// Closes all handles and locks; the kernel keeps its state.
    void end_process();
    /// The same, and the kernel loses its state.
    void cut_power(loss how);

    /// Every file below the root by its path, as a new process would read it.
    std::map<std::string, std::string> files() const;

    file_handle open_root(std::filesystem::path const& root, error_code& ec) override;
    file_handle open_or_create_root(std::filesystem::path const& root, error_code& ec) override;
    void sync_entry(file_handle root, error_code& ec) override;
    file_handle open_directory(file_handle at, char const* path, error_code& ec) override;
    file_handle open_file(file_handle at, char const* path, storage::open_mode mode, error_code& ec) override;
    void close(file_handle file) noexcept override;
    void make_directory(file_handle at, char const* path, error_code& ec) override;
    std::vector<storage::directory_entry> list(file_handle directory, error_code& ec) override;
    storage::file_status status(file_handle file, error_code& ec) override;
    storage::file_status status_at(file_handle at, char const* path, error_code& ec) override;
    storage::file_status lookup(file_handle at, char const* path, error_code& ec) override;
    std::size_t append(file_handle file, std::span<char const> bytes, error_code& ec) override;
    std::size_t write_at(file_handle file, std::uint64_t offset, std::span<char const> bytes, error_code& ec) override;
    std::size_t write_at_synced(file_handle file, std::uint64_t offset, std::span<char const> bytes,
                                error_code& ec) override;
    std::size_t read_at(file_handle file, std::uint64_t offset, std::span<char> bytes, error_code& ec) override;
    void reserve(file_handle file, std::uint64_t offset, std::uint64_t bytes, error_code& ec) override;
    void truncate(file_handle file, std::uint64_t size, error_code& ec) override;
    void sync_data(file_handle file, error_code& ec) override;
    void sync(file_handle file, error_code& ec) override;
    void drop_cache(file_handle file, error_code& ec) override;
    void start_writeback(file_handle file, error_code& ec) override;
    void move(file_handle from, char const* name, file_handle to, char const* new_name, error_code& ec) override;
    void rename(file_handle at, char const* from, char const* to, error_code& ec) override;
    bool try_lock(file_handle file, error_code& ec) override;
    bool is_locked(file_handle file, error_code& ec) override;

 private:
    struct node;
    using node_pointer = std::shared_ptr<node>;
    using directory = std::map<std::string, node_pointer>;

    /// Bytes written at a place or, without any, a new size.
    struct file_change {
        std::uint64_t offset;
        std::string bytes;
        bool in_place = false;
    };
    /// Names that change together; to nothing: removed.
    using name_change = std::vector<std::pair<std::string, node_pointer>>;

    struct node {
        storage::file_kind kind;
        std::uint64_t number;
        std::string bytes, stable;
        std::vector<file_change> unsynced;
        directory entries, stable_entries;
        std::vector<name_change> unsynced_names;
    };
    struct open_file_description {
        node_pointer what;
        bool appending = false;
        bool locking = false;
    };

    static void apply(file_change const& change, std::string& bytes);
    static void apply(name_change const& change, directory& entries);
    static void collect(node const& from, std::string const& path, std::map<std::string, std::string>& into);

    bool works(error_code& ec) const;
    bool fits_a_sector(std::uint64_t offset, std::size_t size) const;
    /// Whether a change may be made; sets `part` if the machine stops in the middle of it.
    bool may_change(error_code& ec, bool* part = nullptr);
    node_pointer make_node(storage::file_kind kind);
    node_pointer find(file_handle at, std::string_view path, error_code& ec) const;
    node_pointer find_parent(file_handle at, std::string_view path, std::string& name, error_code& ec) const;
    void change_file(node& file, file_change change);
    void change_names(node& in, name_change change);
    file_handle hand_out(node_pointer what, bool appending = false);
    node& at(file_handle file) { return *open_.at(static_cast<int>(file)).what; }
    storage::file_status status_of(node const& what) const;
    void settle(node& what, loss how);
    void settle_ordered(node& file);
    void settle_any(node& file);
    std::size_t below(std::size_t limit) { return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random_); }
    bool chance(std::size_t one_in) { return below(one_in) == 0; }

    std::mt19937_64 random_;
    std::size_t sector_bytes_;  // the medium writes a sector completely or not at all
    node_pointer root_;
    std::filesystem::path root_path_;  // all other directories are absent
    std::uint64_t nodes_made_ = 0;
    std::map<int, open_file_description> open_;
    int next_handle_ = 3;
    std::size_t changes_ = 0;
    std::size_t changes_left_ = 0;
    bool stopped_ = false;
    bool losing_ = false;
    bool loses_when_closed_ = false;
};

}  // namespace audit_trail::test
