#include "reader/trail_listing.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>

#include "format/encode.hpp"
#include "storage/file_operations.hpp"
#include "storage/layout.hpp"

namespace audit_trail::reading {
namespace {

using storage::directory_entry;
using storage::file_handle;
using storage::file_kind;
using storage::file_system;

std::string join(std::string const& directory, std::string const& name) {
    return directory.empty() ? name : directory + '/' + name;
}

/// Entries by name; none when the directory can't be read, which the log then says.
std::vector<directory_entry> list(file_system& system, file_handle root, std::string const& path, damage_log& log) {
    error_code ec;
    char const* const name = path.empty() ? "." : path.c_str();
    storage::owned_file const directory(system, system.open_directory(root, name, ec));
    std::vector<directory_entry> entries;
    if (!ec) entries = system.list(directory.get(), ec);
    if (ec) log.add(path, 0, ec);
    std::ranges::sort(entries, {}, &directory_entry::name);
    return entries;
}

void report_foreign(std::string path, file_kind kind, damage_log& log) {
    log.add(std::move(path), 0, kind == file_kind::other ? error::not_a_trail : error::foreign_file);
}

bool is_the_writers_own(std::string_view name) {
    constexpr std::string_view own[] = {storage::lock_name, storage::recovery_log_name, storage::broken_name,
                                        storage::index_draft_name};
    return name.starts_with(storage::index_name) || std::ranges::find(own, name) != std::end(own);
}

/// Names of the directories in `path` that may be a domain or category.
std::vector<std::string> list_directories(file_system& system, file_handle root, std::string const& path,
                                          damage_log& log) {
    std::vector<std::string> names;
    for (auto& entry : list(system, root, path, log)) {
        if (path.empty() && is_the_writers_own(entry.name)) continue;
        if (entry.kind == file_kind::directory && format::is_valid_name(entry.name)) {
            names.push_back(std::move(entry.name));
        } else {
            report_foreign(join(path, entry.name), entry.kind, log);
        }
    }
    return names;
}

}  // namespace

std::vector<std::string> list_domains(file_system& system, file_handle root, line_filter const& filter,
                                      damage_log& log) {
    auto domains = list_directories(system, root, "", log);
    std::erase_if(domains, [&](auto const& domain) { return !filter.takes_domain(domain); });
    return domains;
}

std::vector<category_place> list_categories(file_system& system, file_handle root, std::string const& domain,
                                            line_filter const& filter, damage_log& log) {
    std::vector<category_place> places;
    for (auto& name : list_directories(system, root, domain, log)) {
        if (filter.takes_category(name)) places.push_back({domain, std::move(name)});
    }
    return places;
}

std::vector<category_place> list_categories(file_system& system, file_handle root, line_filter const& filter,
                                            damage_log& log) {
    std::vector<category_place> places;
    for (auto const& domain : list_domains(system, root, filter, log)) {
        std::ranges::move(list_categories(system, root, domain, filter, log), std::back_inserter(places));
    }
    return places;
}

std::vector<std::uint64_t> list_segments(file_system& system, file_handle root, category_place const& place,
                                         damage_log& log) {
    std::vector<std::uint64_t> numbers;
    auto const path = storage::category_path(place.domain, place.name);
    for (auto const& entry : list(system, root, path, log)) {
        auto const number = storage::parse_segment_name(entry.name);
        if (number && entry.kind == file_kind::regular) {
            numbers.push_back(*number);
        } else {
            report_foreign(join(path, entry.name), number ? file_kind::other : entry.kind, log);
        }
    }
    std::ranges::sort(numbers);
    return numbers;
}

}  // namespace audit_trail::reading
