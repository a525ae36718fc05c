/// \file
/// From a completion handler to an operation that the writer can hold without knowing the handler's type.
#pragma once

#include <audit_trail/detail/operation.hpp>
#include <audit_trail/event.hpp>
#include <boost/asio/append.hpp>
#include <boost/asio/associated_allocator.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/query.hpp>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace audit_trail::detail {

// What the templates below ask of the writer. Each `prepare_` gives an operation to which a handler is then attached,
// or nothing and the reason.
operation* prepare_append(writer_core& core, event_draft& draft, std::optional<durability> wanted, error_code& ec);
operation* prepare_batch(writer_core& core, std::vector<event_draft>& drafts, error_code& ec);
operation* prepare_flush(writer_core& core, durability wanted, error_code& ec);
operation* prepare_close(writer_core& core, error_code& ec);
void submit(operation& op);
void recycle(operation& op) noexcept;
asio::any_io_executor const& executor_of(writer_core const& core) noexcept;

/// Handed out where a cancellation slot is connected; outlives the operation safely.
class cancellation_ticket {
 public:
    explicit cancellation_ticket(operation& op);
    void cancel() const;

 private:
    std::shared_ptr<writer_core> core_;
    operation* op_;
    std::uint64_t queued_phase_;
};

// The answers, made on the handler's executor.
event take_event(operation const& op);
receipt take_receipt(operation const& op) noexcept;
std::vector<event> take_events(operation const& op);

/// How an answer becomes the handler's arguments after the error code.
template <class Answer>
struct answer_traits;

template <>
struct answer_traits<event> {
    template <class Handler>
    static void deliver(Handler&& handler, operation& op) {
        error_code const ec = op.error;
        event answer = ec ? event() : take_event(op);
        recycle(op);
        std::forward<Handler>(handler)(ec, std::move(answer));
    }
    template <class Executor, class Handler>
    static void refuse(Executor const& executor, Handler&& handler, error_code ec) {
        asio::post(executor, asio::append(std::forward<Handler>(handler), ec, event()));
    }
};

template <>
struct answer_traits<receipt> {
    template <class Handler>
    static void deliver(Handler&& handler, operation& op) {
        error_code const ec = op.error;
        receipt const answer = ec ? receipt() : take_receipt(op);
        recycle(op);
        std::forward<Handler>(handler)(ec, answer);
    }
    template <class Executor, class Handler>
    static void refuse(Executor const& executor, Handler&& handler, error_code ec) {
        asio::post(executor, asio::append(std::forward<Handler>(handler), ec, receipt()));
    }
};

template <>
struct answer_traits<std::vector<event>> {
    template <class Handler>
    static void deliver(Handler&& handler, operation& op) {
        error_code const ec = op.error;
        std::vector<event> answer = ec ? std::vector<event>() : take_events(op);
        recycle(op);
        std::forward<Handler>(handler)(ec, std::move(answer));
    }
    template <class Executor, class Handler>
    static void refuse(Executor const& executor, Handler&& handler, error_code ec) {
        asio::post(executor, asio::append(std::forward<Handler>(handler), ec, std::vector<event>()));
    }
};

template <>
struct answer_traits<void> {
    template <class Handler>
    static void deliver(Handler&& handler, operation& op) {
        error_code const ec = op.error;
        recycle(op);
        std::forward<Handler>(handler)(ec);
    }
    template <class Executor, class Handler>
    static void refuse(Executor const& executor, Handler&& handler, error_code ec) {
        asio::post(executor, asio::append(std::forward<Handler>(handler), ec));
    }
};

/// A handler inside (or beside) its operation, with work outstanding on its executor.
template <class Answer, class Handler>
class stored_handler {
 public:
    static void attach(operation& op, Handler&& handler, asio::any_io_executor const& default_executor) {
        auto const executor = asio::get_associated_executor(handler, default_executor);
        op.executor = executor;
        op.context = &asio::query(executor, asio::execution::context);
        op.finish = &finish;
        op.handler = store(op, std::move(handler), executor);
    }

    /// Lets a signal reach the operation as long as no batch has it.
    static void connect_cancellation(operation& op) {
        auto slot = asio::get_associated_cancellation_slot(held_by(op).handler_);
        if (!slot.is_connected()) return;
        slot.assign([ticket = cancellation_ticket(op)](asio::cancellation_type type) {
            if (type != asio::cancellation_type::none) ticket.cancel();
        });
    }

