#include <algorithm>
#include <array>
#include <audit_trail/error.hpp>
#include <string>

namespace audit_trail {
namespace {

using boost::system::error_condition;

struct error_row {
    error value;
    char const* name;
    char const* message;
};

// Sorted by value.
constexpr std::array rows{std::to_array<error_row>({
    {error::invalid_domain, "invalid_domain",
     "the domain is not a name of letters, digits, '.', '_' and '-' (at most 128, a letter or digit first, "
     "not beginning with index.json)"},
    {error::invalid_category, "invalid_category",
     "the category is not a name of letters, digits, '.', '_' and '-' (at most 128, a letter or digit "
     "first, not beginning with index.json)"},
    {error::invalid_model_name, "invalid_model_name", "model_name is not valid UTF-8"},
    {error::invalid_operation, "invalid_operation", "the operation is none of create, update and delete"},
    {error::invalid_logical_user_id, "invalid_logical_user_id", "logical_user_id is not valid UTF-8"},
    {error::invalid_request_id, "invalid_request_id", "request_id is not valid UTF-8"},
    {error::invalid_payload_text, "invalid_payload_text", "a key or string of the payload is not valid UTF-8"},
    {error::not_finite, "not_finite",
     "a number is NaN or infinite, which JSON cannot represent; send null or a string"},
    {error::integer_out_of_range, "integer_out_of_range", "an integer needs more than 64 bits; send it as a string"},
    {error::nested_too_deep, "nested_too_deep",
     "the payload or the context has too many nested levels; a line may have 128 levels"},
    {error::invalid_delta, "invalid_delta", "a value of payload.delta is not an object with the members old and new"},
    {error::event_too_large, "event_too_large",
     "the line would be longer than writer_options::max_event_bytes; shorten the payload, or raise the limit"},
    {error::empty_model_name, "empty_model_name",
     "model_name is empty; name what was changed, or set writer_options::allow_empty_names (audit-trail "
     "append --allow-empty-names)"},
    {error::empty_logical_user_id, "empty_logical_user_id",
     "logical_user_id is empty; name who made the change, or set writer_options::allow_empty_names "
     "(audit-trail append --allow-empty-names)"},
    {error::invalid_context_text, "invalid_context_text", "a key or string of the context is not valid UTF-8"},
    {error::redaction_failed, "redaction_failed",
     "writer_options::redaction_hash threw an exception, or returned text that is not UTF-8; nothing of the event was "
     "written"},
    {error::malformed_json, "malformed_json", "the text is not JSON"},
    {error::not_an_object, "not_an_object", "a JSON object was expected"},
    {error::missing_member, "missing_member", "a required member is missing"},
    {error::unknown_member, "unknown_member", "events have no member of this name"},
    {error::duplicate_member, "duplicate_member", "an object contains a key twice"},
    {error::wrong_type, "wrong_type", "a member has a value of the wrong type"},
    {error::invalid_event_id, "invalid_event_id", "event_id is not a whole number from 1 to 18446744073709551615"},
    {error::queue_full, "queue_full",
     "the limits on pending and waiting events are reached (writer_options::max_pending_*, max_waiting_*); "
     "wait for earlier appends to complete; if this event or batch alone exceeds a limit, raise it"},
    {error::closed, "closed", "the writer or follower is closed, or was never opened; open the trail again"},
    {error::locked, "locked",
     "another writer has the trail open (its .lock file is held); close that writer first. A writer of "
     "this process that was destroyed closes in the background: wait until it is closed, then open the trail again"},
    {error::forked, "forked", "the writer or follower belongs to the parent process; create a new one in the child"},
    {error::no_executor, "no_executor",
     "the executor is empty; pass the executor of an execution context, such as io_context::get_executor()"},
    {error::not_a_trail, "not_a_trail",
     "the root, or a path in it, has the wrong file type (a symbolic link, a FIFO, or a file instead of a directory), or "
     "is a file with more than one link; move it away, or choose another root"},
    {error::cannot_save_torn_tail, "cannot_save_torn_tail",
     "the incomplete line at the end of a segment could not be copied to .broken/ before it is cut off; free disk "
     "space or correct the permissions of .broken/, then open again"},
    {error::no_trail, "no_trail",
     "no audit trail: the directory has no index.json, .lock or segment; check the path. To begin a new trail, do not "
     "set writer_options::must_exist (audit-trail append --no-create)"},
    {error::inside_a_trail, "inside_a_trail",
     "a directory above the root is the root of another trail; choose a root outside of that trail"},
    {error::openat2_unavailable, "openat2_unavailable",
     "the system call openat2 is not available; the library needs it to stay inside the root: use Linux "
     "5.6 or later, allow openat2 in the seccomp profile of the container or sandbox, and do not run under "
     "a Valgrind that does not know it (3.19 does not)"},
    {error::holds_trails, "holds_trails",
     "directories in the root are roots of other trails, which a trail here would make unusable; choose another root"},
    {error::foreign_index, "foreign_index",
     "the directory is not a trail, and another program wrote its index.json, which a trail here would overwrite; choose "
     "another root"},
    {error::invalid_max_segment_bytes, "invalid_max_segment_bytes",
     "writer_options::max_segment_bytes must be at least 1"},
    {error::invalid_max_pending_events, "invalid_max_pending_events",
     "writer_options::max_pending_events must be from 1 to 4194304"},
    {error::invalid_max_pending_bytes, "invalid_max_pending_bytes",
     "writer_options::max_pending_bytes must be at least 1"},
    {error::invalid_max_waiting_events, "invalid_max_waiting_events",
     "writer_options::max_waiting_events must be at most 4194304"},
    {error::invalid_max_event_bytes, "invalid_max_event_bytes",
     "writer_options::max_event_bytes must be from 1024 to 16777216"},
    {error::invalid_max_batch_bytes, "invalid_max_batch_bytes", "writer_options::max_batch_bytes must be at least 1"},
    {error::invalid_max_open_segments, "invalid_max_open_segments",
     "writer_options::max_open_segments must be at least 1"},
    {error::invalid_sync_threads, "invalid_sync_threads", "writer_options::sync_threads must be from 1 to 1024"},
    {error::invalid_commit_log_bytes, "invalid_commit_log_bytes",
     "writer_options::commit_log_bytes must be 0, or from 8192 to 268435456"},
    {error::invalid_redaction_rules, "invalid_redaction_rules",
     "writer_options::redaction_rules has a rule without a name (UTF-8) or member, or whose member is not a pattern: a [ "
     "has no ], nothing follows a backslash, or there is nothing between two dots"},
    {error::invalid_redaction_hash, "invalid_redaction_hash",
     "writer_options::redaction_hash is empty, but a rule hashes values; set it, for example to an hmac_sha256 "
     "(audit_trail/hmac.hpp)"},
    {error::key_too_short, "key_too_short", "the key has fewer than 16 bytes; 'openssl rand -hex 32' makes a key"},
    {error::key_is_public, "key_is_public",
     "every user may read or write the file of the key; remove these permissions (chmod o-rw), and consider a new key"},
    {error::torn_line, "torn_line",
     "the segment does not end with a newline; the bytes after the last newline are not an event"},
    {error::line_too_long, "line_too_long", "the line is longer than reader_options::max_line_bytes"},
    {error::blank_line, "blank_line", "the line is blank"},
    {error::byte_order_mark, "byte_order_mark", "the line begins with a byte order mark, which JSON does not allow"},
    {error::carriage_return, "carriage_return", "the line ends with a carriage return"},
    {error::misplaced_line, "misplaced_line", "the line belongs to another domain or category than its directory"},
    {error::id_out_of_order, "id_out_of_order", "the event's id is not higher than the id of the previous line"},
    {error::segment_missing, "segment_missing", "segments are missing before this one"},
    {error::foreign_file, "foreign_file", "the name does not belong to a trail; the file is ignored"},
    {error::no_snapshot, "no_snapshot",
     "the update changes a record that no earlier event contains as a whole; start at the event that created it"},
    {error::ids_missing, "ids_missing", "ids are missing from the segments"},
    {error::duplicate_id, "duplicate_id", "another line has the same id"},
    {error::index_invalid, "index_invalid", "index.json is missing, or contains no valid id"},
    {error::index_behind, "index_behind", "the id in index.json is lower than the highest id in the segments"},
    {error::index_ahead, "index_ahead", "index.json names ids that are in no segment"},
    {error::loose_mode, "loose_mode", "the mode is wider than writers give (files 0640, directories 0750)"},
    {error::id_too_high, "id_too_high",
     "an id is above 4503599627370496 (2^52), the highest that a writer gives; audit-trail verify names "
     "the line or index.json: correct it, then open again"},
    {error::other_spelling, "other_spelling", "the line is a valid event, but writers would spell it differently"},
    {error::not_restored, "not_restored",
     "the commit log has lines that the segment lacks; run 'audit-trail recover', or open a writer, to restore them"},
    {error::unusable_log, "unusable_log",
     "the commit log is missing, damaged, or of another trail; lines that only it had may be lost"},
    {error::watch_limit, "watch_limit",
     "the user's limit on watched directories is reached; raise fs.inotify.max_user_watches (sysctl)"},
    {error::watcher_limit, "watcher_limit",
     "the user's limit on inotify instances is reached; raise fs.inotify.max_user_instances (sysctl)"},
})};
static_assert(std::ranges::is_sorted(rows, {}, &error_row::value));

error_row const& row_of(error e) noexcept {
    static constexpr error_row unknown{error{}, "unknown", "unknown error of audit_trail"};
    auto const found = std::ranges::lower_bound(rows, e, {}, &error_row::value);
    return found != rows.end() && found->value == e ? *found : unknown;
}

bool is_invalid_option(error e) noexcept {
    return e >= error::invalid_max_segment_bytes && e <= error::invalid_redaction_hash;
}

class library_category final : public boost::system::error_category {
 public:
    char const* name() const noexcept override { return "audit_trail"; }
    std::string message(int value) const override { return row_of(static_cast<error>(value)).message; }
    bool failed(int value) const noexcept override { return value != 0; }
    error_condition default_error_condition(int value) const noexcept override {
        if (is_invalid_option(static_cast<error>(value))) {
            return make_error_condition(boost::system::errc::invalid_argument);
        }
        return {value, *this};
    }
};

/// An unknown outcome has its own category. So an error of the system category means that the operation was not begun,
/// or was undone.
bool means_not_written(error_code const& code) noexcept {
    if (!code.failed()) return false;
    auto const& category = code.category();
    return category == stopped_category() || category == boost::system::system_category() ||
           category == error_category();
}

class event_condition_category final : public boost::system::error_category {
 public:
    char const* name() const noexcept override { return "audit_trail.condition"; }

