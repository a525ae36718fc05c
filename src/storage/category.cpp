#include "storage/category.hpp"

#include <functional>

namespace audit_trail::storage {

std::size_t category_table::hash_names::operator()(names const& of) const noexcept {
    constexpr std::size_t odd = 0x9e3779b97f4a7c15;
    std::hash<std::string_view> const hash;
    return (hash(of.domain) ^ odd) * odd ^ hash(of.name);
}

category& category_table::find(std::string_view domain, std::string_view name) {
    if (last_used_ != nullptr && last_used_->name == name && last_used_->domain == domain) return *last_used_;
    if (auto const found = index_.find({domain, name}); found != index_.end()) return *(last_used_ = found->second);

    categories_.push_back({std::string(domain), std::string(name), {}, nullptr, nullptr});
    category& added = categories_.back();
    try {
        index_.emplace(names{added.domain, added.name}, &added);
    } catch (...) {
        categories_.pop_back();
        throw;
    }
    return *(last_used_ = &added);
}

}  // namespace audit_trail::storage
