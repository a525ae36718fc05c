/// \file
/// Follows a trail, as `tail -F` follows a file: returns the stored events from an id on, then waits for new events.
///
/// \code
/// awaitable<void> mirror(asio::any_io_executor executor, std::uint64_t last_seen) {
///     audit_trail::follower trail(executor, "/var/lib/server/audit", {}, last_seen + 1);
///     for (;;) {
///         audit_trail::entry const found = co_await trail.async_next(asio::use_awaitable);
///         std::cout << found.line << '\n';
///     }
/// }
/// \endcode
///
/// # Which events it returns
///
/// The follower returns the events of all categories that pass the filter, each once, in ascending order of ids. Store
/// the last id that you processed: a new follower that starts at the next id misses no event and returns none twice.
/// New domains, categories and segments may appear at any time.
///
/// Like the `reader`, it returns only committed events. While a writer has the root, these are the events up to the id
/// in index.json; without a writer, all complete lines. Writers may start, stop and be killed meanwhile. The follower
/// does not wait for an id that was never written or was lost: when a higher id is committed, it skips the missing id
/// and counts it (`read_report::missing_ids`). After a power cut, a returned event that was only `written` may be gone,
/// and a new event may have its id; a follower that continues at the next id does not return the new event. Use
/// `durability::synced` for trails that are mirrored.
///
/// Damage is reported like damage of the `reader` (see `report` and `take_findings`), and skipped. Bytes at the end of
/// a segment are not damage until a line follows them. A line is reported (`error::id_out_of_order`) and not returned
/// if its id is not above the id of the previous event, or is above the ids of the next lines of its segment.
///
/// If a segment becomes shorter than what was read of it, another program has truncated it. This is reported
/// (`error::ids_missing`), and the segment is read again from its beginning, without the events that were returned
/// before.
///
/// # Cost
///
/// A thread of the library reads the files when the system reports that they changed (inotify; so the trail must be on
/// a local file system). It reads ahead, up to about 1 MiB. Memory and open files are bounded for any content of the
/// trail. In addition, each category needs about 1 KiB, and one watched directory of the user's limit
/// `fs.inotify.max_user_watches`.
#pragma once

#include <audit_trail/detail/api.hpp>
#include <audit_trail/detail/next_operation.hpp>
#include <audit_trail/entry.hpp>
#include <audit_trail/error.hpp>
#include <audit_trail/event_filter.hpp>
#include <audit_trail/read_report.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/deferred.hpp>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

namespace audit_trail {

namespace asio = boost::asio;

class AUDIT_TRAIL_API follower {
 public:
    using executor_type = asio::any_io_executor;

    /// A call without a token returns a deferred operation, which a coroutine can `co_await`.
    using default_token = asio::deferred_t;

    /// Creates a follower without a trail: every call completes with `error::closed`, as after a move.
    follower() noexcept = default;

    /// Starts to follow the trail in `root`, in the background. Does not block; throws only `std::bad_alloc`. Errors of
    /// the opening are reported by `async_next`.
    ///
    /// \param executor       the default for handlers without an associated executor
    /// \param root           a relative path is resolved now. After the directory was opened, the follower follows the
    ///                       opened directory, even if a parent is renamed, or a symbolic link in the path changes
    /// \param filter         the events to return
    /// \param from_event_id  the lowest id to return; 1: from the beginning. If absent: the filter's `min_event_id`. If
    ///                       both are absent: only events that are committed after the follower has opened the trail
    follower(executor_type executor, std::filesystem::path const& root, event_filter filter = {},
             std::optional<std::uint64_t> from_event_id = std::nullopt);

    follower(follower&&) noexcept = default;
    follower& operator=(follower&& other) noexcept;

    /// Stops following. Waiting calls complete with `asio::error::operation_aborted`, on their executors. Does not
    /// block.
    ~follower();

    /// Completes with the next event. Waits until the event is committed.
    ///
    /// Several calls may wait at once. On one executor, they complete in the order of their initiation; on several
    /// executors, in the order in which their handlers run.
    ///
    /// Handler: `void(error_code, audit_trail::entry)`. To decode the payload, call `entry::decode_payload`.
    ///
    /// **Completion.** A handler runs on its associated executor, or on the follower's executor if it has none, and
    /// never inside the initiating call. The executor has outstanding work until the handler is called. The memory of
    /// a handler comes from its associated allocator and is freed before the handler is called.
    ///
    /// **Cancellation.** Terminal, partial and total cancellation have the same effect: a call whose handler has not
    /// been called completes with `asio::error::operation_aborted`, and its event goes to the next call. So no event is
    /// lost in `async_next(…) || timer.async_wait(…)`. No event is lost either if a handler is destroyed without a
    /// call.
    ///
    /// **Errors.** No error loses an event: the next call tries again.
    /// - `error::watch_limit`, `error::watcher_limit`: the system's limit on watched directories or on watchers is
    ///   reached. The message names the limit to raise.
    /// - `error::not_a_trail`: the root is not a directory, or contains files or directories but no index.json, no
    ///   `.lock` and no segment. A root that is empty, or contains only empty directories, is followed.
    /// - The operating system's error if the root cannot be opened (for example, it does not exist), or if the root is
    ///   deleted or moved later. Detecting that an empty root was deleted needs read permission on its parent
    ///   directory.
    /// - The operating system's error if memory or file descriptors run out.
    /// - `asio::error::eof`: no later event can pass the filter's `max_event_id`.
    /// - `asio::error::operation_aborted`: the call was cancelled, or the follower was destroyed.
    /// - `error::forked`: this process is a forked child of the process that created the follower.
    /// - `error::closed`: the follower was default-constructed or moved from.
    /// - `error::no_executor`: the follower was created with an empty executor.
    ///
    /// The call throws `boost::asio::execution::bad_executor` and has no effect if the handler has no associated
    /// executor and the follower has none either.
    ///
    /// **Threads.** Several threads may call this function and the functions below at once. Moving, assigning and
    /// destroying the follower must not overlap another call. No function waits for the disk. Handlers are posted from
    /// a thread of the library, so an `io_context` must not have the concurrency hint
    /// `BOOST_ASIO_CONCURRENCY_HINT_UNSAFE`. All other hints are allowed, for example `io_context(1)`.
    ///
    /// **Lifetimes.** The follower may be moved or destroyed while calls wait. Destroying an execution context destroys
    /// the handlers that wait in it. Then it blocks until the followers that use the context and were destroyed have
    /// stopped reading.
    template <BOOST_ASIO_COMPLETION_TOKEN_FOR(void(error_code, entry)) CompletionToken = default_token>
    auto async_next(CompletionToken&& token = default_token()) {
        return asio::async_initiate<CompletionToken, void(error_code, entry)>(detail::initiate_next{impl_}, token);
    }

    /// Returns the damage found so far, and how much was read. The report may be ahead of the returned events. Its
    /// counts include all findings. `findings` has the findings that `take_findings` has not returned, at most 100 of
    /// each reason. The report is empty if the follower has no trail. Never blocks on the disk.
    read_report report() const;

    /// Removes the findings from the report and returns them, in the order of reading. A process that follows a trail
    /// for a long time should call this function regularly, for example after each event: if the report has 100
    /// findings of a reason, more are only counted. Never blocks on the disk.
    std::vector<read_finding> take_findings();

    /// Returns the executor that the follower was created with. Returns an empty executor if there is no trail, or if
    /// the executor's context was destroyed. May be called while another thread destroys the context.
    executor_type get_executor() const;

 private:
    void close() noexcept;

    std::shared_ptr<detail::follower_impl> impl_;
};

}  // namespace audit_trail
