#include "storage/root_place.hpp"

#include <algorithm>
#include <string>

#include "format/names.hpp"
#include "storage/index_file.hpp"
#include "storage/layout.hpp"
#include "storage/root_lock.hpp"

namespace audit_trail::storage {
namespace {

/// Checks the content of the files, because any directory may have files of these names.
bool has_mark(file_system& system, file_handle directory) {
    error_code ec;
    owned_file const lock(system, system.open_file(directory, lock_name, open_mode::read, ec));
    if (!ec && read_lock_record(system, lock.get(), ec)) return true;
    return index_file(system).read(directory, ec).has_value();
}

constexpr int depth_of_categories = 2;

bool has_segment(file_system& system, file_handle category, error_code& ec) {
    return std::ranges::any_of(system.list(category, ec), [](directory_entry const& entry) {
        return entry.kind == file_kind::regular && parse_segment_name(entry.name);
    });
}

/// Returns true if there is a segment `depth` directories below `at`.
bool holds_segment(file_system& system, file_handle at, int depth, error_code& ec) {
    if (depth == 0) return has_segment(system, at, ec);
    for (auto const& entry : system.list(at, ec)) {
        if (entry.kind != file_kind::directory || !format::is_valid_name(entry.name)) continue;
        owned_file const below(system, system.open_directory(at, entry.name.c_str(), ec));
        if (!ec && holds_segment(system, below.get(), depth - 1, ec)) return true;
        if (ec) return false;
    }
    return false;
}

void require_trail(file_system& system, std::filesystem::path const& root, error_code& ec) {
    owned_file const directory(system, system.open_root(root, ec));
    if (ec || has_mark(system, directory.get())) return;
    bool const found = holds_segment(system, directory.get(), depth_of_categories, ec);
    if (!ec && !found) ec = error::no_trail;
}

/// Returns false if the directory cannot be opened.
bool is_root(file_system& system, std::filesystem::path const& path) {
    error_code ec;
    owned_file const directory(system, system.open_root(path, ec));
    return !ec && has_mark(system, directory.get());
}

bool is_inside_trail(file_system& system, std::filesystem::path const& root) {
    std::error_code ec;
    auto path = std::filesystem::weakly_canonical(std::filesystem::absolute(root, ec), ec);
    if (!path.has_filename()) path = path.parent_path();
    while (path.has_relative_path()) {
        path = path.parent_path();
        if (is_root(system, path)) return true;
    }
    return false;
}

/// Returns true if a directory in this directory is the root of a trail.
bool holds_trails(file_system& system, file_handle directory) {
    error_code ec;
    return std::ranges::any_of(system.list(directory, ec), [&](directory_entry const& entry) {
        if (entry.kind != file_kind::directory) return false;
        owned_file const below(system, system.open_directory(directory, entry.name.c_str(), ec));
        return !ec && has_mark(system, below.get());
    });
}

/// Returns true for a file that is no index. A crash leaves no such file: a writer renames a synced file to index.json.
bool has_foreign_index(file_system& system, file_handle directory) {
    error_code ec;
    owned_file const index(system, system.open_file(directory, index_name, open_mode::read, ec));
    return !ec && !read_text(system, index.get(), 1, ec).empty();
}

/// Checks that a trail that begins here makes no other trail unusable, and overwrites no file of another program.
void check_new_root(file_system& system, std::filesystem::path const& root, error_code& ec) {
    error_code ignored;
    owned_file const directory(system, system.open_root(root, ignored));
    if (ignored || has_mark(system, directory.get())) return;
    if (holds_trails(system, directory.get())) return ec = error::holds_trails, void();
    if (!has_foreign_index(system, directory.get())) return;
    bool const is_trail = holds_segment(system, directory.get(), depth_of_categories, ignored);
    if (!is_trail && !ignored) ec = error::foreign_index;
}

}  // namespace

void check_place(file_system& system, std::filesystem::path const& root, bool must_exist, error_code& ec) {
    ec = {};
    if (is_inside_trail(system, root)) return ec = error::inside_a_trail, void();
    if (must_exist) return require_trail(system, root, ec);
    check_new_root(system, root, ec);
}

}  // namespace audit_trail::storage
