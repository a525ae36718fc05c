/// \file
/// What can go wrong, as values.
///
/// Errors of this library are `error` in `error_category()`; what the operating system said stays in
/// `boost::system::system_category()`, and of an event means that nothing of it was written. After the writer stopped
/// for good (a failed sync, say), the operating system's number comes in one of two categories that tell what became of
/// the event: `outcome_unknown_category()` or `stopped_category()`. Code that only wants to know "may I send this event
/// again?" compares with a `condition`:
///
/// \code
/// if (ec == audit_trail::condition::not_written) retry_later();
/// \endcode
#pragma once

#include <boost/system/error_code.hpp>
#include <boost/system/system_error.hpp>
#include <type_traits>

namespace audit_trail {

using boost::system::error_code;

enum class error {
    // An event that is refused before it gets an id. Nothing of it is written.
    invalid_domain = 1,       ///< the domain is not `[A-Za-z0-9][A-Za-z0-9._-]{0,127}`, or begins with `index.json`
    invalid_category,         ///< the category is not such a name
    invalid_model_name,       ///< the model name is not UTF-8
    invalid_operation,        ///< the operation is none of create, update, remove
    invalid_logical_user_id,  ///< the logical user id is not UTF-8
    invalid_request_id,       ///< the request id is not UTF-8
    invalid_payload_text,     ///< a key or a string of the payload is not UTF-8
    not_finite,               ///< a number of the payload is NaN or infinite
    integer_out_of_range,     ///< an integer that neither int64 nor uint64 can hold
    nested_too_deep,          ///< the line would nest deeper than 128 levels
    invalid_delta,            ///< a value of the delta is not `{"old": …, "new": …}`
    event_too_large,          ///< the line would be longer than `writer_options::max_event_bytes`
    empty_model_name,         ///< the model name is empty; `writer_options::allow_empty_names` accepts it
    empty_logical_user_id,    ///< the logical user id is empty; `writer_options::allow_empty_names` accepts it

    // Text that does not hold an event.
    malformed_json = 100,  ///< the text is not JSON
    not_an_object,         ///< the text is JSON, but the line, the payload, or a part of it is not an object
    missing_member,        ///< a member that every event has is absent
    unknown_member,        ///< a member that no event has
    duplicate_member,      ///< a key stands twice in one object
    wrong_type,            ///< a member is there with a value of another type
    invalid_event_id,      ///< the event id is not a whole number from 1 to 2^64 - 1

    // The writer's answers.
    queue_full = 200,  ///< the limits on pending and waiting events are reached, or the event alone is larger than them
    closed,            ///< the writer is closed or closing, or writer or follower were never opened
    locked,            ///< another writer has the root, or a writer of this process that is still closing
    forked,            ///< this process is a child of the one that made the writer or follower
    no_executor,       ///< the executor that a writer or follower was given is empty

    // Opening.
    not_a_trail = 300,      ///< the root, or a directory or file of it, is something else than the trail needs there
    cannot_save_torn_tail,  ///< the bytes that recovery must cut off could not be copied to `.broken/`
    no_trail,               ///< the directory exists but has no index.json, no `.lock` and no segment
    inside_a_trail,         ///< a directory above the root is the root of another trail
    openat2_unavailable,    ///< the system refuses openat2(2): Linux before 5.6, a seccomp profile, or Valgrind

    // Options out of range. All of them compare equal to `std::errc::invalid_argument` too.
    invalid_max_segment_bytes = 350,  ///< `writer_options::max_segment_bytes` is 0
    invalid_max_pending_events,       ///< `writer_options::max_pending_events` is not from 1 to 4,194,304
    invalid_max_pending_bytes,        ///< `writer_options::max_pending_bytes` is 0
    invalid_max_waiting_events,       ///< `writer_options::max_waiting_events` is above 4,194,304
    invalid_max_event_bytes,          ///< `writer_options::max_event_bytes` is not from 1,024 to 16 MiB
    invalid_max_batch_bytes,          ///< `writer_options::max_batch_bytes` is 0
    invalid_max_open_segments,        ///< `writer_options::max_open_segments` is 0
    invalid_sync_threads,             ///< `writer_options::sync_threads` is not from 1 to 1,024

    // Reading. What a reader finds beside events; it goes on behind it.
    torn_line = 400,  ///< a segment does not end with a newline: the bytes behind the last one are no line
    line_too_long,    ///< a line is longer than `reader_options::max_line_bytes`
    blank_line,       ///< a line without text
    byte_order_mark,  ///< a line begins with U+FEFF, as some editors put it at the beginning of a file
    carriage_return,  ///< a line ends with `\r\n`; the event itself is read
    misplaced_line,   ///< a line whose domain or category is not that of its directory
    id_out_of_order,  ///< a line whose id is not above that of the line before it; the event itself is read
    segment_missing,  ///< the numbers of a category's segments leave some out
    foreign_file,     ///< a file or directory whose name is none of a trail's
    no_snapshot,      ///< an update of single fields of a record that no event before it gave as a whole
    ids_missing,      ///< ids that no segment holds
    duplicate_id,     ///< an id that another line has too
    index_invalid,    ///< index.json is not there, or names no id
    index_behind,     ///< index.json names an id below the highest of the segments
    index_ahead,      ///< index.json names ids that no segment holds
    loose_mode,       ///< a file or directory that more may use than writers allow (0640, 0750)
    id_too_high,  ///< a line or index.json with an id above 2^52, which no writer gives; a writer refuses such a trail
    other_spelling,  ///< a line is a valid event, but not byte for byte as writers spell it

    // Following.
    watch_limit = 500,  ///< this user may watch no more directories: raise `fs.inotify.max_user_watches`
    watcher_limit       ///< this user may have no more watchers: raise `fs.inotify.max_user_instances`
};

/// What an error means for the event it was given for.
enum class condition {
    not_written = 1,  ///< nothing of the event is in the trail, and its id (if it had one) is used again
    outcome_unknown   ///< the event's line may or may not survive; open the trail again and look for it
};

boost::system::error_category const& error_category() noexcept;
boost::system::error_category const& condition_category() noexcept;

/// The number that the operating system gave when a write or sync failed for good, told to the events that were part
/// of that batch. Its values are errno's; it compares equal to the generic condition of that errno, and to
/// `condition::outcome_unknown`.
boost::system::error_category const& outcome_unknown_category() noexcept;

/// The same number, told to every event that came too late to be part of that batch. Compares equal to the generic
/// condition of that errno, and to `condition::not_written`.
boost::system::error_category const& stopped_category() noexcept;

error_code make_error_code(error e) noexcept;
boost::system::error_condition make_error_condition(condition c) noexcept;

/// The enumerator's name, for programs: "malformed_json". "unknown" for a value that has none.
char const* name_of(error e) noexcept;

}  // namespace audit_trail

namespace boost::system {
template <>
struct is_error_code_enum<audit_trail::error> : std::true_type {};
template <>
struct is_error_condition_enum<audit_trail::condition> : std::true_type {};
}  // namespace boost::system
