#include "follower/trail_recognition.hpp"

#include <algorithm>
#include <string>
#include <string_view>

#include "format/names.hpp"
#include "storage/layout.hpp"
#include "system/file_operations.hpp"

namespace audit_trail::reading {
namespace {

using storage::directory_entry;
using storage::file_kind;

constexpr int depth_of_segments = 2;

bool is_of_trail(directory_entry const& entry, int depth) {
    constexpr std::string_view own[] = {storage::index_name, storage::lock_name, storage::recovery_log_name,
                                        storage::broken_name};
    if (depth == 0) return std::ranges::find(own, entry.name) != std::end(own);
    return depth == depth_of_segments && storage::parse_segment_name(entry.name).has_value();
}

class recognition {
 public:
    explicit recognition(storage::file_system& system) : system_(system) {}

    /// Ends as soon as a file of a trail is found. What can't be listed says nothing.
    void look_at(storage::file_handle directory, int depth) {
        error_code ignored;
        auto const entries = system_.list(directory, ignored);
        is_trail_ = std::ranges::any_of(entries, [&](auto const& entry) { return is_of_trail(entry, depth); });
        for (auto at = entries.begin(); !is_trail_ && at != entries.end(); ++at) look_into(directory, *at, depth);
    }

    bool may_be_trail() const noexcept { return is_trail_ || !has_foreign_; }

 private:
    void look_into(storage::file_handle parent, directory_entry const& entry, int depth) {
        if (depth == 0 && entry.name == "lost+found") return;
        bool const may_belong = entry.kind == file_kind::directory && format::is_valid_name(entry.name);
        if (!may_belong || depth == depth_of_segments) {
            has_foreign_ = true;
            return;
        }
        error_code ec;
        storage::owned_file const directory(system_, system_.open_directory(parent, entry.name.c_str(), ec));
        if (!ec) look_at(directory.get(), depth + 1);
    }

    storage::file_system& system_;
    bool is_trail_ = false;
    bool has_foreign_ = false;
};

}  // namespace

void check_root(storage::file_system& system, storage::file_handle root, error_code& ec) {
    if (ec) return;
    recognition found(system);
    found.look_at(root, 0);
    if (!found.may_be_trail()) ec = error::not_a_trail;
}

}  // namespace audit_trail::reading
