#include "reader/trail_listing.hpp"

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <string_view>
#include <utility>

#include "format/names.hpp"
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

void report_foreign(std::string path, file_kind kind, finding_log& log) {
    if (kind == file_kind::other) return log.add(std::move(path), 0, error::not_a_trail);
    auto const reason = make_error_code(error::foreign_file);
    log.note({std::move(path), 0, reason, reason.message()});
}

/// A directory that does not exist was deleted after its parent was listed, for example by retention.
void report_unreadable(std::string path, error_code const& ec, finding_log& log) {
    if (!storage::is_errno(ec, ENOENT)) return log.add(std::move(path), 0, ec);
    log.note({std::move(path), 0, ec, "the directory was deleted while the trail was read"});
}

bool is_file_of_writer(std::string_view name) {
    constexpr std::string_view own[] = {storage::lock_name, storage::recovery_log_name, storage::broken_name,
                                        storage::commit_log_name, storage::index_draft_name};
    return name.starts_with(storage::index_name) || std::ranges::find(own, name) != std::end(own);
}

/// Reads a directory with `read`. Reports a directory that cannot be read, and returns an empty result.
template <typename Read>
auto list(file_system& system, file_handle root, std::string const& path, Read read, finding_log& log) {
    error_code ec;
    char const* const name = path.empty() ? "." : path.c_str();
    storage::owned_file const directory(system, system.open_directory(root, name, ec));
    decltype(read(system, directory.get(), ec)) found;
    if (!ec) found = read(system, directory.get(), ec);
    if (ec) report_unreadable(path, ec, log);
    return found;
}

/// Names of the directories in `path` that may be a domain or category.
std::vector<std::string> list_names(file_system& system, file_handle root, std::string const& path, finding_log& log) {
    auto found = list(system, root, path, storage::list_directories, log);
    for (auto const& [name, kind] : found.others) {
        if (path.empty() && is_file_of_writer(name)) continue;
        report_foreign(join(path, name), kind, log);
    }
    return std::move(found.names);
}

constexpr int depth_of_segments = 2;

bool is_of_trail(storage::directory_entry const& entry, int depth) {
    constexpr std::string_view own[] = {storage::index_name, storage::lock_name, storage::recovery_log_name,
                                        storage::broken_name};
    if (depth == 0) return std::ranges::find(own, entry.name) != std::end(own);
    return depth == depth_of_segments && storage::parse_segment_name(entry.name).has_value();
}

class recognition {
 public:
    explicit recognition(file_system& system) : system_(system) {}

    /// Ends as soon as a file of a trail is found. Ignores directories that cannot be listed.
    void search(file_handle directory, int depth) {
        error_code ignored;
        auto const entries = system_.list(directory, ignored);
        is_trail_ = std::ranges::any_of(entries, [&](auto const& entry) { return is_of_trail(entry, depth); });
        for (auto at = entries.begin(); !is_trail_ && at != entries.end(); ++at) search_entry(directory, *at, depth);
    }

    bool may_be_trail() const noexcept { return is_trail_ || !has_foreign_; }

 private:
    void search_entry(file_handle parent, storage::directory_entry const& entry, int depth) {
        if (depth == 0 && entry.name == "lost+found") return;
        bool const may_belong = entry.kind == file_kind::directory && format::is_valid_name(entry.name);
        if (!may_belong || depth == depth_of_segments) {
            has_foreign_ = true;
            return;
        }
        error_code ec;
        storage::owned_file const directory(system_, system_.open_directory(parent, entry.name.c_str(), ec));
        if (!ec) search(directory.get(), depth + 1);
    }

    file_system& system_;
    bool is_trail_ = false;
    bool has_foreign_ = false;
};

}  // namespace

std::vector<std::string> list_domains(file_system& system, file_handle root, line_filter const& filter,
                                      finding_log& log) {
    auto domains = list_names(system, root, "", log);
    std::erase_if(domains, [&](auto const& domain) { return !filter.takes_domain(domain); });
    return domains;
}

std::vector<category_place> list_categories(file_system& system, file_handle root, std::string const& domain,
                                            line_filter const& filter, finding_log& log) {
    std::vector<category_place> places;
    for (auto& name : list_names(system, root, domain, log)) {
        if (filter.takes_category(name)) places.push_back({domain, std::move(name)});
    }
    return places;
}

std::vector<category_place> list_categories(file_system& system, file_handle root, line_filter const& filter,
                                            finding_log& log) {
    std::vector<category_place> places;
    for (auto const& domain : list_domains(system, root, filter, log)) {
        std::ranges::move(list_categories(system, root, domain, filter, log), std::back_inserter(places));
    }
    return places;
}

std::vector<std::uint64_t> list_segments(file_system& system, file_handle root, category_place const& place,
                                         finding_log& log) {
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

void check_root(storage::file_system& system, storage::file_handle root, error_code& ec) {
    if (ec) return;
    recognition found(system);
    found.search(root, 0);
    if (!found.may_be_trail()) ec = error::not_a_trail;
}

}  // namespace audit_trail::reading
