#include "storage/recovery.hpp"

#include <audit_trail/recovery.hpp>
#include <audit_trail/verify.hpp>

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

}  // namespace

std::vector<recovery_finding> accept_loss(std::filesystem::path const& root, std::string const& user, error_code& ec) {
    auto const lost = find_lost(root, ec);
    if (ec || lost.empty()) return {};
    return storage::accept_loss(storage::posix_file_system(), root, lost, user, ec);
}

}  // namespace audit_trail
