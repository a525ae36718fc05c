/// \file
/// Describes a root: whether it is a trail, the names of its categories, and how many events they have.
///
/// \code
/// audit_trail::error_code ec;
/// auto const stats = audit_trail::read_trail_stats("/var/lib/server/audit", {}, ec);
/// std::cout << stats.total.events << " events in " << stats.total.bytes << " bytes\n";
/// \endcode
///
/// The functions read the same events as a `reader`, also while a writer is active, and never write. They block on the
/// disk and may be called from any thread.
#pragma once

#include <array>
#include <audit_trail/detail/api.hpp>
#include <audit_trail/error.hpp>
#include <audit_trail/read_report.hpp>
#include <audit_trail/reader.hpp>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace audit_trail {

/// Numbers of a category, or of a whole trail.
struct event_stats {
    std::uint64_t segments = 0;
    std::uint64_t bytes = 0;  ///< the total size of these segments
    std::uint64_t events = 0;
    std::array<std::uint64_t, 3> by_operation{};  ///< events; the index is the value of an `operation`

    // The lowest and highest values of the events; 0 without events.
    std::uint64_t first_event_id = 0;
    std::uint64_t last_event_id = 0;
    std::int64_t first_timestamp = 0;  ///< Unix seconds
    std::int64_t last_timestamp = 0;
};

struct trail_stats {
    /// The key is domain and category. Includes categories without events.
    std::map<std::pair<std::string, std::string>, event_stats> categories;
    event_stats total;

    /// The id in index.json. Absent if the file does not exist or is not valid.
    std::optional<std::uint64_t> index_event_id;

    /// Whether a writer has the root. If so, events above `index_event_id` are not counted.
    bool has_writer = false;

    /// Damage and notes. Does not include damage in payloads, because payloads are not read; `verify` checks
    /// everything.
    read_report report;
};

/// Reads all segments without their payloads. `reader_options::order` and `with_payloads` have no effect.
///
/// Errors: `error::not_a_trail`, or a system error, if the root cannot be opened. Damage is not an error; it is in the
/// report.
AUDIT_TRAIL_API trail_stats read_trail_stats(std::filesystem::path const& root, reader_options const& options,
                                             error_code& ec);

/// Returns why the root cannot be read as a trail, or nothing if it has an index.json, a `.lock` or a segment.
///
/// The reason is `error::no_trail`, `error::not_a_trail`, `error::openat2_unavailable`, or a system error for the root
/// or for the path in the finding.
AUDIT_TRAIL_API std::optional<read_finding> check_trail(std::filesystem::path const& root);

/// Returns the names of the categories in each domain, sorted. Includes domains without categories. Directories that
/// cannot be read are left out.
///
/// Errors: `error::not_a_trail`, or a system error, if the root cannot be opened.
AUDIT_TRAIL_API std::map<std::string, std::vector<std::string>> list_categories(std::filesystem::path const& root,
                                                                                error_code& ec);

}  // namespace audit_trail
