/// \file
/// Records what must be synced: directories with new entries, and the jobs of the next sync.
#pragma once

#include <audit_trail/error.hpp>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "storage/category.hpp"
#include "storage/layout.hpp"
#include "system/file_operations.hpp"

namespace audit_trail::storage {

/// Directories whose newest entries a power cut may lose. Paths are relative to the root, which is ".".
class dirty_directories {
 public:
    void add(std::string path) { paths_[std::move(path)] = ++additions_; }
    void remove(std::string const& path) { paths_.erase(path); }
    bool empty() const noexcept { return paths_.empty(); }

    /// Returns the number of calls of `add`.
    std::uint64_t additions() const noexcept { return additions_; }
    /// Removes the directories that were not added again since `additions` had this value.
    void remove_older(std::uint64_t additions) {
        std::erase_if(paths_, [=](auto const& each) { return each.second <= additions; });
    }

    std::vector<std::string> all() const {
        std::vector<std::string> paths;
        paths.reserve(paths_.size());
        for (auto const& [path, added] : paths_) paths.push_back(path);
        return paths;
    }

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
    std::map<std::string, std::uint64_t> paths_;  // with the number of the last `add`
    std::uint64_t additions_ = 0;
};

/// Syncs a segment, or else a directory, which is then open.
struct sync_job {
    segment_file* segment = nullptr;
    std::string path;
    owned_file directory;
    error_code result;
};

}  // namespace audit_trail::storage
