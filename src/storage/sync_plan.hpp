/// \file
/// Records what must be synced: directories with new entries, and the jobs of the next sync.
#pragma once

#include <audit_trail/error.hpp>
#include <set>
#include <string>
#include <vector>

#include "storage/category.hpp"
#include "storage/layout.hpp"
#include "system/file_operations.hpp"

namespace audit_trail::storage {

/// Directories whose newest entries a power cut may lose. Paths are relative to the root, which is ".".
class dirty_directories {
 public:
    void add(std::string path) { paths_.insert(std::move(path)); }
    void remove(std::string const& path) { paths_.erase(path); }
    bool empty() const noexcept { return paths_.empty(); }
    auto begin() const noexcept { return paths_.begin(); }
    auto end() const noexcept { return paths_.end(); }

    /// Those on the path to the category's segments.
    std::vector<std::string> leading_to(category const& owner) const {
        std::vector<std::string> found;
        if (paths_.empty()) return found;
        for (auto const& path : {std::string("."), owner.domain, category_path(owner.domain, owner.name)}) {
            if (paths_.contains(path)) found.push_back(path);
        }
        return found;
    }

 private:
    std::set<std::string> paths_;
};

/// Syncs a segment, or else a directory, which is then open.
struct sync_job {
    segment_file* segment = nullptr;
    std::string path;
    owned_file directory;
    error_code result;
};

}  // namespace audit_trail::storage
