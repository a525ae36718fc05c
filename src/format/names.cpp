#include "format/names.hpp"

#include <algorithm>

namespace audit_trail::format {
namespace {

bool is_letter_or_digit(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool may_follow(char c) noexcept {
    return is_letter_or_digit(c) || c == '.' || c == '_' || c == '-';
}

}  // namespace

bool is_valid_name(std::string_view name) noexcept {
    constexpr std::size_t longest = 128;
    if (name.empty() || name.size() > longest || !is_letter_or_digit(name.front())) return false;
    // In the root, index.json and its replacements are next to the domains.
    if (name.starts_with("index.json")) return false;
    return std::ranges::all_of(name.substr(1), may_follow);
}

}  // namespace audit_trail::format
