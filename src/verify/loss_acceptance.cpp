#include "storage/recovery.hpp"

#include <audit_trail/reader.hpp>
#include <audit_trail/recovery.hpp>
#include <audit_trail/verify.hpp>
#include <utility>

#include "storage/layout.hpp"
#include "verify/recovery_records.hpp"

namespace audit_trail {
namespace {

/// Returns the ids that verify reports as missing. A file that cannot be read is an error: it may contain them.
std::vector<storage::id_range> find_lost(std::filesystem::path const& root, error_code& ec) {
    verify_options options;
    options.max_findings = 1'000'000;
    std::vector<storage::id_range> lost;
    for (auto const& finding : verify(root, options, ec).findings) {
        if (finding.reason.category() == boost::system::system_category()) return ec = finding.reason, lost;
        bool const is_loss = finding.reason == error::ids_missing || finding.reason == error::index_ahead;
        if (is_loss) lost.push_back({finding.first_id, finding.last_id});
    }
    return lost;
}

/// Adds the ids of the ranges that are in the trail. Reads the trail once.
void add_present(std::filesystem::path const& root, std::vector<reading::id_range> const& ranges,
                 reading::id_ranges& present, error_code& ec) {
    if (ranges.empty()) return;
    event_filter filter;
    filter.min_event_id = ranges.front().first;
    filter.max_event_id = ranges.back().last;
    reader_options options;
    options.with_payloads = false;
    reader source(root, std::move(filter), options, ec);
    auto next = ranges.begin();  // the ids are ascending
    for (entry found; !ec && source.next(found);) {
        auto const id = found.event.event_id;
        while (next != ranges.end() && next->last < id) ++next;
        if (next == ranges.end()) return;
        if (next->first <= id) present.add({id, id});
    }
}

recovery_finding loss_of(reading::id_range ids) {
    recovery_finding finding;
    finding.kind = recovery_finding::kind_type::lost_ids;
    finding.first_id = ids.first;
    finding.last_id = ids.last;
    finding.reason = std::string("lost, as an earlier recovery recorded in ") + storage::recovery_log_name;
    return finding;
}

}  // namespace

std::vector<recovery_finding> find_open_losses(std::filesystem::path const& root, error_code& ec) {
    auto& system = storage::posix_file_system();
    storage::owned_file const directory(system, system.open_root(root, ec));
    if (ec) return {};
    reading::finding_log damage(1);
    auto const records = reading::read_recovery_records(system, directory.get(), damage);
    reading::id_ranges explained = records.accepted_ids;
    add_present(root, records.lost_ids.without(records.accepted_ids), explained, ec);
    if (ec) return {};
    std::vector<recovery_finding> open;
    for (auto const ids : records.lost_ids.without(explained)) open.push_back(loss_of(ids));
    return open;
}

std::vector<recovery_finding> accept_loss(std::filesystem::path const& root, std::string const& user, error_code& ec) {
    auto const lost = find_lost(root, ec);
    if (ec || lost.empty()) return {};
    return storage::accept_loss(storage::posix_file_system(), root, lost, user, ec);
}

}  // namespace audit_trail
