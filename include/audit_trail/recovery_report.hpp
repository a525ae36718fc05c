/// \file
/// Reports what opening a root found and repaired.
#pragma once

#include <audit_trail/detail/api.hpp>
#include <audit_trail/error.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace audit_trail {

/// One finding of an opening. The root's `.recovery.jsonl` has the same finding as a line.
struct recovery_finding {
    enum class kind_type {
        torn_tail,         ///< bytes after a segment's last newline were copied to `saved_as` and cut off
        unused_ids,        ///< a batch that a crash left incomplete had taken the ids from first_id to last_id
        index_ahead,       ///< index.json names ids that no segment contains: events that were acknowledged as
                           ///< `written` only are missing after an unclean end
        vanished_segment,  ///< a segment was deleted, replaced or cut short while the writer had it open
        lost_ids,          ///< no segment contains these ids, although their events were synced, or index.json names
                           ///< them and there is no `.lock`
        accepted_loss,     ///< `user` accepted that the events from first_id to last_id are lost
        restored_lines,    ///< a segment lacked lines that were acknowledged; they were written from the commit log
        unrestored_lines,  ///< lines in the commit log do not fit the segment, so they were not written to it
        unusable_log       ///< the commit log is missing, damaged, of another trail, or has unrestored lines; moved to
                           ///< `saved_as`, unless that is empty
    };

    kind_type kind = kind_type::torn_tail;
    std::int64_t time = 0;       ///< Unix seconds
    std::string path;            ///< of the segment, relative to the root; empty if it does not apply
    std::uint64_t offset = 0;    ///< the position of the first byte that was cut off or restored
    std::uint64_t bytes = 0;     ///< how many bytes were cut off or restored
    std::string saved_as;        ///< the path of the copy or of the moved file, relative to the root
    std::uint64_t first_id = 0;  ///< 0 if it does not apply
    std::uint64_t last_id = 0;
    std::string user;    ///< the operating system's user; only for accepted_loss
    std::string reason;  ///< text for people
};

/// Returns the kind's name in `.recovery.jsonl`, which is the enumerator's, such as "torn_tail"; "unknown" for any
/// other value.
AUDIT_TRAIL_API std::string_view to_string(recovery_finding::kind_type kind) noexcept;

/// What `writer::open` found in the root. See `writer::recovery`.
struct recovery_report {
    bool created = false;             ///< the root was empty or did not exist
    bool clean = true;                ///< the last writer closed the root
    std::uint64_t last_event_id = 0;  ///< the highest id of the trail; the next event gets the next id
    std::vector<recovery_finding> findings;

    /// A file or directory that makes `writer::open` fail.
    struct obstacle_type {
        std::string path;   ///< relative to the root; empty for the root itself
        error_code reason;  ///< an `error`, or the operating system's error
    };
    std::optional<obstacle_type> obstacle;  ///< set by `plan_recovery` only
};

}  // namespace audit_trail
