#include "storage/layout.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <utility>

#include "format/names.hpp"

namespace audit_trail::storage {
namespace {

constexpr std::string_view prefix = "audit-";
constexpr std::string_view suffix = ".jsonl";
constexpr std::size_t least_digits = 6;

std::vector<directory_entry> sorted_entries(file_system& system, file_handle directory, error_code& ec) {
    auto entries = system.list(directory, ec);
    std::ranges::sort(entries, {}, &directory_entry::name);
    return entries;
}

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

directory_names list_directories(file_system& system, file_handle directory, error_code& ec) {
    directory_names found;
    for (auto& entry : sorted_entries(system, directory, ec)) {
        if (entry.kind == file_kind::directory && format::is_valid_name(entry.name)) {
            found.names.push_back(std::move(entry.name));
        } else {
            found.others.push_back(std::move(entry));
        }
    }
    return found;
}

segment_numbers list_segments(file_system& system, file_handle directory, error_code& ec) {
    segment_numbers found;
    for (auto& entry : sorted_entries(system, directory, ec)) {
        auto const number = parse_segment_name(entry.name);
        if (number && entry.kind == file_kind::regular) {
            found.numbers.push_back(*number);
        } else {
            found.others.push_back(std::move(entry));
        }
    }
    std::ranges::sort(found.numbers);
    return found;
}

void put_padded_number(std::uint64_t number, detail::text_buffer& text) {
    constexpr std::size_t width = 20;  // 2^64 - 1
    char* const begin = text.prepare(width);
    std::memset(begin, ' ', width);
    std::to_chars(begin, begin + width, number);
    text.commit(width);
}

std::optional<std::uint64_t> number_of(boost::json::object const& object, std::string_view key) {
    auto const* const value = object.if_contains(key);
    if (value == nullptr || value->is_double()) return std::nullopt;
    error_code ec;
    auto const number = value->to_number<std::uint64_t>(ec);
    return ec ? std::nullopt : std::optional(number);
}

}  // namespace audit_trail::storage
