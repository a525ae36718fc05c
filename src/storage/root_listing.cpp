#include "storage/root_listing.hpp"

#include <algorithm>
#include <utility>

#include "format/encode.hpp"
#include "storage/layout.hpp"

namespace audit_trail::storage {
namespace {

std::vector<directory_entry> sorted_entries(file_system& system, file_handle directory, error_code& ec) {
    auto entries = system.list(directory, ec);
    std::ranges::sort(entries, {}, &directory_entry::name);
    return entries;
}

}  // namespace

directory_names list_directories(file_system& system, file_handle directory, error_code& ec) {
    directory_names found;
    for (auto& entry : sorted_entries(system, directory, ec)) {
        if (entry.kind == file_kind::directory && format::is_valid_name(entry.name)) {
            found.names.push_back(std::move(entry.name));
        } else {
            found.others.push_back(std::move(entry));
        }
    }
    return found;
}

segment_numbers list_segments(file_system& system, file_handle directory, error_code& ec) {
    segment_numbers found;
    for (auto& entry : sorted_entries(system, directory, ec)) {
        auto const number = parse_segment_name(entry.name);
        if (number && entry.kind == file_kind::regular) {
            found.numbers.push_back(*number);
        } else {
            found.others.push_back(std::move(entry));
        }
    }
    std::ranges::sort(found.numbers);
    return found;
}

}  // namespace audit_trail::storage
