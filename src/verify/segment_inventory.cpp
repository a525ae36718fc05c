#include "verify/segment_inventory.hpp"

#include <charconv>
#include <utility>

#include "storage/layout.hpp"

namespace audit_trail::reading {
namespace {

constexpr unsigned file_mode = 0640;
constexpr unsigned directory_mode = 0750;

std::string octal(unsigned mode) {
    char digits[12] = {'0'};
    char* const end = std::to_chars(digits + 1, digits + sizeof digits, mode, 8).ptr;
    return {digits, end};
}

read_finding missing_before(category_place const& place, std::uint64_t number, std::uint64_t first) {
    read_finding finding;
    finding.path = storage::segment_path(place.domain, place.name, number);
    finding.reason = error::segment_missing;
    finding.text = finding.reason.message() + ": " + std::to_string(first) + " to " + std::to_string(number - 1);
    return finding;
}

}  // namespace

segment_inventory::segment_inventory(storage::file_system& system, storage::file_handle root,
                                     recovery_records const& records, finding_log& findings, finding_log& notes)
    : system_(system), root_(root), records_(records), findings_(findings), notes_(notes) {
    check_directory(".");
    for (char const* const own :
         {storage::index_name, storage::lock_name, storage::commit_log_name, storage::recovery_log_name}) {
        check_file(own);
    }
    std::string domain;
    for (auto const& place : list_categories(system, root, line_filter({}), unread_)) {
        if (std::exchange(domain, place.domain) != place.domain) check_directory(place.domain);
        check_category(place);
    }
    note_loose_modes();
}

void segment_inventory::check_category(category_place const& place) {
    ++categories_;
    check_directory(storage::category_path(place.domain, place.name));
    auto numbers = list(place);
    // While segments are created, a listing may show a later segment without an earlier one.
    if (has_hole(numbers)) numbers = list(place);
    segments_ += numbers.size();
    for (auto const number : numbers) check_file(storage::segment_path(place.domain, place.name, number));
    check_numbers(place, numbers);
}

std::vector<std::uint64_t> segment_inventory::list(category_place const& place) {
    return list_segments(system_, root_, place, unread_);
}

void segment_inventory::check_numbers(category_place const& place, std::vector<std::uint64_t> const& numbers) {
    std::uint64_t before = 0;
    for (auto const number : numbers) {
        std::uint64_t const first = std::exchange(before, number) + 1;
        if (number == first) continue;
        auto finding = missing_before(place, number, first);
        bool const is_leading = first == 1;
        if (is_leading) shortened_.push_back(place);
        bool const is_known = is_leading || are_recorded(place, first, number - 1);
        if (is_known && !is_leading) finding.text += std::string(", as ") + storage::recovery_log_name + " records";
        (is_known ? notes_ : findings_).add(std::move(finding));
    }
}

bool segment_inventory::are_recorded(category_place const& place, std::uint64_t first, std::uint64_t last) const {
    auto const& vanished = records_.vanished_segments;
    if (last - first >= vanished.size()) return false;
    for (std::uint64_t number = first; number <= last; ++number) {
        if (!vanished.contains(storage::segment_path(place.domain, place.name, number))) return false;
    }
    return true;
}

void segment_inventory::check_directory(std::string const& path) {
    error_code ec;
    auto const status = system_.status_at(root_, path.c_str(), ec);
    if (!ec) check_mode(path == "." ? std::string() : path, status.mode, directory_mode);
}

void segment_inventory::check_file(std::string const& path) {
    error_code ec;
    auto const status = system_.status_at(root_, path.c_str(), ec);
    if (!ec && status.kind == storage::file_kind::regular) check_mode(path, status.mode, file_mode);
}

void segment_inventory::check_mode(std::string const& path, unsigned mode, unsigned allowed) {
    unsigned const granted = mode & 0777;
    if ((granted & ~allowed) == 0) return;
    if (loose_modes_++ != 0) return;
    auto const reason = make_error_code(error::loose_mode);
    first_loose_mode_ = {path, 0, reason, "mode " + octal(granted) + ": " + reason.message()};
}

void segment_inventory::note_loose_modes() {
    if (loose_modes_ == 0) return;
    if (loose_modes_ > 1) {
        first_loose_mode_.text += "; the first of " + std::to_string(loose_modes_) + " such files and directories";
    }
    notes_.add(std::move(first_loose_mode_));
}

}  // namespace audit_trail::reading
