/// \file
/// Finds a category by its names, millions of times a second.
#pragma once

#include <cstddef>
#include <deque>
#include <string_view>
#include <vector>

#include "storage/category.hpp"

namespace audit_trail::storage {

std::size_t hash_names(std::string_view domain, std::string_view name) noexcept;

/// Categories stay where they are for as long as the table lives.
class category_table {
 public:
    /// The category of that name, made when there was none. Names are hashed only when they are not the last ones.
    category& find(std::string_view domain, std::string_view name);
    category& find(std::string_view domain, std::string_view name, std::size_t hash);

    std::size_t size() const noexcept { return categories_.size(); }
    auto begin() noexcept { return categories_.begin(); }
    auto end() noexcept { return categories_.end(); }

 private:
    std::size_t slot_of(std::string_view domain, std::string_view name, std::size_t hash) const noexcept;
    void grow();

    std::deque<category> categories_;
    std::vector<category*> slots_ = std::vector<category*>(16);  // open addressing, at most half full
    category* last_used_ = nullptr;
};

}  // namespace audit_trail::storage
