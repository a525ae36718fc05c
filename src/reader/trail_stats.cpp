#include <algorithm>
#include <audit_trail/trail_stats.hpp>

#include "reader/trail_listing.hpp"
#include "storage/index_file.hpp"
#include "storage/layout.hpp"

namespace audit_trail {
namespace {

storage::owned_file open_root(std::filesystem::path const& root, error_code& ec) {
    auto& system = storage::posix_file_system();
    return {system, system.open_root(root, ec)};
}

void add(event_stats& to, event_stats const& others) {
    bool const is_first = to.events == 0;
    to.segments += others.segments;
    to.bytes += others.bytes;
    to.events += others.events;
    for (std::size_t i = 0; i != to.by_operation.size(); ++i) to.by_operation[i] += others.by_operation[i];
    if (others.events == 0) return;
    to.first_event_id = is_first ? others.first_event_id : std::min(to.first_event_id, others.first_event_id);
    to.last_event_id = is_first ? others.last_event_id : std::max(to.last_event_id, others.last_event_id);
    to.first_timestamp = is_first ? others.first_timestamp : std::min(to.first_timestamp, others.first_timestamp);
    to.last_timestamp = is_first ? others.last_timestamp : std::max(to.last_timestamp, others.last_timestamp);
}

void add(event_stats& to, event const& counted) {
    event_stats one;
    one.events = 1;
    one.by_operation[static_cast<std::size_t>(counted.operation)] = 1;
    one.first_event_id = one.last_event_id = counted.event_id;
    one.first_timestamp = one.last_timestamp = counted.timestamp;
    add(to, one);
}

/// Damage is left to the reader, which meets the same.
void add_files(std::filesystem::path const& path, trail_stats& stats) {
    error_code ec;
    auto& system = storage::posix_file_system();
    auto const root = open_root(path, ec);
    if (ec) return;
    reading::finding_log ignored(0);
    for (auto const& place : reading::list_categories(system, root.get(), reading::line_filter({}), ignored)) {
        auto& category = stats.categories[{place.domain, place.name}];
        for (auto const number : reading::list_segments(system, root.get(), place, ignored)) {
            auto const name = storage::segment_path(place.domain, place.name, number);
            error_code gone;
            auto const size = system.status_at(root.get(), name.c_str(), gone).size;
            ++category.segments;
            if (!gone) category.bytes += size;
        }
    }
    stats.index_event_id = storage::index_file(system).read(root.get(), ec);
}

bool has_mark(storage::file_handle root, error_code& ec) {
    auto const entries = storage::posix_file_system().list(root, ec);
    return std::ranges::any_of(entries, [](auto const& entry) {
        return entry.name == storage::index_name || entry.name == storage::lock_name;
    });
}

/// `log` gets what can't be read.
bool has_segment(storage::file_handle root, reading::finding_log& log) {
    auto& system = storage::posix_file_system();
    auto const places = reading::list_categories(system, root, reading::line_filter({}), log);
    return std::ranges::any_of(
        places, [&](auto const& place) { return !reading::list_segments(system, root, place, log).empty(); });
}

}  // namespace

trail_stats read_trail_stats(std::filesystem::path const& root, reader_options const& options, error_code& ec) {
    reader_options without_payloads = options;
    without_payloads.order = read_order::segment;
    without_payloads.with_payloads = false;
    trail_stats stats;
    reader source(root, {}, without_payloads, ec);
    if (ec) return stats;
    add_files(root, stats);
    for (entry const& found : source) add(stats.categories[{found.event.domain, found.event.category}], found.event);
    for (auto const& [name, category] : stats.categories) add(stats.total, category);
    stats.has_writer = source.limit().has_value();
    stats.report = source.report();
    return stats;
}

std::optional<read_finding> check_trail(std::filesystem::path const& root) {
    error_code ec;
    auto const directory = open_root(root, ec);
    bool const is_trail = !ec && has_mark(directory.get(), ec);
    if (ec) return read_finding{"", 0, ec, ec.message()};
    reading::finding_log log(1);
    if (is_trail || has_segment(directory.get(), log)) return std::nullopt;
    for (auto const& finding : log.report().findings) {
        if (finding.reason.category() == boost::system::system_category()) return finding;
    }
    auto const reason = make_error_code(error::no_trail);
    return read_finding{"", 0, reason, reason.message()};
}

std::map<std::string, std::vector<std::string>> list_categories(std::filesystem::path const& root, error_code& ec) {
    std::map<std::string, std::vector<std::string>> found;
    auto const directory = open_root(root, ec);
    if (ec) return found;
    auto& system = storage::posix_file_system();
    reading::line_filter const all({});
    reading::finding_log ignored(0);
    for (auto const& domain : reading::list_domains(system, directory.get(), all, ignored)) {
        auto& categories = found[domain];
        for (auto& place : reading::list_categories(system, directory.get(), domain, all, ignored)) {
            categories.push_back(std::move(place.name));
        }
    }
    return found;
}

}  // namespace audit_trail
