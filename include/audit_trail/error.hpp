/// \file
/// Defines all errors of the library, and the conditions that group them.
///
/// The library's own errors are values of `error` in `error_category()`. An error of the operating system keeps its
/// `boost::system::system_category()`; if an append completes with it, nothing of the event was written. After a final
/// failure (for example a failed sync), the writer uses the operating system's number in one of two other categories:
/// `outcome_unknown_category()` or `stopped_category()`. To find out whether an event may be sent again, compare the
/// error code with a `condition`:
///
/// \code
/// if (ec == audit_trail::condition::not_written) may_send_again();  // but an invalid event fails again
/// \endcode
#pragma once

#include <audit_trail/detail/api.hpp>
#include <boost/system/error_code.hpp>
#include <boost/system/system_error.hpp>
#include <type_traits>

namespace audit_trail {

using boost::system::error_code;

enum class error {
    // An invalid event. It gets no id, and nothing of it is written.
    invalid_domain = 1,       ///< the domain is not `[A-Za-z0-9][A-Za-z0-9._-]{0,127}`, or begins with `index.json`
    invalid_category,         ///< the category is not such a name
    invalid_model_name,       ///< the model name is not UTF-8
    invalid_operation,        ///< the operation is not create, update or remove
    invalid_logical_user_id,  ///< the logical user id is not UTF-8
    invalid_request_id,       ///< the request id is not UTF-8
    invalid_payload_text,     ///< a key or a string of the payload is not UTF-8
    not_finite,               ///< a number of the payload or the context is NaN or infinite
    integer_out_of_range,     ///< an integer that fits neither int64 nor uint64
    nested_too_deep,          ///< the line would nest deeper than 128 levels
    invalid_delta,            ///< a value of the delta is not `{"old": …, "new": …}`
    event_too_large,          ///< the line would be longer than `writer_options::max_event_bytes`
    empty_model_name,         ///< the model name is empty; `writer_options::allow_empty_names` accepts it
    empty_logical_user_id,    ///< the logical user id is empty; `writer_options::allow_empty_names` accepts it
    invalid_context_text,     ///< a key or a string of the context is not UTF-8
    redaction_failed,         ///< `writer_options::redaction_hash` threw an exception, or returned no UTF-8

    // Text that is not an event.
    malformed_json = 100,  ///< the text is not JSON
    not_an_object,  ///< the text is JSON, but the line, its context or payload, or a part of the payload is not an object
    missing_member,    ///< a required member is absent
    unknown_member,    ///< a member is not defined for events
    duplicate_member,  ///< an object has a key twice
    wrong_type,        ///< a member has a value of another type
    invalid_event_id,  ///< the event id is not a whole number from 1 to 2^64 - 1

    // Errors of writers and followers.
    queue_full = 200,  ///< the limits on pending and waiting events are reached, or the event alone exceeds them
    closed,            ///< the writer is closed or closing, or the writer or follower was never opened
    locked,            ///< another writer has the root; it may be a writer of this process that is still closing
    forked,            ///< this process is a forked child of the process that created the writer or follower
    no_executor,       ///< the writer or follower was created with an empty executor

    // Errors of opening a trail.
    not_a_trail = 300,      ///< the root, or a path in it, is not the kind of file that a trail needs there
    cannot_save_torn_tail,  ///< recovery could not copy the bytes that it must cut off to `.broken/`
    no_trail,               ///< the directory exists, but has no index.json, no `.lock` and no segment
    inside_a_trail,         ///< a directory above the root is the root of another trail
    openat2_unavailable,    ///< the system refuses openat2(2): Linux before 5.6, a seccomp profile, or Valgrind
    holds_trails,           ///< the directory is no trail, and a directory in it is the root of a trail
    foreign_index,          ///< the directory is no trail, and has an index.json of another program

    // Options out of range. They all compare equal to `std::errc::invalid_argument`, too.
    invalid_max_segment_bytes = 350,  ///< `writer_options::max_segment_bytes` is 0
    invalid_max_pending_events,       ///< `writer_options::max_pending_events` is not from 1 to 4,194,304
    invalid_max_pending_bytes,        ///< `writer_options::max_pending_bytes` is 0
    invalid_max_waiting_events,       ///< `writer_options::max_waiting_events` is above 4,194,304
    invalid_max_event_bytes,          ///< `writer_options::max_event_bytes` is not from 1,024 to 16 MiB
    invalid_max_batch_bytes,          ///< `writer_options::max_batch_bytes` is 0
    invalid_max_open_segments,        ///< `writer_options::max_open_segments` is 0
    invalid_sync_threads,             ///< `writer_options::sync_threads` is not from 1 to 1,024
    invalid_commit_log_bytes,         ///< `writer_options::commit_log_bytes` is neither 0 nor from 8 KiB to 256 MiB
    invalid_redaction_rules,          ///< a rule has no name or member, or its member is no pattern (`is_valid_glob`)
    invalid_redaction_hash,           ///< `writer_options::redaction_hash` is empty, and a rule hashes

