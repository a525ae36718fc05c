#include "trail.hpp"

#include <algorithm>
#include <audit_trail/recovery.hpp>
#include <audit_trail/trail_stats.hpp>
#include <cstdint>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "output.hpp"
#include "text.hpp"

namespace audit_trail::cli {
namespace {

using names = std::vector<std::string>;

std::uint64_t shown_of(read_report const& met, error_code const& reason) {
    return static_cast<std::uint64_t>(std::ranges::count(met.findings, reason, &read_finding::reason));
}

std::string list_of(std::string_view kinds, names const& known) {
    constexpr std::size_t shown_names = 10;
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
        std::string message = "audit-trail: " + root + ": no ";
        message.append(kind).append(" '").append(name).append("'");
        report(message.append(suggestion(name, known)).append(list_of(kinds, known)));
    }
}

std::string text_of(recovery_report::obstacle_type const& obstacle, bool is_about_file) {
    using namespace boost::system::errc;
    auto const& reason = obstacle.reason;
    if (is_about_file && reason == error::not_a_trail) {
        if (obstacle.path == ".broken") return "not a directory; move it away";
        return "not a regular file with a single link. If it is a link, replace it by a copy of its file (cp -p FILE COPY, "
               "then mv -T COPY FILE); otherwise move it away";
    }
    if (reason == permission_denied) {
        return reason.message() +
               ": writing a trail takes rwx for its directories and rw for its files; ls -l shows who has these";
    }
    if (reason == operation_not_permitted) {
        return reason.message() +
               ": lsattr shows whether the file is immutable or append-only; chattr -ia changes that";
    }
    return reason.message();
}

}  // namespace

bool is_trail(std::string const& root) {
    auto const obstacle = check_trail(root);
    if (!obstacle) return true;
    if (obstacle->reason == error::no_trail) {
        report("audit-trail: " + root + ": no audit trail: the directory has no index.json, no .lock and no segment");
    } else {
        report_failure(obstacle->path.empty() ? root : root + '/' + obstacle->path, obstacle->reason);
    }
    return false;
}

void report_failure(std::string const& path, error_code const& ec) {
    constexpr std::string_view advice =
        ": reading a trail takes r-x for its directories and r for its files; ls -ld shows the group that has these";
    bool const is_denied = ec == boost::system::errc::permission_denied;
    report("audit-trail: " + path + ": " + ec.message() + std::string(is_denied ? advice : ""));
}

void report_opening_failure(std::string const& root, error_code const& ec) {
    error_code ignored;
    auto const plan = plan_recovery(root, ignored);
    bool const is_known = plan.obstacle && plan.obstacle->reason == ec;
    report_obstacle(root, is_known ? *plan.obstacle : recovery_report::obstacle_type{"", ec});
}

void report_obstacle(std::string const& root, recovery_report::obstacle_type const& obstacle) {
    auto const& [path, reason] = obstacle;
    bool const is_about_file = !path.empty() && reason != error::locked;
    std::string const name = is_about_file ? root + '/' + path : root;
    report("audit-trail: " + name + ": " + text_of(obstacle, is_about_file));
}

std::optional<reader> open_reader(std::string const& root, event_filter filter, reader_options const& options) {
    if (!is_trail(root)) return std::nullopt;
    error_code ec;
    reader opened(root, std::move(filter), options, ec);
    if (!ec) return opened;
    report_failure(root, ec);
    return std::nullopt;
}

reader_options options_with(progress_line& progress) {
    reader_options options;
    options.max_findings = shown_findings;
    options.on_progress = [&progress](read_report const& so_far) { progress.show(so_far); };
    return options;
}

std::string to_message(std::string const& root, read_finding const& finding) {
    std::string text = root;
    if (!finding.path.empty()) text += '/' + finding.path;
    if (finding.has_offset()) text += ": offset " + std::to_string(finding.offset);
    return text + ": " + finding.text;
}

bool report_findings(std::string const& root, read_report const& met) {
    for (auto const& finding : met.findings) report("audit-trail: " + to_message(root, finding));
    for (auto const& [reason, count] : met.counts) {
        std::uint64_t const shown = shown_of(met, reason);
        if (count == shown) continue;
        report("audit-trail: " + root + ": " + std::to_string(count - shown) + " more: " + reason.message());
    }
    return met.total != 0;
}

void report_skipped(std::string const& root, replay_result const& result) {
    auto const shown = std::min(result.findings.size(), shown_findings);
    for (std::size_t i = 0; i != shown; ++i) report("audit-trail: " + to_message(root, result.findings[i]));
    if (result.skipped_events == shown) return;
    report("audit-trail: " + root + ": " + std::to_string(result.skipped_events - shown) + " more are skipped");
}

void report_unknown_names(std::string const& root, event_filter const& filter) {
    bool const has_names = !filter.domains.empty() || !filter.categories.empty();
    if (!has_names || filter.match != text_match::exact || filter.ignore_case) return;
    error_code ec;
    auto const known = list_categories(root, ec);
    if (ec) return;
    names domains;
    std::set<std::string> categories;  // of the wanted domains
    for (auto const& [domain, its_categories] : known) {
        domains.push_back(domain);
        bool const is_wanted = filter.domains.empty() || std::ranges::count(filter.domains, domain) != 0;
        if (is_wanted) categories.insert(its_categories.begin(), its_categories.end());
    }
    report_unknown(root, "domain", "domains", filter.domains, domains);
    if (categories.empty() && !filter.domains.empty()) return;
    report_unknown(root, "category", "categories", filter.categories, {categories.begin(), categories.end()});
}

}  // namespace audit_trail::cli
