#include "cli/trail_statistics.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include "format/encode.hpp"
#include "storage/index_file.hpp"
#include "storage/layout.hpp"

namespace audit_trail::cli {
namespace {

namespace fs = std::filesystem;

std::string name_of(fs::directory_entry const& place) {
    return place.path().filename().string();
}

/// Calls `each` for what is in a directory; for nothing when it can't be read, which the reader reports.
template <typename Each>
void for_each_in(fs::path const& directory, Each each) {
    std::error_code ec;
    fs::directory_iterator at(directory, ec);
    for (; !ec && at != fs::directory_iterator(); at.increment(ec)) each(*at);
}

template <typename Each>
void for_each_directory(fs::path const& directory, Each each) {
    for_each_in(directory, [&](fs::directory_entry const& place) {
        std::error_code ignored;
        bool const is_directory = fs::is_directory(place.symlink_status(ignored));
        if (is_directory && format::is_valid_name(name_of(place))) each(place);
    });
}

void add_segments(fs::path const& category, event_statistics& to) {
    for_each_in(category, [&](fs::directory_entry const& place) {
        std::error_code ec;
        bool const is_file = fs::is_regular_file(place.symlink_status(ec));
        if (!is_file || !storage::parse_segment_name(name_of(place))) return;
        auto const size = place.file_size(ec);
        ++to.segments;
        if (!ec) to.bytes += size;
    });
}

void add_files(std::string const& root, trail_statistics& to) {
    for_each_directory(root, [&](fs::directory_entry const& domain) {
        for_each_directory(domain.path(), [&](fs::directory_entry const& category) {
            add_segments(category.path(), to.categories[{name_of(domain), name_of(category)}]);
        });
    });
}

void add_events(reader& source, trail_statistics& to) {
    entry found;
    while (source.next(found)) to.categories[{found.event.domain, found.event.category}].add(found.event);
}

std::optional<std::uint64_t> read_index(std::string const& root) {
    std::ifstream file(fs::path(root) / storage::index_name, std::ios::binary);
    std::string const text(std::istreambuf_iterator<char>(file), {});
    return storage::parse_index(text);
}

}  // namespace

void event_statistics::add(event const& one) noexcept {
    event_statistics alone;
    alone.events = 1;
    alone.by_operation[static_cast<std::size_t>(one.operation)] = 1;
    alone.first_id = alone.last_id = one.event_id;
    alone.first_time = alone.last_time = one.timestamp;
    add(alone);
}

void event_statistics::add(event_statistics const& others) noexcept {
    segments += others.segments;
    bytes += others.bytes;
    for (std::size_t i = 0; i != by_operation.size(); ++i) by_operation[i] += others.by_operation[i];
    if (others.events == 0) return;
    bool const is_first = events == 0;
    first_id = is_first ? others.first_id : std::min(first_id, others.first_id);
    last_id = is_first ? others.last_id : std::max(last_id, others.last_id);
    first_time = is_first ? others.first_time : std::min(first_time, others.first_time);
    last_time = is_first ? others.last_time : std::max(last_time, others.last_time);
    events += others.events;
}

trail_statistics gather_statistics(std::string const& root, reader& source) {
    trail_statistics gathered;
    add_files(root, gathered);
    add_events(source, gathered);
    for (auto const& [name, of_category] : gathered.categories) gathered.total.add(of_category);
    gathered.index_id = read_index(root);
    gathered.has_writer = source.limit().has_value();
    return gathered;
}

}  // namespace audit_trail::cli
