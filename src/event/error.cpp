#include <audit_trail/error.hpp>
#include <string>

namespace audit_trail {
namespace {

using boost::system::error_condition;

char const* text_of(error e) noexcept {
    switch (e) {
        case error::invalid_domain:
            return "the domain is not a name of letters, digits, '.', '_' and '-' (at most 128, a letter or digit "
                   "first, not beginning with index.json)";
        case error::invalid_category:
            return "the category is not a name of letters, digits, '.', '_' and '-' (at most 128, a letter or digit "
                   "first, not beginning with index.json)";
        case error::invalid_model_name:
            return "model_name is not valid UTF-8";
        case error::invalid_operation:
            return "the operation is none of create, update and delete";
        case error::invalid_logical_user_id:
            return "logical_user_id is not valid UTF-8";
        case error::invalid_request_id:
            return "request_id is not valid UTF-8";
        case error::invalid_payload_text:
            return "a key or string of the payload is not valid UTF-8";
        case error::not_finite:
            return "a number is NaN or infinite, which JSON cannot say; send null or a string";
        case error::integer_out_of_range:
            return "an integer needs more than 64 bits; send it as a string";
        case error::nested_too_deep:
            return "the payload nests deeper than the 128 levels that a line may have";
        case error::invalid_delta:
            return "a value of payload.delta is not an object with the members old and new";
        case error::event_too_large:
            return "the line would be longer than writer_options::max_event_bytes";
        case error::empty_model_name:
            return "model_name is empty; name what was changed, or set writer_options::allow_empty_names "
                   "(audit-trail append --allow-empty-names)";
        case error::empty_logical_user_id:
            return "logical_user_id is empty; name who made the change, or set writer_options::allow_empty_names "
                   "(audit-trail append --allow-empty-names)";
        case error::malformed_json:
            return "the text is not JSON";
        case error::not_an_object:
            return "a JSON object was expected";
        case error::missing_member:
            return "a member that every event has is missing";
        case error::unknown_member:
            return "no event has a member of this name";
        case error::duplicate_member:
            return "a key stands twice in one object";
        case error::wrong_type:
            return "a member has a value of the wrong type";
        case error::invalid_event_id:
            return "event_id is not a whole number from 1 to 18446744073709551615";
        case error::queue_full:
            return "the limits on pending and waiting events are reached (writer_options::max_pending_*, "
                   "max_waiting_*); "
                   "wait for earlier appends to complete";
        case error::closed:
            return "the writer or follower is closed, or was never opened; open the trail again";
        case error::locked:
            return "another writer has the trail open (its .lock file is held); close that writer first. A writer of "
                   "this process that was destroyed closes in the background: await its async_close before you open "
                   "the trail again";
        case error::forked:
            return "the writer or follower belongs to the parent process; make another in the child";
        case error::no_executor:
            return "the executor is empty; pass the executor of an execution context, such as "
                   "io_context::get_executor()";
        case error::not_a_trail:
            return "something in the root is not what a trail has there (a link, FIFO or file in a directory's place)";
        case error::openat2_unavailable:
            return "the system call openat2 is not available; the library needs it to stay inside the root: use Linux "
                   "5.6 or later, allow openat2 in the seccomp profile of the container or sandbox, and do not run "
                   "under a Valgrind that does not know it (3.19 does not)";
        case error::cannot_save_torn_tail:
            return "a torn tail must be cut off but could not be copied to .broken/; make room or fix the permissions "
                   "there, "
                   "then open again";
        case error::no_trail:
            return "no audit trail: the directory has no index.json, .lock or segment; check the path, or open it "
                   "without "
                   "writer_options::must_exist (audit-trail append --no-create) to begin a new trail there";
        case error::inside_a_trail:
            return "a directory above the root is the root of another trail; choose a root outside of that trail";
        case error::invalid_max_segment_bytes:
            return "writer_options::max_segment_bytes must be at least 1";
        case error::invalid_max_pending_events:
            return "writer_options::max_pending_events must be from 1 to 4194304";
        case error::invalid_max_pending_bytes:
            return "writer_options::max_pending_bytes must be at least 1";
        case error::invalid_max_waiting_events:
            return "writer_options::max_waiting_events must be at most 4194304";
        case error::invalid_max_event_bytes:
            return "writer_options::max_event_bytes must be from 1024 to 16777216";
        case error::invalid_max_batch_bytes:
            return "writer_options::max_batch_bytes must be at least 1";
        case error::invalid_max_open_segments:
            return "writer_options::max_open_segments must be at least 1";
        case error::invalid_sync_threads:
            return "writer_options::sync_threads must be from 1 to 1024";
        case error::torn_line:
            return "the segment does not end with a newline; what follows the last one is no event";
        case error::line_too_long:
            return "the line is longer than reader_options::max_line_bytes";
        case error::blank_line:
            return "the line is blank";
        case error::byte_order_mark:
            return "the line begins with a byte order mark, which JSON does not allow";
        case error::carriage_return:
            return "the line ends with a carriage return";
        case error::misplaced_line:
            return "the line belongs to another domain or category than its directory";
        case error::id_out_of_order:
            return "the event's id is not above that of the line before it";
        case error::segment_missing:
            return "segments are missing before this one";
        case error::foreign_file:
            return "no file of a trail has such a name";
        case error::no_snapshot:
            return "fields of a record are updated that no event before gave as a whole; read from its create on";
        case error::ids_missing:
            return "ids are missing from the segments";
        case error::duplicate_id:
            return "another line has the same id";
        case error::index_invalid:
            return "index.json is not there, or names no id";
        case error::index_behind:
            return "index.json names an id below the highest that the segments hold";
        case error::index_ahead:
            return "index.json names ids that no segment holds";
        case error::loose_mode:
            return "more users have access than writers allow (files 0640, directories 0750)";
        case error::id_too_high:
            return "a line or index.json has an id above 4503599627370496 (2^52), which no writer gives; see verify: "
                   "put "
                   "it right, then open again";
        case error::other_spelling:
            return "the line is a valid event, but not spelt as writers spell it";
        case error::watch_limit:
            return "the system lets this user watch no more directories; raise the limit (sysctl "
                   "fs.inotify.max_user_watches)";
        case error::watcher_limit:
            return "the system lets this user have no more watchers; raise the limit (sysctl "
                   "fs.inotify.max_user_instances)";
    }
    return "unknown error of audit_trail";
}

bool is_invalid_option(error e) noexcept {
    return e >= error::invalid_max_segment_bytes && e <= error::invalid_sync_threads;
}

class library_category final : public boost::system::error_category {
 public:
    char const* name() const noexcept override { return "audit_trail"; }
    std::string message(int value) const override { return text_of(static_cast<error>(value)); }
    bool failed(int value) const noexcept override { return value != 0; }
    error_condition default_error_condition(int value) const noexcept override {
        if (is_invalid_option(static_cast<error>(value))) {
            return make_error_condition(boost::system::errc::invalid_argument);
        }
        return {value, *this};
    }
};

/// Where the outcome is not known, the category says so. A plain number of the system comes from something that was not
/// begun, or was undone.
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
                   : "the event may or may not have been written; open the trail again and look for it";
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

/// The operating system's number with what it means for one event.
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
    static final_failure_category const instance("audit_trail.outcome_unknown",
                                                 ": the trail failed while the event was being committed and takes no "
                                                 "more; open it again and look for the event");
    return instance;
}

boost::system::error_category const& stopped_category() noexcept {
    static final_failure_category const instance(
        "audit_trail.stopped",
        ": the trail failed earlier and takes no more; nothing of this event was written, open the trail again");
    return instance;
}

error_code make_error_code(error e) noexcept {
    return {static_cast<int>(e), error_category()};
}

error_condition make_error_condition(condition c) noexcept {
    return {static_cast<int>(c), condition_category()};
}

}  // namespace audit_trail
