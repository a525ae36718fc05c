/// \file
/// What a root holds: whether it is a trail, the names of its categories, and how many events they have.
///
/// \code
/// audit_trail::error_code ec;
/// auto const stats = audit_trail::read_trail_stats("/var/lib/server/audit", {}, ec);
/// std::cout << stats.total.events << " events in " << stats.total.bytes << " bytes\n";
/// \endcode
///
/// The functions read what a `reader` reads, beside a writer too, and write nothing. They block on the disk and may be
/// called from any thread.
#pragma once

#include <array>
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
    std::uint64_t bytes = 0;  ///< the sizes of these segments
    std::uint64_t events = 0;
    std::array<std::uint64_t, 3> by_operation{};  ///< events; the index is the value of an `operation`

    // The lowest and highest of the events; 0 without events.
    std::uint64_t first_event_id = 0;
    std::uint64_t last_event_id = 0;
    std::int64_t first_timestamp = 0;  ///< Unix seconds
    std::int64_t last_timestamp = 0;
};

struct trail_stats {
    /// By domain and category. Categories without events are among them.
    std::map<std::pair<std::string, std::string>, event_stats> categories;
    event_stats total;

    /// The id in index.json; absent when that file is absent or not valid.
    std::optional<std::uint64_t> index_event_id;

    /// A writer has the root. Then events above that id are not counted.
    bool has_writer = false;

    /// Damage and notes. Payloads are not checked, so damage in them is not among these: `verify` checks everything.
    read_report report;
};

/// Reads all segments, but skips the payloads. Of `options`, `order` and `with_payloads` have no effect.
///
/// Errors: `error::not_a_trail`, or the operating system's, when the root can't be opened. Damage is no error but in the
/// report.
trail_stats read_trail_stats(std::filesystem::path const& root, reader_options const& options, error_code& ec);

/// Why the root can't be read as a trail; nothing when it has an index.json, a `.lock` or a segment.
///
/// The reason is `error::no_trail`, or the operating system's error for the root or for the path in the finding.
std::optional<read_finding> check_trail(std::filesystem::path const& root);

/// The names of the categories in each domain, sorted. Domains without categories are among them; what can't be read is
/// left out.
///
/// Errors: `error::not_a_trail`, or the operating system's, when the root can't be opened.
std::map<std::string, std::vector<std::string>> list_categories(std::filesystem::path const& root, error_code& ec);

}  // namespace audit_trail
