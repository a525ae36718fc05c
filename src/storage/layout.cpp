#include "storage/layout.hpp"

#include <algorithm>
#include <charconv>

namespace audit_trail::storage {
namespace {

constexpr std::string_view prefix = "audit-";
constexpr std::string_view suffix = ".jsonl";
constexpr std::size_t least_digits = 6;

}  // namespace

std::string segment_name(std::uint64_t number) {
    std::string digits = std::to_string(number);
    digits.insert(0, least_digits - std::min(least_digits, digits.size()), '0');
    return std::string(prefix).append(digits).append(suffix);
}

std::optional<std::uint64_t> parse_segment_name(std::string_view name) {
    if (!name.starts_with(prefix) || !name.ends_with(suffix)) return std::nullopt;
    if (name.size() < prefix.size() + least_digits + suffix.size()) return std::nullopt;
    std::string_view const digits = name.substr(prefix.size(), name.size() - prefix.size() - suffix.size());
    if (digits.size() > least_digits && digits.front() == '0') return std::nullopt;

    std::uint64_t number = 0;
    auto const [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (failure != std::errc() || end != digits.data() + digits.size() || number == 0) return std::nullopt;
    return number;
}

std::string category_path(std::string_view domain, std::string_view category) {
    return std::string(domain).append("/").append(category);
}

std::string segment_path(std::string_view domain, std::string_view category, std::uint64_t number) {
    return category_path(domain, category).append("/").append(segment_name(number));
}

}  // namespace audit_trail::storage
