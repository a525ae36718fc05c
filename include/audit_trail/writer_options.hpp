/// \file
/// Options of a writer: durability, limits, and the executor for disk work.
#pragma once

#include <audit_trail/health_event.hpp>
#include <audit_trail/redaction.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace audit_trail {

namespace asio = boost::asio;

/// The promise of an acknowledgement.
enum class durability {
    written,  ///< the kernel has the whole line: it survives the end of the process, but perhaps not a power cut
    synced    ///< the line and the new files and directories on its path are on stable storage: it survives a power cut
};

/// The treatment of an append when `max_pending_*` is reached.
enum class overflow {
    wait,   ///< the append waits, in order; it completes with `error::queue_full` if `max_waiting_*` is reached, too
    reject  ///< the append completes with `error::queue_full` at once
};

/// Options of one writer, fixed when it opens. If an option is out of range, opening fails with the error that names
/// it: `error::invalid_max_event_bytes` for `max_event_bytes`, and so on.
struct writer_options {
    /// A line goes to a new segment if the newest one has at least this size. If a file reaches another limit before
    /// (EFBIG: RLIMIT_FSIZE, or a limit of the file system), one batch fails, and later segments end at half of that
    /// size. Minimum 1, no maximum. Default 5 MiB.
    std::uint64_t max_segment_bytes = 5 * 1024 * 1024;

    /// The durability of calls that do not name one. Default: synced.
    audit_trail::durability durability = audit_trail::durability::synced;

    /// An event is pending from the initiating call (with `overflow::wait` it may wait before that) until just before
    /// its handler is called. Its bytes are its line and everything that the library stores for it. An event or batch
    /// above these limits is refused (`error::queue_full`), so keep `max_pending_bytes` well above `max_event_bytes`.
    ///
    /// Events: minimum 1, maximum 4,194,304, default 16,384.
    std::size_t max_pending_events = 16 * 1024;
    /// Minimum 1, no maximum (more than 64 GiB count as 64 GiB). Default 64 MiB.
    std::size_t max_pending_bytes = 64 * 1024 * 1024;

    /// The maximum number of events that wait to become pending. Not used with `overflow::reject`.
    /// Minimum 0, maximum 4,194,304, default 16,384.
    std::size_t max_waiting_events = 16 * 1024;
    /// The maximum number of bytes of the waiting events. Not used with `overflow::reject`.
    /// Minimum 0, no maximum (more than 64 GiB count as 64 GiB). Default 64 MiB.
    std::size_t max_waiting_bytes = 64 * 1024 * 1024;

    /// The treatment of an append when `max_pending_*` is reached. Default: it waits.
    audit_trail::overflow overflow = audit_trail::overflow::wait;

    /// The maximum length of a line, including its newline and an id of 20 digits. A longer event is refused
    /// (`error::event_too_large`).
    /// Minimum 1,024, maximum 16 MiB (the longest line that a reader accepts by default). Default 1 MiB.
    std::size_t max_event_bytes = 1024 * 1024;

    /// Accepts events with an empty model name or logical user id. By default they are refused, because an event must
    /// say what was changed and by whom: `error::empty_model_name`, `error::empty_logical_user_id`. Readers always
    /// accept empty names.
    bool allow_empty_names = false;

    /// Rules that remove secrets from events before they are written (redaction.hpp). Default: none. An
    /// invalid rule makes opening fail with `error::invalid_redaction_rules`.
    std::vector<redaction_rule> redaction_rules = {};
    /// For rules that hash; without it, opening with such a rule fails with `error::invalid_redaction_hash`. It is destroyed
    /// with the last state of the writer, on any thread.
    redaction_hash_function redaction_hash = {};

    /// Requires that the root already holds a trail. If set, opening creates nothing: it fails with the operating
    /// system's `no such file or directory` if the root does not exist, and with `error::no_trail` if the root has
    /// neither index.json, nor .lock, nor a segment. Set it if a misspelt path must not begin a new trail at id 1.
    bool must_exist = false;

    /// A batch takes no further event once it has at least this many bytes. Minimum 1, no maximum. Default 256 KiB.
    std::size_t max_batch_bytes = 256 * 1024;

