/// \file
/// The writer: hands in drafts, gets numbered events back once their lines are safe.
///
/// # What an acknowledgement promises
///
/// | | `durability::written` | `durability::synced` (the default) |
/// |---|---|---|
/// | the process is killed | the line stays | the line stays |
/// | the machine loses power | the line may be lost, and its id be given again | the line stays |
///
/// # What is not promised
///
/// - Events of different threads have no order but that of their ids.
/// - An append that has not completed may still be in the file after a crash, as a whole line.
/// - Other programs that tail the files may see lines that are cut back a moment later, when a batch fails. A follower
///   never gives such a line.
///
/// # For every `async_` function
///
/// **Completion.** Handlers run on their associated executor (the writer's when they have none), never inside the
/// initiating call, and for one executor in the order of ids. An executor with several threads runs them in parallel.
/// A few handlers share one posted function: a context that one of them stops may run the others first. The executor
/// has outstanding work until the handler is called. A handler that throws takes the exception out of its executor's
/// `run()`; the other handlers are called all the same. Memory for a handler comes from its associated allocator and is
/// given back before the handler is called.
///
/// An executor that throws when the completion is posted (for want of memory, say), or discards what it is given, has
/// the handlers concerned destroyed without a call. Their events are in the trail, and later completions are posted as
/// before.
///
/// **Cancellation.** Terminal, partial and total are one: the call completes with `asio::error::operation_aborted` and
/// nothing of it is written, as long as no batch has taken it; later a cancellation has no effect.
///
/// **Errors** that every call may get: `error::closed`, also for a writer without a trail (default-constructed, moved
/// from, or given by an `open` that failed); `error::forked`; after the disk failed for good, the operating
/// system's number in `outcome_unknown_category()` for the events that were being written, in `stopped_category()` for
/// all later ones. Then no append succeeds any more: open the trail again. A handler without an associated executor
/// can't be called when the writer has no executor either, because it has no trail or because the executor's context
/// was destroyed: then the call throws `boost::asio::execution::bad_executor` and nothing has happened.
///
/// **Memory.** When memory runs out on the library's own threads, the appends that needed it complete with
/// `boost::system::errc::not_enough_memory` (`condition::not_written`), and the writer goes on; a flush or close
/// completes with the same error, and the flush may be repeated. In the initiating call `std::bad_alloc` reaches the
/// caller, and nothing was appended. What cannot be handled: memory that runs out while a completion is posted to its
/// executor. That handler is destroyed without being called, and its event may be in the trail.
///
/// **Threads.** The functions of one writer may be called from several threads at once; moving, assigning and
/// destroying it may not overlap another call. None of them waits for the disk, or for a lock that is held during disk
/// I/O, except `open`.
///
/// The library completes calls from threads of its own: it posts to the handler's executor from there. So the execution
/// context must allow calls from other threads. An `io_context` does with the default concurrency hint, with
/// `io_context(1)` and any other number, and with `BOOST_ASIO_CONCURRENCY_HINT_SAFE` and
/// `BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO`. It does not with `BOOST_ASIO_CONCURRENCY_HINT_UNSAFE`, which turns off the
/// locking of the queue of handlers: that is undefined behaviour.
///
/// **Lifetimes.** Arguments are taken by value. The handle may be moved and destroyed while calls are outstanding: they
/// complete all the same. Destroying an execution context destroys the handlers that wait in it, then blocks until the
/// writers that belong to it have committed what they had let in and, where the handle is gone too, have released
/// the root.
#pragma once

#include <audit_trail/detail/initiate.hpp>
#include <audit_trail/error.hpp>
#include <audit_trail/event.hpp>
#include <audit_trail/recovery_report.hpp>
#include <audit_trail/writer_options.hpp>
#include <audit_trail/writer_stats.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <filesystem>
#include <memory>
#include <utility>
#include <vector>

namespace audit_trail {

namespace asio = boost::asio;

class writer {
 public:
    using executor_type = asio::any_io_executor;

    /// Has no trail: every call completes with `error::closed`. So does a writer that was moved from.
    writer() noexcept = default;
    writer(writer&&) noexcept = default;
    writer& operator=(writer&& other) noexcept;

    /// Lets in no more, and in the background commits, syncs, marks the end clean and releases the root.
    ~writer();

    /// Opens the trail in `root`, which is created (with its parents) when it does not exist, and recovers what an
    /// unclean end left. Blocks on the disk. `writer_options::must_exist` refuses to create; a root inside another
    /// trail is always refused.
    ///
    /// \param executor  the default for handlers that have no associated executor; the writer holds a copy until the
    ///                  executor's context is destroyed
    /// \throws boost::system::system_error with what the other overload gives
    static writer open(executor_type executor, std::filesystem::path root, writer_options options = {});

    /// The same, without an exception.
    ///
    /// Errors: `error::no_executor` for an empty executor; `error::locked` at once when another writer has the root, or
    /// when a writer of this process that was destroyed, or closed without awaiting `async_close`, is still closing;
    /// `error::cannot_save_torn_tail`; `error::not_a_trail`; `error::inside_a_trail`; `error::no_trail`;
    /// `error::openat2_unavailable`; for an option out of its range the error that names the option, such as
    /// `error::invalid_max_event_bytes` (equal to `std::errc::invalid_argument` too); the operating system's.
    static writer open(executor_type executor, std::filesystem::path root, writer_options options, error_code& ec);

