#include "simulated_disk.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace audit_trail::test {
namespace {

using storage::file_kind;

bool fail(error_code& ec, int number) {
    ec = {number, boost::system::system_category()};
    return false;
}

void write(std::string& bytes, std::uint64_t offset, std::string_view text) {
    if (bytes.size() < offset + text.size()) bytes.resize(offset + text.size(), '\0');
    std::ranges::copy(text, bytes.begin() + static_cast<std::ptrdiff_t>(offset));
}

}  // namespace

void simulated_disk::apply(file_change const& change, std::string& bytes) {
    if (change.bytes.empty()) {
        bytes.resize(change.offset, '\0');
    } else {
        write(bytes, change.offset, change.bytes);
    }
}

void simulated_disk::apply(name_change const& change, directory& entries) {
    for (auto const& [name, what] : change) {
        if (what) {
            entries[name] = what;
        } else {
            entries.erase(name);
        }
    }
}

void simulated_disk::end_process() {
    open_.clear();
    stopped_ = losing_ = loses_when_closed_ = false;
    changes_left_ = 0;
}

void simulated_disk::cut_power(loss how) {
    end_process();
    if (root_) settle(*root_, how);
}

/// Reduces the state to what is on the medium.
void simulated_disk::settle(node& what, loss how) {
    if (what.kind == file_kind::directory) {
        for (name_change const& change : what.unsynced_names) {
            if (chance(2)) apply(change, what.stable_entries);
        }
        what.unsynced_names.clear();
        what.entries = what.stable_entries;
        for (auto const& [name, below] : what.entries) settle(*below, how);
        return;
    }
    how == loss::ordered ? settle_ordered(what) : settle_any(what);
    what.unsynced.clear();
    what.bytes = what.stable;
}

void simulated_disk::settle_ordered(node& file) {
    std::size_t const full_size = file.bytes.size();
    std::size_t kept = below(file.unsynced.size() + 1);
    for (std::size_t n = 0; n != kept; ++n) apply(file.unsynced[n], file.stable);
    if (kept == file.unsynced.size() || file.unsynced[kept].in_place) return;
    file_change next = file.unsynced[kept];
    if (next.bytes.empty()) return;
    next.bytes.resize(below(next.bytes.size() + 1));
    if (!next.bytes.empty()) apply(next, file.stable);
    if (chance(3) && full_size > file.stable.size()) file.stable.resize(full_size, '\0');
}

void simulated_disk::settle_any(node& file) {
    for (file_change& change : file.unsynced) {
        if (chance(2)) continue;
        if (!change.in_place && !change.bytes.empty()) {
            if (chance(4)) change.bytes.assign(change.bytes.size(), '\0');
            if (chance(3)) change.bytes.resize(1 + below(change.bytes.size()));
        }
        apply(change, file.stable);
    }
}

std::map<std::string, std::string> simulated_disk::files() const {
    std::map<std::string, std::string> all;
    if (root_) collect(*root_, "", all);
    return all;
}

void simulated_disk::collect(node const& from, std::string const& path, std::map<std::string, std::string>& into) {
    for (auto const& [name, what] : from.entries) {
        if (what->kind == file_kind::directory) {
            collect(*what, path + name + '/', into);
        } else {
            into[path + name] = what->bytes;
        }
    }
}

bool simulated_disk::works(error_code& ec) const {
    ec = {};
    return !stopped_ || fail(ec, EIO);
}

bool simulated_disk::may_change(error_code& ec, bool* part) {
    if (!works(ec)) return false;
    ++changes_;
    if (changes_left_ == 0 || --changes_left_ != 0) return true;
    stopped_ = true;
    if (!part) return chance(2) || fail(ec, EIO);
    *part = true;
    return true;
}

simulated_disk::node_pointer simulated_disk::make_node(file_kind kind) {
    auto made = std::make_shared<node>();
    made->kind = kind;
    made->number = ++nodes_made_;
    return made;
}

simulated_disk::node_pointer simulated_disk::find(file_handle at, std::string_view path, error_code& ec) const {
    node_pointer where = open_.at(static_cast<int>(at)).what;
    while (!path.empty()) {
        std::string const name(path.substr(0, path.find('/')));
        path.remove_prefix(std::min(path.size(), name.size() + 1));
        if (name == ".") continue;
        auto const found = where->entries.find(name);
        if (found == where->entries.end()) return fail(ec, ENOENT), nullptr;
        where = found->second;
    }
    return where;
}

simulated_disk::node_pointer simulated_disk::find_parent(file_handle at, std::string_view path, std::string& name,
                                                         error_code& ec) const {
    std::size_t const slash = path.rfind('/');
    name = path.substr(slash == path.npos ? 0 : slash + 1);
    return find(at, slash == path.npos ? "." : path.substr(0, slash), ec);
}

