/// \file
/// Directories whose newest entries may not survive the power.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "storage/category.hpp"
#include "storage/layout.hpp"

namespace audit_trail::storage {

/// Paths are relative to the root, which is "." itself.
class dirty_directories {
 public:
    void add(std::string path) { paths_.insert(std::move(path)); }
    void remove(std::string const& path) { paths_.erase(path); }
    bool empty() const noexcept { return paths_.empty(); }
    auto begin() const noexcept { return paths_.begin(); }
    auto end() const noexcept { return paths_.end(); }

    /// Those that lead to the category's segments.
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

}  // namespace audit_trail::storage