    /// Opens the trail on a thread of the library's.
    ///
    /// Handler: `void(error_code, audit_trail::writer)`; without a trail when there is an error. Not cancellable.
    template <class CompletionToken>
    static auto async_open(executor_type executor, std::filesystem::path root, writer_options options,
                           CompletionToken&& token);

    /// Appends one event with `writer_options::durability`.
    ///
    /// The draft is checked, encoded and destroyed on the caller's thread, inside this call; what is invalid gets no
    /// id. The event that comes back is the one on disk, read back from its line on the handler's executor.
    ///
    /// Handler: `void(error_code, audit_trail::event)`.
    /// Errors: the first group of `error` for an invalid draft; `error::queue_full`; the operating system's for a batch
    /// that met a full disk, exhausted memory, a directory without access rights or the like, and for a segment that
    /// cannot be opened (`condition::not_written`: the writer goes on, and so may you); `error::not_a_trail` for a
    /// segment whose place something else has.
    template <BOOST_ASIO_COMPLETION_TOKEN_FOR(void(error_code, event)) CompletionToken>
    auto async_append(event_draft draft, CompletionToken&& token) {
        return asio::async_initiate<CompletionToken, void(error_code, event)>(
            detail::initiate_append<event>{core_, std::nullopt}, token, std::move(draft));
    }

    /// Appends one event with a durability of its own. A batch acknowledges in the order of ids, so `written` beside
    /// `synced` events may wait for their sync.
    template <BOOST_ASIO_COMPLETION_TOKEN_FOR(void(error_code, event)) CompletionToken>
    auto async_append(event_draft draft, durability wanted, CompletionToken&& token) {
        return asio::async_initiate<CompletionToken, void(error_code, event)>(
            detail::initiate_append<event>{core_, wanted}, token, std::move(draft));
    }

    /// The same append with the lean answer: id and timestamp alone, which costs no parsing.
    ///
    /// Handler: `void(error_code, audit_trail::receipt)`.
    template <BOOST_ASIO_COMPLETION_TOKEN_FOR(void(error_code, receipt)) CompletionToken>
    auto async_record(event_draft draft, CompletionToken&& token) {
        return asio::async_initiate<CompletionToken, void(error_code, receipt)>(
            detail::initiate_append<receipt>{core_, std::nullopt}, token, std::move(draft));
    }

    /// `async_record` with a durability of its own.
    template <BOOST_ASIO_COMPLETION_TOKEN_FOR(void(error_code, receipt)) CompletionToken>
    auto async_record(event_draft draft, durability wanted, CompletionToken&& token) {
        return asio::async_initiate<CompletionToken, void(error_code, receipt)>(
            detail::initiate_append<receipt>{core_, wanted}, token, std::move(draft));
    }

    /// Appends several events, which get adjoining ids in the order given and are committed in one batch: all or none.
    /// One invalid draft refuses them all. An empty vector completes without an error.
    ///
    /// Handler: `void(error_code, std::vector<audit_trail::event>)`.
    template <BOOST_ASIO_COMPLETION_TOKEN_FOR(void(error_code, std::vector<event>)) CompletionToken>
    auto async_append_batch(std::vector<event_draft> drafts, CompletionToken&& token) {
        return asio::async_initiate<CompletionToken, void(error_code, std::vector<event>)>(
            detail::initiate_batch{core_}, token, std::move(drafts));
    }

    /// Completes when every append that was initiated before it has completed or failed and, with `durability::synced`,
    /// all lines of this writer are on stable storage, those that were only `written` included.
    ///
    /// Handler: `void(error_code)`.
    /// Errors: the operating system's when a directory could not be opened (no file descriptor, no access rights) or
    /// memory ran out; flush again.
    template <BOOST_ASIO_COMPLETION_TOKEN_FOR(void(error_code)) CompletionToken>
    auto async_flush(durability wanted, CompletionToken&& token) {
        return asio::async_initiate<CompletionToken, void(error_code)>(detail::initiate_flush{core_, wanted}, token);
    }

    /// Lets in no more (`error::closed`), commits all that was let in, syncs it, marks the end clean and releases the
    /// root. Completes last of all. A second close completes with the same result. Not cancellable.
    ///
    /// Handler: `void(error_code)`; the error is that of the last sync, or that which had stopped the writer.
    template <BOOST_ASIO_COMPLETION_TOKEN_FOR(void(error_code)) CompletionToken>
    auto async_close(CompletionToken&& token) {
        return asio::async_initiate<CompletionToken, void(error_code)>(detail::initiate_close{core_}, token);
    }

    /// Whether the writer has a trail and no close was initiated. A trail that failed for good stays open until it is
    /// closed; its appends say why.
    bool is_open() const noexcept;

    /// Counters and histograms up to now; all zero without a trail.
    writer_stats stats() const;

    /// What opening found; an empty report without a trail. The reference lives as long as this handle is not
    /// destroyed, moved from or assigned to.
    recovery_report const& recovery() const noexcept;

    /// The executor that the trail was opened with; an empty one without a trail, and after the executor's context was
    /// destroyed. May be called while another thread destroys the context. The copy that it gives must go before the
    /// context does where it is a strand, as any other copy of that strand.
    executor_type get_executor() const;

 private:
    friend struct detail::answer_traits<writer>;

    explicit writer(std::shared_ptr<detail::writer_core> core) noexcept : core_(std::move(core)) {}
    void let_go() noexcept;

    std::shared_ptr<detail::writer_core> core_;
};

namespace detail {

operation* prepare_open(asio::any_io_executor executor, std::filesystem::path root, writer_options const& options,
                        error_code& ec);

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
