#include <audit_trail/verify.hpp>

#include "verify/trail_verifier.hpp"

namespace audit_trail {
namespace {

/// A writer that is there from the beginning disturbs nothing, so the second is nearly always the last.
constexpr int max_passes = 5;

}  // namespace

verify_report verify(std::filesystem::path const& root, verify_options const& options) {
    error_code ec;
    auto report = verify(root, options, ec);
    if (ec) throw boost::system::system_error(ec, root.string());
    return report;
}

verify_report verify(std::filesystem::path const& root, verify_options const& options, error_code& ec) {
    for (int pass = 1;; ++pass) {
        reading::trail_verifier verifier(storage::posix_file_system(), root, options);
        auto report = verifier.run(ec);
        if (!verifier.was_disturbed() || pass == max_passes) return report;
    }
}

}  // namespace audit_trail
