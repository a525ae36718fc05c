/// \file
/// Builds records again from the events that changed them.
///
/// \code
/// audit_trail::event_filter filter;
/// filter.domains = {"accounts"};
/// filter.categories = {"users"};
/// filter.max_event_id = 4711;  // as it was then
/// audit_trail::reader source("/var/lib/server/audit", filter);
/// audit_trail::json::object const users = audit_trail::replay(source).state;
/// \endcode
#pragma once

#include <audit_trail/event.hpp>
#include <audit_trail/read_report.hpp>
#include <audit_trail/reader.hpp>
#include <cstdint>
#include <vector>

namespace audit_trail {

struct replay_result {
    /// The record of each model by its model_name, in no particular order. Numbers are those of the events, bit for
    /// bit.
    json::object state;

    std::uint64_t last_event_id = 0;   ///< of the last event that was read; 0 when there was none
    std::uint64_t applied_events = 0;  ///< every event that was read, skipped events included
    std::uint64_t skipped_events = 0;  ///< the events among them that did not change the state; see `findings`

    /// Why events were skipped: `error::no_snapshot`, or an error of `entry::decode_payload`. The first 100.
    std::vector<read_finding> findings;
};

/// Applies what is left of the reader's events, one after the other:
///
/// - A create sets the record: to the payload's `after`, where that is absent to its `before`, and to `{}` without
/// both.
/// - An update with `after` replaces the record by it.
/// - An update without `after` gives each field of its `delta` the value `new`, where the record is known; an absent
///   delta changes nothing. A field whose `new` is null stays, with the value null: a delta does not tell a field that
///   was removed from one that was set to null.
/// - Where the record is not known, because no event before gave it as a whole, such an update is skipped
///   (`error::no_snapshot`). A limit on the lowest id is the usual reason.
/// - A delete removes the record.
/// - Any but a delete whose payload the library's types can't hold is skipped.
///
/// The reader's filter decides what is replayed. It should name one domain and one category: models of the same name
/// in several would share one record. What the reader met beside events is in its report.
///
/// Takes memory for the state. Blocks on the disk.
replay_result replay(reader& source);

}  // namespace audit_trail
