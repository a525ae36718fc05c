/// \file
/// Rebuilds records from the events that changed them.
///
/// \code
/// audit_trail::event_filter filter;
/// filter.domains = {"accounts"};
/// filter.categories = {"users"};
/// filter.max_event_id = 4711;  // the state after this event
/// audit_trail::reader source("/var/lib/server/audit", filter);
/// audit_trail::json::object const users = audit_trail::replay(source).state;
/// \endcode
#pragma once

#include <audit_trail/detail/api.hpp>
#include <audit_trail/entry.hpp>
#include <audit_trail/error.hpp>
#include <audit_trail/event.hpp>
#include <audit_trail/read_report.hpp>
#include <audit_trail/reader.hpp>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace audit_trail {

struct replay_result {
    /// The record of each model, with the model_name as key, in no particular order. Numbers are bit for bit the
    /// numbers of the events.
    json::object state;

    std::uint64_t last_event_id = 0;   ///< the id of the last event that was read; 0 if none was read
    std::uint64_t applied_events = 0;  ///< all events that were read, including skipped events
    std::uint64_t skipped_events = 0;  ///< events that could not be applied; see `findings`

    /// Why events were skipped: `error::no_snapshot`, or an error of `entry::decode_payload`. At most 100 are kept.
    std::vector<read_finding> findings;
};

/// Applies events to records, one after the other:
///
/// - A create sets the record to the payload's `after`. If `after` is absent, it sets the record to `before`; if both
///   are absent, to `{}`.
/// - An update with `after` replaces the record by `after`.
/// - An update without `after` sets each field of its `delta` to the value `new`. An absent delta changes nothing. A
///   field whose `new` is null stays with the value null, because a delta does not distinguish a removed field from a
///   field that was set to null.
/// - Such an update is skipped (`error::no_snapshot`) if the record does not exist: no earlier event contained it as a
///   whole, or a delete removed it. The usual cause is a filter with `min_event_id`.
/// - A delete removes the record.
/// - A create or update is skipped if `entry::decode_payload` fails for it.
///
/// Models with the same name in several categories share one record. Needs memory for the whole state. Not thread safe.
class AUDIT_TRAIL_API replayer {
 public:
    /// Applies the event. Decodes its payload and moves values out of it. Returns why the event was skipped, or no
    /// error.
    error_code apply(entry& found);

    replay_result const& result() const noexcept { return result_; }
    replay_result take_result() noexcept { return std::move(result_); }

 private:
    error_code apply_operation(entry& found);
    error_code update(std::string const& model_name, payload& changes);
    error_code set(std::string const& model_name, json::object&& record);
    void skip(entry const& found, error_code const& reason);

    replay_result result_;
};

/// Applies the remaining events of the reader (see `replayer`).
///
/// The reader's filter selects the events. It should select one domain and one category: models with the same name in
/// several categories would share one record. Damage is in the report of the reader.
///
/// Needs memory for the whole state. Blocks on the disk. Uses the reader on this thread only.
AUDIT_TRAIL_API replay_result replay(reader& source);

}  // namespace audit_trail
