#include "cli/unknown_names.hpp"

#include <algorithm>
#include <set>
#include <string_view>
#include <vector>

#include "cli/message.hpp"
#include "cli/suggestion.hpp"
#include "reader/trail_listing.hpp"
#include "system/file_operations.hpp"
#include "system/file_system.hpp"

namespace audit_trail::cli {
namespace {

using names = std::vector<std::string>;

constexpr std::size_t shown_names = 10;

std::string list_of(std::string_view kinds, names const& known) {
    if (known.empty()) return "; the trail has none";
    if (known.size() > shown_names) return {};
    std::string text = "; the " + std::string(kinds) + ": ";
    for (auto const& name : known) text += (&name == &known.front() ? "" : ", ") + name;
    return text;
}

void report_unknown(std::string const& root, std::string_view kind, std::string_view kinds, names const& wanted,
                    names const& known) {
    for (auto const& name : wanted) {
        if (std::ranges::find(known, name) != known.end()) continue;
        report("audit-trail: " + root + ": no " + std::string(kind) + " '" + name + "'" + suggestion(name, known) +
               list_of(kinds, known));
    }
}

}  // namespace

void report_unknown_names(std::string const& root, event_filter const& filter) {
    if (filter.domains.empty() && filter.categories.empty()) return;
    auto& system = storage::posix_file_system();
    bool created = false;
    error_code ec;
    storage::owned_file const directory(system, system.open_root(root, false, created, ec));
    if (ec) return;

    reading::finding_log ignored(0);
    names const domains = reading::list_domains(system, directory.get(), reading::line_filter({}), ignored);
    event_filter in_domains;
    in_domains.domains = filter.domains;
    std::set<std::string> categories;
    for (auto const& place :
         reading::list_categories(system, directory.get(), reading::line_filter(in_domains), ignored)) {
        categories.insert(place.name);
    }
    report_unknown(root, "domain", "domains", filter.domains, domains);
    if (categories.empty() && !filter.domains.empty()) return;
    report_unknown(root, "category", "categories", filter.categories, {categories.begin(), categories.end()});
}

}  // namespace audit_trail::cli