 private:
    using executor_type = asio::associated_executor_t<Handler, asio::any_io_executor>;
    using work_type = std::decay_t<decltype(asio::prefer(std::declval<executor_type const&>(),
                                                         asio::execution::outstanding_work.tracked))>;
    using allocator_type =
        typename std::allocator_traits<asio::associated_allocator_t<Handler>>::template rebind_alloc<stored_handler>;

    stored_handler(Handler&& handler, executor_type const& executor)
        : handler_(std::move(handler)), work_(asio::prefer(executor, asio::execution::outstanding_work.tracked)) {}

    static stored_handler& held_by(operation& op) noexcept { return *static_cast<stored_handler*>(op.handler); }

    static constexpr bool fits_inside() noexcept {
        return std::is_same_v<asio::associated_allocator_t<Handler>, std::allocator<void>> &&
               sizeof(stored_handler) <= operation::inline_handler_size &&
               alignof(stored_handler) <= alignof(std::max_align_t);
    }

    static void* store(operation& op, Handler&& handler, executor_type const& executor) {
        if constexpr (fits_inside()) {
            return ::new (static_cast<void*>(op.inline_handler)) stored_handler(std::move(handler), executor);
        } else {
            allocator_type allocator(asio::get_associated_allocator(handler));
            void* const place = std::to_address(allocator.allocate(1));
            return ::new (place) stored_handler(std::move(handler), executor);
        }
    }

    /// Frees the memory before the handler runs, so that what it starts can have the memory again.
    static void free_memory(stored_handler* held, Handler const& handler) {
        held->~stored_handler();
        if constexpr (!fits_inside()) {
            allocator_type allocator(asio::get_associated_allocator(handler));
            allocator.deallocate(held, 1);
        }
    }

    static void finish(operation& op, operation::ending how) {
        stored_handler& held = held_by(op);
        Handler handler(std::move(held.handler_));
        work_type const work(std::move(held.work_));
        free_memory(&held, handler);
        if (how == operation::ending::abandon) return recycle(op);
        if (auto slot = asio::get_associated_cancellation_slot(handler); slot.is_connected()) slot.clear();
        answer_traits<Answer>::deliver(std::move(handler), op);
    }

    Handler handler_;
    work_type work_;
};

/// Attaches a handler and sends the operation off, or completes the handler with the reason why there is none.
template <class Answer, class Handler>
void start(writer_core const& core, operation* op, error_code ec, Handler&& handler, bool cancellable) {
    using plain_handler = std::decay_t<Handler>;
    plain_handler taken(std::forward<Handler>(handler));
    asio::any_io_executor const& default_executor = executor_of(core);
    if (!op) {
        auto const executor = asio::get_associated_executor(taken, default_executor);
        return answer_traits<Answer>::refuse(executor, std::move(taken), ec);
    }
    stored_handler<Answer, plain_handler>::attach(*op, std::move(taken), default_executor);
    if (cancellable) stored_handler<Answer, plain_handler>::connect_cancellation(*op);
    submit(*op);
}

/// What `async_initiate` runs. Holds the writer's shared state, so that a deferred call may outlive the handle.
template <class Answer>
struct initiate_append {
    std::shared_ptr<writer_core> core;
    std::optional<durability> wanted;

    template <class Handler>
    void operator()(Handler&& handler, event_draft&& draft) const {
        error_code ec;
        operation* const op = prepare_append(*core, draft, wanted, ec);
        start<Answer>(*core, op, ec, std::forward<Handler>(handler), true);
    }

    /// A deferred call that is made more than once keeps its draft.
    template <class Handler>
    void operator()(Handler&& handler, event_draft const& draft) const {
        operator()(std::forward<Handler>(handler), event_draft(draft));
    }
};

struct initiate_batch {
    std::shared_ptr<writer_core> core;

    template <class Handler>
    void operator()(Handler&& handler, std::vector<event_draft> drafts) const {
        error_code ec;
        operation* const op = prepare_batch(*core, drafts, ec);
        start<std::vector<event>>(*core, op, ec, std::forward<Handler>(handler), true);
    }
};

struct initiate_flush {
    std::shared_ptr<writer_core> core;
    durability wanted;

    template <class Handler>
    void operator()(Handler&& handler) const {
        error_code ec;
        operation* const op = prepare_flush(*core, wanted, ec);
        start<void>(*core, op, ec, std::forward<Handler>(handler), true);
    }
};

struct initiate_close {
    std::shared_ptr<writer_core> core;

    template <class Handler>
    void operator()(Handler&& handler) const {
        error_code ec;
        operation* const op = prepare_close(*core, ec);
        start<void>(*core, op, ec, std::forward<Handler>(handler), false);
    }
};

}  // namespace audit_trail::detail