    std::string message(int value) const override {
        return static_cast<condition>(value) == condition::not_written
                   ? "nothing of the event was written"
                   : "the event may or may not have been written; open the trail again and search for it";
    }

    bool equivalent(error_code const& code, int value) const noexcept override {
        switch (static_cast<condition>(value)) {
            case condition::not_written:
                return means_not_written(code);
            case condition::outcome_unknown:
                return code.category() == outcome_unknown_category();
        }
        return false;
    }
};

/// A category for the operating system's numbers. Its messages also say what the failure means for an event.
class final_failure_category final : public boost::system::error_category {
 public:
    constexpr final_failure_category(char const* name, char const* meaning) noexcept : name_(name), meaning_(meaning) {}

    char const* name() const noexcept override { return name_; }
    std::string message(int value) const override { return boost::system::system_category().message(value) + meaning_; }
    error_condition default_error_condition(int value) const noexcept override {
        return boost::system::system_category().default_error_condition(value);
    }

 private:
    char const* name_;
    char const* meaning_;
};

}  // namespace

boost::system::error_category const& error_category() noexcept {
    static library_category const instance;
    return instance;
}

boost::system::error_category const& condition_category() noexcept {
    static event_condition_category const instance;
    return instance;
}

boost::system::error_category const& outcome_unknown_category() noexcept {
    static final_failure_category const instance(
        "audit_trail.outcome_unknown",
        ": the commit failed; the event may or may not be in the trail. Open the "
        "trail again and search for it");
    return instance;
}

boost::system::error_category const& stopped_category() noexcept {
    static final_failure_category const instance(
        "audit_trail.stopped",
        ": an earlier write or sync failed, and the writer accepts no more events. Nothing of this event was written. "
        "Open the trail again");
    return instance;
}

error_code make_error_code(error e) noexcept {
    return {static_cast<int>(e), error_category()};
}

error_condition make_error_condition(condition c) noexcept {
    return {static_cast<int>(c), condition_category()};
}

char const* name_of(error e) noexcept {
    return row_of(e).name;
}

}  // namespace audit_trail