    /// The maximum size of the commit log, `.commit-log` in the root. A batch with synced events is written to its
    /// segments and, in one synced write, to the log: so it costs one sync, however many categories it touches. The
    /// segments are synced in the background. If the writer or the machine ends before, the next opening restores from
    /// the log what the segments lack. The file is created with the first synced batch and grows from 256 KiB to this
    /// size; if it cannot be created or is full, batches sync their segments.
    ///
    /// 0: no log, every batch syncs its segments. Otherwise minimum 8 KiB, maximum 256 MiB. Default 8 MiB.
    std::size_t commit_log_bytes = 8 * 1024 * 1024;

    /// The maximum number of open segment files. Minimum 1, no maximum. Default 128. To open another segment, the
    /// writer closes the least recently used one, without a sync if the commit log has its events; then up to 32 more
    /// files are open while the log is cleared. Otherwise an eighth of the open segments (at most 32) are synced
    /// together first. If the process runs out of file descriptors (RLIMIT_NOFILE), fewer segments are open, and
    /// batches are committed in smaller parts. An append or batch append fails (EMFILE or ENFILE) only if it needs more
    /// descriptors than the process can get.
    ///
    /// The number of categories is not limited. Until it closes, a writer keeps about 130 bytes for every category of
    /// the trail, plus the names that are longer than 15 characters. So use categories for kinds of records, not for
    /// single users or sessions.
    std::size_t max_open_segments = 128;

    /// The maximum number of files that are synced at the same time: one by the thread that commits the batch, the
    /// others on further threads. A writer with its own threads starts them when they are first needed; on a shared
    /// executor, the free threads are used. Minimum 1, maximum 1,024, default 8.
    std::size_t sync_threads = 8;

    /// The executor on which the writer works, for example that of an `asio::thread_pool`. Its threads must be allowed
    /// to block on the disk. If empty (the default), the writer has its own threads, with all signals blocked: one
    /// thread, and more when several files are synced at the same time. So a hung disk stops only the writers on that
    /// disk.
    ///
    /// Many writers may share an executor (for example one trail per tenant); a few threads serve thousands of writers.
    /// A writer keeps five files open, and two more for its commit log. Its submission queue grows up to 8 bytes for
    /// each event of the limits (`max_pending_events` + `max_waiting_events`, rounded up to a power of two). So with many
    /// writers, raise RLIMIT_NOFILE and lower these limits.
    /// A writer uses one thread for one batch at a time; then it is the turn of other writers. It may use another thread
    /// to clear its commit log: it syncs at most 32 files there, then posts the rest of the work. A hung disk keeps its
    /// thread: if all threads of the executor wait for hung disks, the other writers wait, too. During a batch, SIGXFSZ
    /// is blocked on the thread.
    ///
    /// The executor's context must allow calls from other threads, and must be run until the writer is closed. If the
    /// context is destroyed before the writer is closed, it closes the writer: its destructor commits all admitted
    /// events, and later calls complete with `error::closed`.
    asio::any_io_executor disk_executor = {};

    /// Called when the health of the writer changes, for example to log it or to raise an alarm. If empty (the default),
    /// only `writer_stats` reports such changes.
    ///
    /// **Executor.** Each call is a function that is posted to the writer's executor, never inside a function of the
    /// library. The writer does not wait for it. Calls do not overlap. They have no outstanding work. A change is
    /// posted before the handlers of the batch that caused it. If the executor is slow, changes are merged: a condition
    /// that began and ended several times is reported as if it had done so once. An exception leaves `run()` of the
    /// executor; later calls are made as usual. If memory runs out or the executor throws, a call is made with the
    /// next change.
    ///
    /// **Lifetime.** No call begins after the handler of an `async_close` was called, after the handle was destroyed,
    /// after the executor's context began to be destroyed, or in a forked child. If the executor has several threads, a
    /// call that has begun may run longer; a strand prevents this. Failures during `open` are not reported here. The
    /// function is destroyed with the last state of the writer, on any thread. It must not own the writer.
    health_hook on_health = {};
};

}  // namespace audit_trail
