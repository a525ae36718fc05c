/// \file
/// Appends events to a trail. A call completes with the numbered event when its line is written or synced.
///
/// # What an acknowledgement promises
///
/// | | `durability::written` | `durability::synced` (the default) |
/// |---|---|---|
/// | after the process is killed | the line is in the trail | the line is in the trail |
/// | after a power cut | the line may be lost, and another event may get its id | the line is in the trail |
///
/// # What is not promised
///
/// - Events that different threads append have no other order than the order of their ids.
/// - After a crash, an append that did not complete may be in the file, as a whole line.
/// - Other programs that tail the files may see lines that are cut back a moment later, when a batch fails. A follower
///   never returns such a line.
///
/// # Rules for every `async_` function
///
/// **Completion.** A handler runs on its associated executor, or on the writer's executor if it has none, and never
/// inside the initiating call. For one executor, handlers are posted in the order of ids; an executor with several
/// threads runs them in parallel. One posted function calls up to 32 handlers: if a handler stops the context, the
/// others of its function may still run. The executor has outstanding work until the handler is called. An exception
/// of a handler leaves `run()` of its executor; the other handlers are still called. The memory of a handler comes from
/// its associated allocator and is freed before the handler is called.
///
/// If an executor throws when the completion is posted (for example `std::bad_alloc`), or discards the posted function,
/// the handlers concerned are destroyed without a call, so their results are not reported: the events may be in the
/// trail. Later completions are posted as usual.
///
/// **Cancellation.** Terminal, partial and total cancellation have the same effect. Until the call is part of a batch,
/// it completes with `asio::error::operation_aborted`, and nothing of it is written. Later, cancellation has no effect.
///
/// **Errors** of every call:
/// - `error::closed`: the writer is closed or closing, or has no trail (default-constructed, moved from, or result of a
///   failed `open`). A second `async_close` has the result of the first.
/// - `error::forked`: this process is a forked child of the process that opened the writer.
/// - After a final failure (for example a failed sync): the operating system's number, in `outcome_unknown_category()`
///   for the events of the batch that failed, in `stopped_category()` for all later events. No later append succeeds:
///   open the trail again.
///
/// A call throws `boost::asio::execution::bad_executor` and has no effect if the handler has no associated executor and
/// the writer has none either, because the writer has no trail or the executor's context was destroyed.
///
/// **Memory.** If memory runs out during a commit, the appends concerned complete with
/// `boost::system::errc::not_enough_memory` (`condition::not_written`), and the writer continues. A flush completes
/// with the same error and may be repeated. If memory runs out while an event is decoded for its handler, the append
/// completes with this number in `outcome_unknown_category()`; the event is in the trail. If memory runs out in the
/// initiating call, the call throws `std::bad_alloc`, and nothing was appended. If a shared disk executor throws, the
/// queued appends and closes complete with `not_enough_memory`; a close may be repeated.
///
/// **Threads.** Several threads may call the functions of one writer at once. Moving, assigning and destroying the
/// writer must not overlap another call. No function waits for the disk, or for a lock that is held during disk I/O,
/// except `open`.
///
/// The writer commits on its disk executor, by default a thread of its own, and posts handlers to their executors from
/// there. So the execution context must allow calls from other threads. An `io_context` allows this with the default
/// concurrency hint, with `io_context(1)` and any other number, with `BOOST_ASIO_CONCURRENCY_HINT_SAFE`, and with
/// `BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO`. With `BOOST_ASIO_CONCURRENCY_HINT_UNSAFE`, the behaviour is undefined: that
/// hint turns off the locks of the handler queue.
///
/// **Lifetimes.** Arguments are passed by value. The handle may be moved or destroyed while calls are outstanding; the
/// calls still complete. Destroying an execution context destroys the handlers that wait in it. Then it blocks until
/// the writers that use the context have committed all admitted events and, if their handle is destroyed, have released
/// the root.
#pragma once

#include <audit_trail/detail/api.hpp>
#include <audit_trail/detail/initiate.hpp>
#include <audit_trail/error.hpp>
#include <audit_trail/event.hpp>
#include <audit_trail/recovery_report.hpp>
#include <audit_trail/writer_options.hpp>
#include <audit_trail/writer_stats.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/execution_context.hpp>
#include <filesystem>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

namespace audit_trail {

namespace asio = boost::asio;

class AUDIT_TRAIL_API writer {
 public:
    using executor_type = asio::any_io_executor;

    /// The token of a call that names none, so that a coroutine can write `co_await trail.async_append(draft)`.
    using default_token = asio::deferred_t;

    /// Creates a writer without a trail: every call completes with `error::closed`, as for a writer that was moved
    /// from.
    writer() noexcept = default;
    writer(writer&&) noexcept = default;

    /// Closes this writer in the background, like the destructor. `other` has no trail afterwards.
    writer& operator=(writer&& other) noexcept;

    /// Closes the writer in the background, like `async_close` without a handler. Does not block.
    ~writer();

