#include "cli/trail_opening.hpp"

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <utility>

#include "cli/message.hpp"
#include "reader/trail_listing.hpp"
#include "system/file_operations.hpp"
#include "storage/layout.hpp"

namespace audit_trail::cli {
namespace {

storage::file_system& files = storage::posix_file_system();

bool has_mark(storage::file_handle root, error_code& ec) {
    auto const is_mark = [](storage::directory_entry const& entry) {
        return entry.name == storage::index_name || entry.name == storage::lock_name;
    };
    return std::ranges::any_of(files.list(root, ec), is_mark);
}

/// `log` says what could not be read.
bool has_segment(storage::file_handle root, reading::finding_log& log) {
    auto const places = reading::list_categories(files, root, reading::line_filter({}), log);
    return std::ranges::any_of(
        places, [&](auto const& place) { return !reading::list_segments(files, root, place, log).empty(); });
}

bool is_of_system(read_finding const& finding) {
    return finding.reason.category() == boost::system::system_category();
}

/// Says what was not found, or why it could not be looked for.
bool report_no_trail(std::string const& root, read_report const& met) {
    auto const unreadable = std::ranges::find_if(met.findings, is_of_system);
    if (unreadable != met.findings.end()) {
        report_failure(root + '/' + unreadable->path, unreadable->reason);
    } else {
        report("audit-trail: " + root + ": no audit trail: the directory has no index.json, no .lock and no segment");
    }
    return false;
}

}  // namespace

void report_failure(std::string const& path, error_code const& ec) {
    constexpr std::string_view advice =
        ": a trail is read with r-x for its directories and r for its files; ls -ld shows the group that has them";
    bool const is_denied = storage::is_errno(ec, EACCES);
    report("audit-trail: " + path + ": " + ec.message() + std::string(is_denied ? advice : ""));
}

bool check_trail(std::string const& root) {
    error_code ec;
    bool created = false;
    storage::owned_file const directory(files, files.open_root(root, false, created, ec));
    bool const is_trail = !ec && has_mark(directory.get(), ec);
    if (ec) return report_failure(root, ec), false;
    reading::finding_log log(1);
    return is_trail || has_segment(directory.get(), log) || report_no_trail(root, log.report());
}

std::optional<reader> open_reader(std::string const& root, event_filter filter, reader_options const& options) {
    if (!check_trail(root)) return std::nullopt;
    error_code ec;
    reader opened(root, std::move(filter), options, ec);
    if (!ec) return opened;
    report_failure(root, ec);
    return std::nullopt;
}

}  // namespace audit_trail::cli
