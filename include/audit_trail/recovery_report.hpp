/// \file
/// What opening a root found and mended.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace audit_trail {

/// One thing that opening a root found. The same stands as a line in the root's `.recovery.jsonl`.
struct recovery_finding {
    enum class kind_type {
        torn_tail,         ///< bytes after a segment's last newline were copied to `saved_as` and cut off
        unused_ids,        ///< ids from first_id to last_id were given by a batch that a crash left unfinished
        index_ahead,       ///< index.json names ids that no segment holds, after an unclean end of a writer with events
                           ///< that were only `written`: such events are missing
        vanished_segment,  ///< a segment was deleted, replaced or cut short while the writer had it
        lost_ids,          ///< no segment holds events that were synced, or acknowledged by a writer that synced each,
                           ///< or that index.json names where there is no `.lock` to say otherwise
        accepted_loss      ///< `user` accepted that the events from first_id to last_id are lost
    };

    kind_type kind = kind_type::torn_tail;
    std::int64_t time = 0;       ///< Unix seconds
    std::string path;            ///< relative to the root; empty where it does not apply
    std::uint64_t offset = 0;    ///< where the bytes began
    std::uint64_t bytes = 0;     ///< how many there were
    std::string saved_as;        ///< relative to the root
    std::uint64_t first_id = 0;  ///< 0 where it does not apply
    std::uint64_t last_id = 0;
    std::string user;    ///< of the operating system; empty but for accepted_loss
    std::string reason;  ///< for people
};

/// What `writer::open` found in the root.
struct recovery_report {
    bool created = false;             ///< the root was empty, or was not there
    bool clean = true;                ///< the last writer of the root closed it
    std::uint64_t last_event_id = 0;  ///< the highest id of the trail; the next event gets the one after it
    std::vector<recovery_finding> findings;
};

}  // namespace audit_trail