void simulated_disk::change_file(node& file, file_change change) {
    apply(change, file.bytes);
    file.unsynced.push_back(std::move(change));
}

void simulated_disk::change_names(node& in, name_change change) {
    apply(change, in.entries);
    in.unsynced_names.push_back(std::move(change));
}

storage::file_handle simulated_disk::hand_out(node_pointer what, bool appending) {
    open_[next_handle_] = {std::move(what), appending};
    return static_cast<file_handle>(next_handle_++);
}

storage::file_handle simulated_disk::open_root(std::filesystem::path const& root, error_code& ec) {
    if (!works(ec)) return file_handle::none;
    if (!root_ || root != root_path_) return fail(ec, ENOENT), file_handle::none;
    return hand_out(root_);
}

storage::file_handle simulated_disk::open_or_create_root(std::filesystem::path const& root, error_code& ec) {
    if (!works(ec)) return file_handle::none;
    if (!root_) {
        root_ = make_node(file_kind::directory);
        root_path_ = root;
    }
    return open_root(root, ec);
}

void simulated_disk::sync_entry(file_handle, error_code& ec) {
    works(ec);
}

storage::file_handle simulated_disk::open_directory(file_handle at, char const* path, error_code& ec) {
    if (!works(ec)) return file_handle::none;
    auto const found = find(at, path, ec);
    return found ? hand_out(found) : file_handle::none;
}

storage::file_handle simulated_disk::open_file(file_handle at, char const* path, storage::open_mode mode,
                                               error_code& ec) {
    using storage::open_mode;
    if (!works(ec)) return file_handle::none;
    std::string name;
    auto const parent = find_parent(at, path, name, ec);
    if (!parent) return file_handle::none;
    auto const found = parent->entries.find(name);
    bool const is_there = found != parent->entries.end();
    bool const appending = mode == open_mode::append || mode == open_mode::create_append;
    if (is_there) {
        if (mode == open_mode::create_append) return fail(ec, EEXIST), file_handle::none;
        if (mode == open_mode::replace && !may_change(ec)) return file_handle::none;
        if (mode == open_mode::replace) change_file(*found->second, {0, {}});
        return hand_out(found->second, appending);
    }
    bool const must_exist = mode == open_mode::read || mode == open_mode::append || mode == open_mode::write;
    if (must_exist) return fail(ec, ENOENT), file_handle::none;
    if (!may_change(ec)) return file_handle::none;
    auto const made = make_node(file_kind::regular);
    change_names(*parent, {{name, made}});
    return hand_out(made, appending);
}

void simulated_disk::close(file_handle file) noexcept {
    auto const closing = open_.find(static_cast<int>(file));
    if (closing == open_.end()) return;
    node_pointer const what = closing->second.what;
    open_.erase(closing);
    auto const is_open = [&](auto const& other) { return other.second.what == what; };
    bool const loses = loses_when_closed_ && what->kind == file_kind::regular && std::ranges::none_of(open_, is_open);
    if (loses && chance(2)) what->unsynced.clear();
}

void simulated_disk::make_directory(file_handle at, char const* path, error_code& ec) {
    if (!works(ec)) return;
    std::string name;
    auto const parent = find_parent(at, path, name, ec);
    if (!parent) return;
    if (parent->entries.contains(name)) return static_cast<void>(fail(ec, EEXIST));
    if (may_change(ec)) change_names(*parent, {{name, make_node(file_kind::directory)}});
}

std::vector<storage::directory_entry> simulated_disk::list(file_handle directory, error_code& ec) {
    std::vector<storage::directory_entry> result;
    if (!works(ec)) return result;
    for (auto const& [name, what] : at(directory).entries) result.push_back({name, what->kind});
    return result;
}

storage::file_status simulated_disk::status_of(node const& what) const {
    return {.kind = what.kind, .size = what.bytes.size(), .links = 1, .inode = what.number, .device = 1, .mode = 0640};
}

storage::file_status simulated_disk::status(file_handle file, error_code& ec) {
    if (!works(ec)) return {};
    return status_of(at(file));
}

storage::file_status simulated_disk::status_at(file_handle at, char const* path, error_code& ec) {
    if (!works(ec)) return {};
    auto const found = find(at, path, ec);
    return found ? status_of(*found) : storage::file_status{};
}

storage::file_status simulated_disk::lookup(file_handle at, char const* path, error_code& ec) {
    return status_at(at, path, ec);
}

std::size_t simulated_disk::append(file_handle file, std::span<char const> bytes, error_code& ec) {
    bool part = false;
    if (!may_change(ec, &part)) return 0;
    std::size_t const count = part ? below(bytes.size() + 1) : bytes.size();
    node& into = at(file);
    if (count != 0) change_file(into, {into.bytes.size(), std::string(bytes.data(), count)});
    if (part) fail(ec, EIO);
    return count;
}

