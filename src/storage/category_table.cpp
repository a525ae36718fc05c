#include "storage/category_table.hpp"

#include <functional>

namespace audit_trail::storage {
namespace {

bool is_called(category const& candidate, std::string_view domain, std::string_view name) noexcept {
    return candidate.name == name && candidate.domain == domain;
}

}  // namespace

std::size_t hash_names(std::string_view domain, std::string_view name) noexcept {
    constexpr std::size_t odd = 0x9e3779b97f4a7c15;
    std::hash<std::string_view> const hash;
    return (hash(domain) ^ odd) * odd ^ hash(name);
}

category& category_table::find(std::string_view domain, std::string_view name) {
    if (last_used_ != nullptr && is_called(*last_used_, domain, name)) return *last_used_;
    return find(domain, name, hash_names(domain, name));
}

category& category_table::find(std::string_view domain, std::string_view name, std::size_t hash) {
    std::size_t slot = slot_of(domain, name, hash);
    if (slots_[slot] == nullptr) {
        if (2 * (categories_.size() + 1) > slots_.size()) {
            grow();
            slot = slot_of(domain, name, hash);
        }
        categories_.push_back({std::string(domain), std::string(name), hash, {}, nullptr, nullptr});
        slots_[slot] = &categories_.back();
    }
    last_used_ = slots_[slot];
    return *last_used_;
}

std::size_t category_table::slot_of(std::string_view domain, std::string_view name, std::size_t hash) const noexcept {
    std::size_t const mask = slots_.size() - 1;
    std::size_t slot = hash & mask;
    auto const is_other = [&](category const& candidate) {
        return candidate.hash != hash || !is_called(candidate, domain, name);
    };
    while (slots_[slot] != nullptr && is_other(*slots_[slot])) slot = (slot + 1) & mask;
    return slot;
}

void category_table::grow() {
    slots_.assign(slots_.size() * 2, nullptr);
    for (auto& known : categories_) slots_[slot_of(known.domain, known.name, known.hash)] = &known;
}

}  // namespace audit_trail::storage