    /// Opens the trail in `root`, and repairs the effects of a crash (see `recovery`). Creates the root and its parents
    /// if they do not exist, unless `writer_options::must_exist` is set. Always refuses a root inside another trail.
    /// Blocks on the disk.
    ///
    /// \param executor  the default for handlers without an associated executor; the writer keeps a copy until the
    ///                  executor's context is destroyed
    /// \param root  the trail's directory
    /// \param options  fixed until the writer is closed
    /// \throws boost::system::system_error with the errors of the other overload
    static writer open(executor_type executor, std::filesystem::path root, writer_options options = {});

    /// The same with the executor of an execution context, for example `writer::open(loop, root)` for an `io_context`.
    template <class ExecutionContext>
    requires std::is_convertible_v<ExecutionContext&, asio::execution_context&>
    static writer open(ExecutionContext& context, std::filesystem::path root, writer_options options = {}) {
        return open(executor_type(context.get_executor()), std::move(root), std::move(options));
    }

    /// The same, but reports errors in `ec`, which is cleared on success. After an error, the writer has no trail.
    /// Throws only `std::bad_alloc`.
    ///
    /// Errors: `error::no_executor` for an empty executor; `error::locked`, at once, if another writer has the root, or
    /// if an earlier writer of this process is still closing (it was destroyed, or `async_close` was not awaited);
    /// `error::cannot_save_torn_tail`; `error::not_a_trail`; `error::inside_a_trail`; `error::holds_trails`;
    /// `error::foreign_index`; `error::no_trail`; `error::openat2_unavailable`; `error::id_too_high`; for an option out
    /// of range the error that names the option, for example `error::invalid_max_event_bytes` (also equal to
    /// `std::errc::invalid_argument`); system errors.
    static writer open(executor_type executor, std::filesystem::path root, writer_options options, error_code& ec);

    template <class ExecutionContext>
    requires std::is_convertible_v<ExecutionContext&, asio::execution_context&>
    static writer open(ExecutionContext& context, std::filesystem::path root, writer_options options, error_code& ec) {
        return open(executor_type(context.get_executor()), std::move(root), std::move(options), ec);
    }

    /// Opens the trail like `open`, but on the disk executor. Does not block. Not cancellable.
    ///
    /// Handler: `void(error_code, audit_trail::writer)`; it completes like the handlers of other calls, with `executor`
    /// as the writer's executor. After an error, the writer has no trail. Errors: see `open`. If `executor` is empty
    /// and the handler has no associated executor, throws `boost::asio::execution::bad_executor`.
    template <class CompletionToken = default_token>
    static auto async_open(executor_type executor, std::filesystem::path root, writer_options options = {},
                           CompletionToken&& token = default_token());

    /// Appends one event with `writer_options::durability`. Completes when the event's batch is committed.
    ///
    /// This call validates, encodes and destroys the draft on the caller's thread. An invalid draft gets no id. The
    /// handler gets the event as it is on disk, decoded from its line on the handler's executor.
    ///
    /// Handler: `void(error_code, audit_trail::event)`.
    /// Errors: the first group of `error` for an invalid draft; `error::queue_full`; a system error
    /// (`condition::not_written`; the writer continues) if the disk is full, memory is exhausted, an access right is
    /// missing, or the segment cannot be opened; `error::id_too_high` if all ids up to 2^52 were given;
    /// `error::not_a_trail` if the segment's path is not a regular file, or its directory is not a directory.
    template <BOOST_ASIO_COMPLETION_TOKEN_FOR(void(error_code, event)) CompletionToken = default_token>
    auto async_append(event_draft draft, CompletionToken&& token = default_token()) {
        return asio::async_initiate<CompletionToken, void(error_code, event)>(
            detail::initiate_append<event>{core_, std::nullopt}, token, std::move(draft));
    }

    /// Appends one event with the durability `wanted`. A batch completes its events together, in the order of ids: a
    /// `written` event waits for the sync if its batch has a `synced` event.
    template <BOOST_ASIO_COMPLETION_TOKEN_FOR(void(error_code, event)) CompletionToken = default_token>
    auto async_append(event_draft draft, durability wanted, CompletionToken&& token = default_token()) {
        return asio::async_initiate<CompletionToken, void(error_code, event)>(
            detail::initiate_append<event>{core_, wanted}, token, std::move(draft));
    }

    /// Appends one event like `async_append`, but answers only with id and timestamp. Faster: nothing is decoded.
    ///
    /// Handler: `void(error_code, audit_trail::receipt)`. Errors: see `async_append`.
    template <BOOST_ASIO_COMPLETION_TOKEN_FOR(void(error_code, receipt)) CompletionToken = default_token>
    auto async_record(event_draft draft, CompletionToken&& token = default_token()) {
        return asio::async_initiate<CompletionToken, void(error_code, receipt)>(
            detail::initiate_append<receipt>{core_, std::nullopt}, token, std::move(draft));
    }