std::size_t simulated_disk::write_at(file_handle file, std::uint64_t offset, std::span<char const> bytes,
                                     error_code& ec) {
    if (!may_change(ec)) return 0;
    change_file(at(file), {offset, std::string(bytes.data(), bytes.size()), fits_a_sector(offset, bytes.size())});
    return bytes.size();
}

bool simulated_disk::fits_a_sector(std::uint64_t offset, std::size_t size) const {
    return offset / sector_bytes_ == (offset + size - 1) / sector_bytes_;
}

/// If the machine stops in the middle, the medium has any of the sectors. The file's other changes stay unsynced.
std::size_t simulated_disk::write_at_synced(file_handle file, std::uint64_t offset, std::span<char const> bytes,
                                            error_code& ec) {
    bool part = false;
    if (!may_change(ec, &part)) return 0;
    node& into = at(file);
    std::string_view const text(bytes.data(), bytes.size());
    if (std::exchange(losing_, false)) {
        write(into.bytes, offset, text);
        fail(ec, EIO);
        return 0;
    }
    write(into.bytes, offset, text);
    for (std::size_t done = 0; done != text.size();) {
        auto const rest = sector_bytes_ - (offset + done) % sector_bytes_;
        auto const sector = text.substr(done, rest);
        if (!part || chance(2)) write(into.stable, offset + done, sector);
        done += sector.size();
    }
    if (part) fail(ec, EIO);
    return part ? 0 : bytes.size();
}

std::size_t simulated_disk::read_at(file_handle file, std::uint64_t offset, std::span<char> bytes, error_code& ec) {
    if (!works(ec)) return 0;
    std::string const& from = at(file).bytes;
    if (offset >= from.size()) return 0;
    return from.copy(bytes.data(), bytes.size(), offset);
}

/// Space never runs out.
void simulated_disk::reserve(file_handle, std::uint64_t, std::uint64_t, error_code& ec) {
    works(ec);
}

void simulated_disk::truncate(file_handle file, std::uint64_t size, error_code& ec) {
    if (may_change(ec)) change_file(at(file), {size, {}});
}

void simulated_disk::sync_data(file_handle file, error_code& ec) {
    sync(file, ec);
}

void simulated_disk::sync(file_handle file, error_code& ec) {
    if (!may_change(ec)) return;
    node& what = at(file);
    if (what.kind == file_kind::directory) {
        for (name_change const& change : what.unsynced_names) apply(change, what.stable_entries);
        what.unsynced_names.clear();
        return;
    }
    if (std::exchange(losing_, false)) {
        if (chance(2)) what.stable.resize(what.bytes.size(), '\0');
        what.unsynced.clear();
        return static_cast<void>(fail(ec, EIO));
    }
    for (file_change const& change : what.unsynced) apply(change, what.stable);
    what.unsynced.clear();
}

void simulated_disk::drop_cache(file_handle file, error_code& ec) {
    if (!works(ec)) return;
    node& what = at(file);
    what.bytes = what.stable;
    for (file_change const& change : what.unsynced) apply(change, what.bytes);
}

/// Changes nothing that a test can see: the medium may have any unsynced change at any moment.
void simulated_disk::start_writeback(file_handle, error_code& ec) {
    works(ec);
}

void simulated_disk::move(file_handle from, char const* name, file_handle to, char const* new_name, error_code& ec) {
    if (!works(ec)) return;
    auto const found = at(from).entries.find(name);
    if (found == at(from).entries.end()) return static_cast<void>(fail(ec, ENOENT));
    if (at(to).entries.contains(new_name)) return static_cast<void>(fail(ec, EEXIST));
    if (!may_change(ec)) return;
    change_names(at(to), {{new_name, found->second}});
    change_names(at(from), {{name, nullptr}});
}

void simulated_disk::rename(file_handle at, char const* from, char const* to, error_code& ec) {
    if (!works(ec)) return;
    node& where = this->at(at);
    auto const found = where.entries.find(from);
    if (found == where.entries.end()) return static_cast<void>(fail(ec, ENOENT));
    if (may_change(ec)) change_names(where, {{to, found->second}, {from, nullptr}});
}

bool simulated_disk::try_lock(file_handle file, error_code& ec) {
    if (!works(ec) || is_locked(file, ec)) return false;
    return open_.at(static_cast<int>(file)).locking = true;
}

bool simulated_disk::is_locked(file_handle file, error_code& ec) {
    if (!works(ec)) return false;
    return std::ranges::any_of(open_, [&](auto const& other) {
        return other.first != static_cast<int>(file) && other.second.locking && other.second.what.get() == &at(file);
    });
}

}  // namespace audit_trail::test
