#include "reader/snapshot_limit.hpp"

#include <algorithm>

#include "reader/segment_cursor.hpp"
#include "storage/backward_lines.hpp"
#include "storage/layout.hpp"

namespace audit_trail::reading {
namespace {

/// Of the last line that has an id; 0 without any. An unreadable segment is left to the cursor that reads it.
std::uint64_t last_id_in(storage::file_system& system, storage::file_handle root, std::string const& path) {
    error_code ec;
    storage::owned_file const file(system, system.open_file(root, path.c_str(), storage::open_mode::read, ec));
    if (ec) return 0;
    storage::backward_lines lines(system, file.get(), ec);
    while (!ec && lines.next(ec)) {
        if (auto const id = lines.event_id(ec)) return *id;
    }
    return 0;
}

}  // namespace

void snapshot_limit::begin() {
    marks_ = probe_.read_marks();
    if (marks_.has_writer) id_ = probe_.committed_id();
}

/// A writer that closed the root left the highest id in `.lock`. After any other end the segments tell.
bool snapshot_limit::fix(std::vector<category_place> const& places) {
    if (id_) return true;
    bool const is_clean = marks_.record && marks_.record->state == storage::end_state::clean;
    last_id_ = std::max(is_clean ? marks_.record->synced_through : highest_stored_id(places), probe_.committed_id());
    return probe_.read_marks() == marks_;
}

bool snapshot_limit::look() {
    if (!id_ && probe_.read_marks() != marks_) id_ = last_id_;
    return true;
}

std::uint64_t snapshot_limit::highest_stored_id(std::vector<category_place> const& places) {
    std::uint64_t highest = 0;
    damage_log left_to_cursors(0);
    for (auto const& place : places) {
        auto const numbers = list_segments(system_, root_, place, left_to_cursors);
        for (auto number = numbers.rbegin(); number != numbers.rend(); ++number) {
            auto const id = last_id_in(system_, root_, storage::segment_path(place.domain, place.name, *number));
            highest = std::max(highest, id);
            if (id != 0) break;
        }
    }
    return highest;
}

}  // namespace audit_trail::reading
