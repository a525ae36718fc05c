#include <audit_trail/verify.hpp>

#include "system/file_operations.hpp"
#include "verify/verifier.hpp"

namespace audit_trail {
namespace {

/// Another pass is necessary only if files changed during the pass, so two passes are nearly always enough.
constexpr int max_passes = 5;

std::string_view advice(error reason) noexcept {
    switch (reason) {
        case error::torn_line:
            return "A crash leaves this. Open the trail with a writer, or run 'audit-trail recover': the bytes go to "
                   ".broken/ and are cut off.";
        case error::line_too_long:
            return "If it is an event, read it with a greater max_line_bytes; otherwise find out which program wrote it.";
        case error::blank_line:
        case error::byte_order_mark:
        case error::carriage_return:
            return "An editor or another program changed the file. Restore it from a copy, or leave it: readers skip such "
                   "text.";
        case error::misplaced_line:
            return "A line or a file was copied or moved. Compare with a copy of the trail.";
        case error::id_out_of_order:
        case error::duplicate_id:
            return "Lines were moved or copied, or two programs wrote at once. Compare with a copy of the trail.";
        case error::ids_missing:
            return "Look for the events in copies of the trail, and in .broken/. The place is that of the next higher "
                   "id; the lines may have been in any category. If the events can't be found, record that the loss is "
                   "accepted: 'audit-trail recover --accept-loss'.";
        case error::segment_missing:
            return "Only the first segments of a category may be deleted on purpose. Look for all others in copies of "
                   "the trail.";
        case error::index_invalid:
        case error::index_behind:
            return "This alone loses no event. Open the trail with a writer, or run 'audit-trail recover': that "
                   "corrects index.json.";
        case error::index_ahead:
            return "Events are missing from the end of the trail. Look for them in copies of the trail. If they can't "
                   "be found, record that the loss is accepted: 'audit-trail recover --accept-loss'.";
        case error::foreign_file:
            return "Readers and writers ignore it. If it belongs elsewhere, move it.";
        case error::loose_mode:
            return "If only the trail's own users should read it, remove the other modes with chmod.";
        case error::id_too_high:
            return "The id was changed after the line was written, and a writer refuses the trail. Compare with a copy "
                   "of the trail, and correct the line.";
        case error::other_spelling:
            return "Another program wrote or changed the line. The event is valid; compare with a copy of the trail.";
        case error::not_restored:
            return "Run 'audit-trail recover', or open the trail with a writer: that writes the lines to the segment.";
        case error::unusable_log:
            return "If the writer crashed together with the machine, acknowledged events may be lost. 'audit-trail recover' "
                   "records this, and saves the log and the lines that only it has in .broken/. Restore damaged or missing "
                   "segments from a copy of the trail first, then compare them with these lines.";
        case error::no_trail:
            return "Check the path.";
        case error::not_a_trail:
            return "It is neither read nor written. Find out who created it, and what it hides.";
        default:
            return "The line was changed after it was written, or another program wrote it. Compare with a copy of the "
                   "trail.";
    }
}

}  // namespace

verify_report verify(std::filesystem::path const& root, verify_options const& options) {
    error_code ec;
    auto report = verify(root, options, ec);
    if (ec) throw boost::system::system_error(ec, root.string());
    return report;
}

verify_report verify(std::filesystem::path const& root, verify_options const& options, error_code& ec) {
    for (int pass = 1;; ++pass) {
        reading::verifier verifier(storage::posix_file_system(), root, options);
        auto report = verifier.run(ec);
        if (!verifier.was_disturbed() || pass == max_passes) return report;
    }
}

std::string_view advice(error_code const& reason) noexcept {
    if (reason.category() == error_category()) return advice(static_cast<error>(reason.value()));
    if (reason == boost::system::errc::permission_denied) {
        return "Missing ids were not searched for. Give this user read access (files are 0640 and directories 0750: the "
               "group may read), and verify again.";
    }
    if (storage::is_exhausted_resource(reason)) {
        return "Missing ids were not searched for. Let this process open more files (ulimit -n) or use more memory, and "
               "verify again.";
    }
    return "Make the file readable, and verify again.";
}

}  // namespace audit_trail
