#include "storage/loss_acceptance.hpp"

#include <chrono>

#include "system/file_operations.hpp"
#include "storage/root_lock.hpp"

namespace audit_trail::storage {
namespace {

recovery_finding acceptance_of(id_range ids, std::string const& user) {
    using namespace std::chrono;
    recovery_finding finding;
    finding.kind = recovery_finding::kind_type::accepted_loss;
    finding.time = duration_cast<seconds>(system_clock::now().time_since_epoch()).count();
    finding.first_id = ids.first;
    finding.last_id = ids.last;
    finding.user = user;
    return finding;
}

}  // namespace

std::vector<recovery_finding> accept_loss(file_system& system, std::filesystem::path const& path,
                                          std::span<id_range const> lost, std::string const& user, error_code& ec) {
    bool created = false;
    owned_file const root(system, system.open_root(path, false, created, ec));
    if (ec) return {};
    root_lock lock(system);
    lock.acquire(root.get(), ec);
    if (ec) return {};
    std::vector<recovery_finding> findings;
    for (auto const ids : lost) findings.push_back(acceptance_of(ids, user));
    record_findings(system, root.get(), findings, ec);
    if (ec) findings.clear();
    return findings;
}

}  // namespace audit_trail::storage
