/// \file
/// Follows a trail, as `tail -F` does a file: gives the events that are there from one id on, then each that comes.
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
/// # What it gives
///
/// The events that pass the filter, of all categories, in the order of their ids, each once. Ids of what one follower
/// gives always increase. So whoever keeps the last id that was seen, and begins another follower behind it, misses
/// nothing and gets nothing twice. Domains, categories and segments may come to be there at any time.
///
/// As with the `reader`, no event is given that may yet be taken back. While a writer has the root, that is up to the
/// id that index.json names; without one, whole lines. A writer may come, go, and be killed meanwhile. An id that was
/// never written, or was lost, is not waited for: as soon as a higher one is committed it is passed over and counted
/// (`read_report::missing_ids`).
///
/// Damage is reported as by the `reader` (see `report` and `take_findings`), and passed over. Bytes at the end of a
/// segment are not damage until a line follows them. A line whose id is not above that of the event given before, or is
/// above the ids of the next lines of its segment, is reported (`error::id_out_of_order`) and not given.
///
/// # Cost
///
/// A thread of the library's reads files, as soon as the system tells that they have changed (inotify; so the trail
/// must lie on a local file system). It reads ahead, up to about a MiB. Memory and open files are bounded whatever the
/// trail holds; beside that, each category takes about a KiB, and one of the directories that this user may watch:
/// `fs.inotify.max_user_watches`.
#pragma once

#include <audit_trail/detail/next_operation.hpp>
#include <audit_trail/entry.hpp>
#include <audit_trail/error.hpp>
#include <audit_trail/event_filter.hpp>
#include <audit_trail/read_report.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

namespace audit_trail {

namespace asio = boost::asio;

class follower {
 public:
    using executor_type = asio::any_io_executor;

    /// Follows nothing: every call completes with `error::closed`. So does a follower that was moved from.
    follower() noexcept = default;

    /// Begins to follow the trail in `root`, in the background: what fails there, `async_next` tells.
    ///
    /// \param executor       the default for handlers that have no associated executor
    /// \param root           a relative path means what it means at this moment. The directory itself is followed from
    ///                       when it was opened: also when a parent is renamed, or a symbolic link of the path then
    ///                       leads elsewhere
    /// \param from_event_id  the lowest id that is given; 1: from the beginning. Absent: the filter's `min_event_id`
    /// or,
    ///                       where that is absent too, only what is committed after the trail was opened, which happens
    ///                       in the background
    follower(executor_type executor, std::filesystem::path const& root, event_filter filter = {},
             std::optional<std::uint64_t> from_event_id = std::nullopt);

    follower(follower&&) noexcept = default;
    follower& operator=(follower&& other) noexcept;

    /// Calls that wait complete with `asio::error::operation_aborted`.
    ~follower();

    /// Gives the next event; waits for it where there is none yet.
    ///
    /// Several calls may wait at once. Those on one executor are answered in the order in which they were initiated; on
    /// several, in whatever order their handlers run.
    ///
    /// Handler: `void(error_code, audit_trail::entry)`. The payload is decoded on demand, `entry::decode_payload`.
    ///
    /// **Completion.** Handlers run on their associated executor (the follower's when they have none), never inside the
    /// initiating call. The executor has outstanding work until the handler is called. A handler's memory comes from
    /// its associated allocator and is given back before the handler is called.
    ///
    /// **Cancellation.** Terminal, partial and total are one: until the handler has been called, it is called with
    /// `asio::error::operation_aborted`, and the event that it would have got is the next call's. So nothing is lost in
    /// `async_next(…) || timer.async_wait(…)`. It is not lost either when the handler is destroyed without having been
    /// called.
    ///
    /// **Errors.** None of them loses an event: the next call tries again.
    /// - `error::watch_limit`, `error::watcher_limit`: the system's limit on watched directories or on watchers is
    ///   reached. The message names the limit to raise.
    /// - `error::not_a_trail`: the root is no directory, or holds other files or directories but no index.json, no
    ///   `.lock` and no segment. A root that is empty, or holds only empty directories, is followed: a writer may come.
    /// - What opening the root gives: the operating system's (no such directory, say; also when
    ///   the root is deleted or moved away later on. To notice that an empty root is deleted takes read permission on
    ///   its parent directory).
    /// - The operating system's when memory or files run out.
    /// - `asio::error::eof`: no event that is still to come could pass the filter's `max_event_id`.
    /// - `asio::error::operation_aborted`: cancelled, or the follower was destroyed.
    /// - `error::forked`: this process is a child of the one that made the follower.
    /// - `error::closed`: the follower was default-constructed or moved from.
    /// - `error::no_executor`: it was given an empty executor.
    ///
    /// A handler without an associated executor can't be called when the follower has no executor either: then the call
    /// throws `boost::asio::execution::bad_executor`.
    ///
    /// **Threads.** This and the functions below may be called from several threads at once; moving, assigning and
    /// destroying the follower may not overlap another call. None of them waits for the disk. Handlers are posted from
    /// a thread of the library's, so an `io_context` must not have the concurrency hint
    /// `BOOST_ASIO_CONCURRENCY_HINT_UNSAFE`; all other hints are allowed, `io_context(1)` among them.
    ///
    /// **Lifetimes.** The follower may be moved and destroyed while calls wait. Destroying an execution context
    /// destroys the handlers that wait in it, then waits until the threads of the followers that belong to it have
    /// ended, where those followers are destroyed already.
    template <BOOST_ASIO_COMPLETION_TOKEN_FOR(void(error_code, entry))
                  CompletionToken = asio::default_completion_token_t<executor_type>>
    auto async_next(CompletionToken&& token = asio::default_completion_token_t<executor_type>()) {
        return asio::async_initiate<CompletionToken, void(error_code, entry)>(detail::initiate_next{impl_}, token);
    }

    /// Damage met so far, and how much was read. The report may be ahead of the events that were given. Its counts are
    /// of all findings; `findings` holds those that `take_findings` has not returned, at most 100 of each reason. Empty
    /// for a follower that follows nothing.
    read_report report() const;

    /// Removes the findings from the report and returns them, in the order in which they were met. A process that
    /// follows for long should call this regularly, for instance after each event: when 100 findings of one reason wait
    /// to be taken, further ones are only counted. Thread safe, never blocks on the disk.
    std::vector<read_finding> take_findings();

    /// The executor that the follower was made with; an empty one without a trail, and after the executor's context was
    /// destroyed. May be called while another thread destroys the context.
    executor_type get_executor() const;

 private:
    void close() noexcept;

    std::shared_ptr<detail::follower_impl> impl_;
};

}  // namespace audit_trail
