/// \file
/// What a writer promises and how much it may hold.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstddef>
#include <cstdint>

namespace audit_trail {

namespace asio = boost::asio;

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

/// Limits and promises of one writer; all of them are fixed when it opens. An option out of its range fails the opening
/// with the error that names the option: `error::invalid_max_event_bytes` for `max_event_bytes`, and so on.
struct writer_options {
    /// A line goes to the next segment when the newest one is already this large. A file that reaches another limit
    /// before (EFBIG: RLIMIT_FSIZE, or the file system's own) fails one batch, and later segments end at half of that
    /// size. Minimum 1, no maximum. Default 5 MiB.
    std::uint64_t max_segment_bytes = 5 * 1024 * 1024;

    /// The durability of calls that do not name one. Default: synced.
    audit_trail::durability durability = audit_trail::durability::synced;

    /// An event is pending from the initiating call until its handler has run. Its bytes are those of its line and of
    /// all that the library keeps for it. An event or batch that is larger than these limits is refused
    /// (`error::queue_full`), so keep `max_pending_bytes` well above `max_event_bytes`.
    ///
    /// Events: minimum 1, maximum 4,194,304, default 16,384.
    std::size_t max_pending_events = 16 * 1024;
    /// Minimum 1, no maximum (more than 64 GiB count as 64 GiB). Default 64 MiB.
    std::size_t max_pending_bytes = 64 * 1024 * 1024;

    /// How many more events may wait to become pending. Not used with `overflow::reject`.
    /// Minimum 0, maximum 4,194,304, default 16,384.
    std::size_t max_waiting_events = 16 * 1024;
    /// How many bytes those events may take.
    /// Minimum 0, no maximum (more than 64 GiB count as 64 GiB). Default 64 MiB.
    std::size_t max_waiting_bytes = 64 * 1024 * 1024;

    /// What happens to an append at those limits. Default: it waits.
    audit_trail::overflow overflow = audit_trail::overflow::wait;

    /// The longest line, its newline and a 20-digit id included. A longer event is refused (`error::event_too_large`).
    /// Minimum 1,024, maximum 16 MiB (the longest line that a reader accepts by default). Default 1 MiB.
    std::size_t max_event_bytes = 1024 * 1024;

    /// Whether an empty model name or logical user id is accepted. By default an event must say what was changed and by
    /// whom: `error::empty_model_name`, `error::empty_logical_user_id`. Readers accept empty names in any case.
    bool allow_empty_names = false;

    /// Whether the root must already hold a trail. If set, opening creates nothing: it fails with the operating
    /// system's `no such file or directory` when the root does not exist, and with `error::no_trail` when the root has
    /// neither index.json, nor .lock, nor a segment. Set it where a misspelt path must not begin a new trail at id 1.
    bool must_exist = false;

    /// A batch takes no further event once it holds this many bytes. Minimum 1, no maximum. Default 256 KiB.
    std::size_t max_batch_bytes = 256 * 1024;

    /// How many segment files may be open at once. Minimum 1, no maximum. Default 128. The least recently used ones are
    /// closed for others; where they hold unsynced events, an eighth of the open segments (32 at most) is synced at a
    /// time. Fewer are open where the process runs out of file descriptors (RLIMIT_NOFILE), and batches are then
    /// committed in smaller parts; only an append or a batch append that needs more descriptors than there are fails,
    /// with EMFILE or ENFILE.
    ///
    /// The number of categories is not limited. A writer keeps about 130 bytes for every category of the trail until it
    /// closes, and the names' own bytes where a name is longer than 15 characters: categories are meant for kinds of
    /// records, not for single users or sessions.
    std::size_t max_open_segments = 128;

    /// How many files may be synced at the same time: one by the step that commits the batch, the others on further
    /// threads. A writer with threads of its own starts those when they are first needed; on a shared executor as many
    /// are used as are free. Minimum 1, maximum 1,024, default 8.
    std::size_t sync_threads = 8;

    /// Where the writer works: an executor whose threads may block on the disk, such as that of an `asio::thread_pool`.
    /// Empty, the default: threads of the writer's own, one until several files are synced at the same time, with all
    /// signals blocked. So a disk that hangs stops the writers on that disk alone.
    ///
    /// Many writers may share an executor (one trail for each tenant, say); a few threads serve thousands of them. A
    /// writer uses one thread at a time, for one batch, and then lets the others have it. A disk that hangs keeps that
    /// thread: as soon as all threads of the executor wait for hanging disks, the other writers wait, too. During a
    /// batch SIGXFSZ is blocked on the thread.
    ///
    /// The executor's context must allow calls from other threads and must be run until the writer is closed. It must
    /// outlive the writer's close; destroyed earlier, it closes the writer: its destructor commits what was admitted,
    /// and later calls complete with `error::closed`.
    asio::any_io_executor disk_executor = {};
};

}  // namespace audit_trail
