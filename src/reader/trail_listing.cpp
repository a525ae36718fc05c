#include "reader/trail_listing.hpp"

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <string_view>
#include <utility>

#include "storage/layout.hpp"
#include "system/file_operations.hpp"

namespace audit_trail::reading {
namespace {

using storage::file_handle;
using storage::file_kind;
using storage::file_system;

std::string join(std::string const& directory, std::string const& name) {
    return directory.empty() ? name : directory + '/' + name;
}

void report_foreign(std::string path, file_kind kind, damage_log& log) {
    if (kind == file_kind::other) return log.add(std::move(path), 0, error::not_a_trail);
    auto const reason = make_error_code(error::foreign_file);
    log.note({std::move(path), 0, reason, reason.message()});
}

/// A directory that is gone was deleted since its parent was listed, as by retention.
void report_unreadable(std::string path, error_code const& ec, damage_log& log) {
    if (!storage::is_errno(ec, ENOENT)) return log.add(std::move(path), 0, ec);
    log.note({std::move(path), 0, ec, "the directory was deleted while the trail was read"});
}

bool is_the_writers_own(std::string_view name) {
    constexpr std::string_view own[] = {storage::lock_name, storage::recovery_log_name, storage::broken_name,
                                        storage::index_draft_name};
    return name.starts_with(storage::index_name) || std::ranges::find(own, name) != std::end(own);
}

/// What `read` finds in a directory; nothing when the directory can't be read, which the log then says.
template <typename Read>
auto list(file_system& system, file_handle root, std::string const& path, Read read, damage_log& log) {
    error_code ec;
    char const* const name = path.empty() ? "." : path.c_str();
    storage::owned_file const directory(system, system.open_directory(root, name, ec));
    decltype(read(system, directory.get(), ec)) found;
    if (!ec) found = read(system, directory.get(), ec);
    if (ec) report_unreadable(path, ec, log);
    return found;
}

/// Names of the directories in `path` that may be a domain or category.
std::vector<std::string> list_names(file_system& system, file_handle root, std::string const& path, damage_log& log) {
    auto found = list(system, root, path, storage::list_directories, log);
    for (auto const& [name, kind] : found.others) {
        if (path.empty() && is_the_writers_own(name)) continue;
        report_foreign(join(path, name), kind, log);
    }
    return std::move(found.names);
}

}  // namespace

std::vector<std::string> list_domains(file_system& system, file_handle root, line_filter const& filter,
                                      damage_log& log) {
    auto domains = list_names(system, root, "", log);
    std::erase_if(domains, [&](auto const& domain) { return !filter.takes_domain(domain); });
    return domains;
}

std::vector<category_place> list_categories(file_system& system, file_handle root, std::string const& domain,
                                            line_filter const& filter, damage_log& log) {
    std::vector<category_place> places;
    for (auto& name : list_names(system, root, domain, log)) {
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
    auto const path = storage::category_path(place.domain, place.name);
    auto found = list(system, root, path, storage::list_segments, log);
    for (auto const& [name, kind] : found.others) {
        bool const has_number = storage::parse_segment_name(name).has_value();
        report_foreign(join(path, name), has_number ? file_kind::other : kind, log);
    }
    return std::move(found.numbers);
}

bool has_hole(std::vector<std::uint64_t> const& numbers) noexcept {
    return !numbers.empty() && numbers.back() - numbers.front() + 1 != numbers.size();
}

}  // namespace audit_trail::reading
