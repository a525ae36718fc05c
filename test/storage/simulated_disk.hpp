/// \file
/// A disk in memory that a process may leave, or the power, at any moment. All that it does by chance follows from one
/// seed.
///
/// What the process was told is in the kernel's hands (`bytes`, `entries`); what has been synced is on the medium
/// (`stable`). A killed process leaves the former, a power cut the latter and whatever else had reached the medium by
/// then. No file's sync is taken to make its name stable: that is its directory's.
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

    /// What a power cut does to the changes of a file that were not synced.
    enum class loss {
        ordered,  ///< it keeps the first few, the next one in part, and perhaps its new size: then NULs follow
        any       ///< it keeps any of them, in full, in part or as NULs
    };

    explicit simulated_disk(std::uint64_t seed) : random_(seed) {}

    /// The machine stands still in the middle of the n-th change from now on (1: the next): later calls fail and do
    /// nothing. 0: never.
    void stop_at(std::size_t n) noexcept { changes_left_ = n; }
    bool stopped() const noexcept { return stopped_; }
    std::size_t changes() const noexcept { return changes_; }

    /// The next sync of a file fails, as a disk's would: what it should have written is lost, though it still reads
    /// back from memory, and the next sync says that all is well.
    void lose_next_sync() noexcept { losing_ = true; }

    /// All handles and locks are gone; the machine goes on.
    void end_process();
    /// The same, and what was in memory is gone.
    void cut_power(loss how);

    /// What a new process reads: every file below the root by its path.
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
    std::size_t append(file_handle file, std::span<char const> bytes, error_code& ec) override;
    std::size_t write_at(file_handle file, std::uint64_t offset, std::span<char const> bytes, error_code& ec) override;
    std::size_t read_at(file_handle file, std::uint64_t offset, std::span<char> bytes, error_code& ec) override;
    void reserve(file_handle file, std::uint64_t offset, std::uint64_t bytes, error_code& ec) override;
    void truncate(file_handle file, std::uint64_t size, error_code& ec) override;
    void sync_data(file_handle file, error_code& ec) override;
    void sync(file_handle file, error_code& ec) override;
    void drop_cache(file_handle file, error_code& ec) override;
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
    /// Whether a change may be made; when the machine stops in its middle, `part` says so.
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
    node_pointer root_;
    std::filesystem::path root_path_;  // all other directories are absent
    std::uint64_t nodes_made_ = 0;
    std::map<int, open_file_description> open_;
    int next_handle_ = 3;
    std::size_t changes_ = 0;
    std::size_t changes_left_ = 0;
    bool stopped_ = false;
    bool losing_ = false;
};

}  // namespace audit_trail::test