    // Errors of keys.
    key_too_short = 390,  ///< the key of a hash has fewer than 16 bytes
    key_is_public,        ///< every user may read or write the file of the key

    // Findings of readers, followers and `verify`. Reading continues after them.
    torn_line = 400,  ///< a segment does not end with a newline: the bytes after the last newline are not a line
    line_too_long,    ///< a line is longer than `reader_options::max_line_bytes`
    blank_line,       ///< a line has no text
    byte_order_mark,  ///< a line begins with U+FEFF, which some editors write at the beginning of a file
    carriage_return,  ///< a line ends with `\r\n`; its event is returned
    misplaced_line,   ///< the domain or category of a line differs from its directory
    id_out_of_order,  ///< the id of a line is not above the id of the previous line; a reader returns the event
    segment_missing,  ///< the numbers of a category's segments have a gap
    foreign_file,     ///< a file or directory has a name that does not belong to a trail
    no_snapshot,      ///< an update of single fields, but no earlier event contained the whole record
    ids_missing,      ///< no segment contains these ids
    duplicate_id,     ///< another line has the same id
    index_invalid,    ///< index.json does not exist, or contains no id
    index_behind,     ///< the id in index.json is below the highest id of the segments
    index_ahead,      ///< index.json names ids that no segment contains
    loose_mode,       ///< a file or directory has a wider mode than writers give (0640, 0750)
    id_too_high,      ///< a line or index.json has an id above 2^52. No writer gives such ids, or opens such a trail
    other_spelling,   ///< a line is a valid event, but writers would spell it differently
    not_restored,     ///< the commit log has lines that a segment lacks: `recover`, or the next writer, restores them
    unusable_log,     ///< the commit log is missing, damaged, or of another trail: lines that only it had may be lost

    // Errors of followers.
    watch_limit = 500,  ///< the user's limit on watched directories is reached: raise `fs.inotify.max_user_watches`
    watcher_limit       ///< the user's limit on watchers is reached: raise `fs.inotify.max_user_instances`
};

/// What an error means for the event of the failed append. Compare an `error_code` with these values.
enum class condition {
    /// Nothing of the event is in the trail, and its id (if any) is used again: sending it again makes no duplicate. An
    /// invalid event (`error` values below 100) fails again. After a final failure (`stopped_category()`), open the
    /// trail first.
    not_written = 1,
    /// The event may or may not be in the trail: open the trail again and search for it.
    outcome_unknown
};

/// The category of `error` values; its name is "audit_trail".
AUDIT_TRAIL_API boost::system::error_category const& error_category() noexcept;

/// The category of `condition` values.
AUDIT_TRAIL_API boost::system::error_category const& condition_category() noexcept;

/// The category of a final failure for the events of the batch that failed. The value is the errno of the write or sync
/// that failed. The code compares equal to the generic condition of that errno, and to `condition::outcome_unknown`.
AUDIT_TRAIL_API boost::system::error_category const& outcome_unknown_category() noexcept;

/// The category of a final failure for all later events. The value is the same errno. The code compares equal to the
/// generic condition of that errno, and to `condition::not_written`.
AUDIT_TRAIL_API boost::system::error_category const& stopped_category() noexcept;

/// Let `error` and `condition` values convert to `error_code` and `error_condition`.
AUDIT_TRAIL_API error_code make_error_code(error e) noexcept;
AUDIT_TRAIL_API boost::system::error_condition make_error_condition(condition c) noexcept;

/// Returns the enumerator's name, for programs: "malformed_json". Returns "unknown" for a value without a name.
AUDIT_TRAIL_API char const* name_of(error e) noexcept;

}  // namespace audit_trail

namespace boost::system {
template <>
struct is_error_code_enum<audit_trail::error> : std::true_type {};
template <>
struct is_error_condition_enum<audit_trail::condition> : std::true_type {};
}  // namespace boost::system
