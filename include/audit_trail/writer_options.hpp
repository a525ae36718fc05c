/// \file
/// What a writer promises and how much it may hold.
#pragma once

#include <cstddef>
#include <cstdint>

namespace audit_trail {

/// What an acknowledgement promises.
enum class durability {
    written,  ///< the whole line has been handed to the kernel: it survives the end of the process
    synced    ///< the line, and every new file and directory that leads to it, is on stable storage: survives the power
};

/// What happens to an append that comes when `max_pending_*` is reached.
enum class overflow {
    wait,   ///< it waits its turn, in order, as long as `max_waiting_*` has room
    reject  ///< it completes with `error::queue_full` at once
};

/// Limits and promises of one writer; all of them are fixed when it opens.
struct writer_options {
    /// A line goes to the next segment when the newest one is already this large. At least 1.
    std::uint64_t max_segment_bytes = 5 * 1024 * 1024;

    /// For the calls that name no durability of their own.
    audit_trail::durability durability = audit_trail::durability::synced;

    /// An event is pending from the initiating call until its handler has run. Its bytes are those of its line and of
    /// all that the library keeps for it. At most 4,194,304 events; more than 64 GiB of bytes count as 64 GiB.
    std::size_t max_pending_events = 16 * 1024;
    std::size_t max_pending_bytes = 64 * 1024 * 1024;

    /// How much more may wait to become pending. Not used with `overflow::reject`.
    std::size_t max_waiting_events = 16 * 1024;
    std::size_t max_waiting_bytes = 64 * 1024 * 1024;

    audit_trail::overflow overflow = audit_trail::overflow::wait;

    /// The longest line, its newline and a 20-digit id included.
    std::size_t max_event_bytes = 1024 * 1024;

    /// A batch takes no further event once it holds this many bytes.
    std::size_t max_batch_bytes = 256 * 1024;

    /// How many segment files may be open at once. At least 1.
    std::size_t max_open_segments = 128;

    /// How many files may be synced at the same time. At least 1; one is synced on the writer's own thread, the others
    /// on threads that start when they are first needed.
    std::size_t sync_threads = 8;
};

}  // namespace audit_trail