    /// Appends one event like `async_record`, with the durability `wanted`.
    template <BOOST_ASIO_COMPLETION_TOKEN_FOR(void(error_code, receipt)) CompletionToken = default_token>
    auto async_record(event_draft draft, durability wanted, CompletionToken&& token = default_token()) {
        return asio::async_initiate<CompletionToken, void(error_code, receipt)>(
            detail::initiate_append<receipt>{core_, wanted}, token, std::move(draft));
    }

    /// Appends several events in one batch, with `writer_options::durability`: all or none. They get successive ids in
    /// the order of the vector. If a draft is invalid, none is appended; the error does not say which draft. An empty
    /// vector completes without an error.
    ///
    /// Handler: `void(error_code, std::vector<audit_trail::event>)`. Errors: see `async_append`; `error::queue_full`
    /// also if the batch alone exceeds `max_pending_events` or `max_pending_bytes`: then sending it again does not
    /// help.
    template <BOOST_ASIO_COMPLETION_TOKEN_FOR(void(error_code, std::vector<event>)) CompletionToken = default_token>
    auto async_append_batch(std::vector<event_draft> drafts, CompletionToken&& token = default_token()) {
        return asio::async_initiate<CompletionToken, void(error_code, std::vector<event>)>(
            detail::initiate_batch{core_}, token, std::move(drafts));
    }

    /// Completes after every append that was initiated earlier. With `durability::synced`, first syncs all lines of
    /// this writer, including lines that were only `written`. Does not report earlier appends that failed.
    ///
    /// Handler: `void(error_code)`.
    /// Errors: a system error if a directory cannot be opened (no file descriptor, no access right) or memory runs out:
    /// then the flush may be repeated; `error::queue_full` if too many flushes are outstanding (1,024 in addition to
    /// the limits on events).
    template <BOOST_ASIO_COMPLETION_TOKEN_FOR(void(error_code)) CompletionToken = default_token>
    auto async_flush(durability wanted, CompletionToken&& token = default_token()) {
        return asio::async_initiate<CompletionToken, void(error_code)>(detail::initiate_flush{core_, wanted}, token);
    }

    /// Closes the writer: admits no more events (`error::closed`), commits and syncs all admitted events, marks the end
    /// as clean and releases the root. Completes after all other calls. A second close has the same result. Not
    /// cancellable.
    ///
    /// Handler: `void(error_code)`. The error is in `outcome_unknown_category()` if closing failed (then the end is not
    /// marked as clean), and in `stopped_category()` if the writer had stopped earlier. The root is released in any
    /// case.
    template <BOOST_ASIO_COMPLETION_TOKEN_FOR(void(error_code)) CompletionToken = default_token>
    auto async_close(CompletionToken&& token = default_token()) {
        return asio::async_initiate<CompletionToken, void(error_code)>(detail::initiate_close{core_}, token);
    }

    /// Returns whether the writer has a trail and no close was initiated. After a final failure, the writer stays open
    /// until it is closed; its appends complete with the failure, and `stats().state` is `stopped`. Never blocks.
    bool is_open() const noexcept;

    /// Returns the state, counters and histograms since the writer was opened; `closed` and zeros without a trail. Never
    /// blocks. Thread safe.
    writer_stats stats() const;

    /// Returns what opening found and repaired; an empty report without a trail. The reference is valid until this
    /// handle is destroyed, moved from or assigned to.
    recovery_report const& recovery() const noexcept;

    /// Returns the executor that the trail was opened with. Returns an empty executor if there is no trail, or if the
    /// executor's context was destroyed. May be called while another thread destroys the context. If the executor is a
    /// strand, destroy the copy before the context is destroyed, like every other copy of the strand.
    executor_type get_executor() const;

 private:
    friend struct detail::answer_traits<writer>;

    explicit writer(std::shared_ptr<detail::writer_core> core) noexcept : core_(std::move(core)) {}
    void release_handle() noexcept;

    std::shared_ptr<detail::writer_core> core_;
};

namespace detail {

AUDIT_TRAIL_API operation* prepare_open(asio::any_io_executor executor, std::filesystem::path root,
                                        writer_options const& options, error_code& ec);

template <>
struct answer_traits<writer> {
    static writer take(operation& op, error_code&) { return writer(std::move(op.opened)); }
};

struct initiate_open {
    template <class Handler>
    void operator()(Handler&& handler, asio::any_io_executor executor, std::filesystem::path root,
                    writer_options options) const {
        error_code ec;
        operation* const op = prepare_open(std::move(executor), std::move(root), options, ec);
        writer_core const* const core = op ? op->core : nullptr;
        start<writer>(core, op, ec, std::forward<Handler>(handler), false);
    }
};

}  // namespace detail

template <class CompletionToken>
auto writer::async_open(executor_type executor, std::filesystem::path root, writer_options options,
                        CompletionToken&& token) {
    return asio::async_initiate<CompletionToken, void(error_code, writer)>(
        detail::initiate_open{}, token, std::move(executor), std::move(root), options);
}

}  // namespace audit_trail
