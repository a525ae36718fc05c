#include "cli/trail_statistics.hpp"

#include <algorithm>

#include "reader/trail_listing.hpp"
#include "storage/index_file.hpp"
#include "storage/layout.hpp"

namespace audit_trail::cli {
namespace {

using reading::category_place;

/// The segments of a trail, and its index.json.
class trail_files {
 public:
    explicit trail_files(std::string const& root) {
        bool created = false;
        root_ = storage::owned_file(system_, system_.open_root(root, false, created, failure_));
    }

    void add_to(trail_statistics& gathered) {
        if (failure_) return;
        for (auto const& place : reading::list_categories(system_, root_.get(), reading::line_filter({}), known_)) {
            add_segments(place, gathered.categories[{place.domain, place.name}]);
        }
        gathered.index_id = storage::index_file(system_).read(root_.get(), failure_);
    }

 private:
    void add_segments(category_place const& place, event_statistics& to) {
        for (auto const number : reading::list_segments(system_, root_.get(), place, known_)) {
            error_code ec;
            auto const path = storage::segment_path(place.domain, place.name, number);
            auto const size = system_.status_at(root_.get(), path.c_str(), ec).size;
            ++to.segments;
            if (!ec) to.bytes += size;
        }
    }

    storage::file_system& system_ = storage::posix_file_system();
    error_code failure_;
    storage::owned_file root_;
    reading::finding_log known_{0};  // to the reader
};

void add_events(reader& source, trail_statistics& to) {
    entry found;
    while (source.next(found)) to.categories[{found.event.domain, found.event.category}].add(found.event);
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
    trail_files(root).add_to(gathered);
    add_events(source, gathered);
    for (auto const& [name, of_category] : gathered.categories) gathered.total.add(of_category);
    gathered.has_writer = source.limit().has_value();
    return gathered;
}

}  // namespace audit_trail::cli
