/// \file
/// From a completion handler to an operation that the writer can hold without knowing the handler's type.
#pragma once

#include <audit_trail/detail/operation.hpp>
#include <audit_trail/event.hpp>
#include <boost/asio/associated_allocator.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/bind_allocator.hpp>
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
// or nothing and the reason. What is not submitted is taken back; what was submitted is recycled once it is done with.
operation* prepare_append(writer_core& core, event_draft& draft, std::optional<durability> wanted, error_code& ec);
operation* prepare_batch(writer_core& core, std::vector<event_draft>& drafts, error_code& ec);
operation* prepare_flush(writer_core& core, durability wanted, error_code& ec);
operation* prepare_close(writer_core& core, error_code& ec);
void watch_contexts(operation const& op);
void submit(operation& op);
void take_back(operation& op) noexcept;
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

/// What stands behind the error code in a handler's arguments.
template <class Answer>
struct answer_traits;

template <>
struct answer_traits<event> {
    static event take(operation& op) { return take_event(op); }
};

template <>
struct answer_traits<receipt> {
    static receipt take(operation& op) { return take_receipt(op); }
};

template <>
struct answer_traits<std::vector<event>> {
    static std::vector<event> take(operation& op) { return take_events(op); }
};

/// Recycles an operation when it is told to, and at the latest when it goes itself.
class recycling {
 public:
    explicit recycling(operation& op) noexcept : op_(&op) {}
    recycling(recycling const&) = delete;
    recycling& operator=(recycling const&) = delete;
    ~recycling() { now(); }

    void now() noexcept {
        if (op_) recycle(*std::exchange(op_, nullptr));
    }

 private:
    operation* op_;
};

/// Calls a handler with what its operation brought, which is recycled before that.
template <class Answer, class Handler>
void deliver(Handler&& handler, operation& op, recycling& recycled) {
    error_code const ec = op.error;
    if constexpr (std::is_void_v<Answer>) {
        recycled.now();
        std::forward<Handler>(handler)(ec);
    } else {
        Answer answer = ec ? Answer() : answer_traits<Answer>::take(op);
        recycled.now();
        std::forward<Handler>(handler)(ec, std::move(answer));
    }
}

/// Completes a handler for which there is no operation. While it waits to be called there is nothing but the handler
/// and the reason: there may be many of them.
template <class Answer, class Handler>
void refuse(asio::any_io_executor const& default_executor, Handler&& handler, error_code ec) {
    auto const executor = asio::get_associated_executor(handler, default_executor);
    auto const allocator = asio::get_associated_allocator(handler);
    auto refusal = [handler = std::forward<Handler>(handler), ec]() mutable {
        if constexpr (std::is_void_v<Answer>) {
            std::move(handler)(ec);
        } else {
            std::move(handler)(ec, Answer());
        }
    };
    asio::post(executor, asio::bind_allocator(allocator, std::move(refusal)));
}

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

    static void detach(operation& op) noexcept {
        auto const allocator = asio::get_associated_allocator(held_by(op).handler_);
        destroy(held_by(op), allocator);
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

    /// Memory of the handler's allocator in which nothing stands yet.
    class vacant_memory {
     public:
        explicit vacant_memory(Handler const& handler)
            : allocator_(asio::get_associated_allocator(handler)), place_(std::to_address(allocator_.allocate(1))) {}
        vacant_memory(vacant_memory const&) = delete;
        vacant_memory& operator=(vacant_memory const&) = delete;
        ~vacant_memory() {
            if (place_) allocator_.deallocate(place_, 1);
        }

        void* get() const noexcept { return place_; }
        void occupied() noexcept { place_ = nullptr; }

     private:
        allocator_type allocator_;
        stored_handler* place_;
    };

    static void* store(operation& op, Handler&& handler, executor_type const& executor) {
        if constexpr (fits_inside()) {
            return ::new (static_cast<void*>(op.inline_handler)) stored_handler(std::move(handler), executor);
        } else {
            vacant_memory memory(handler);
            void* const held = ::new (memory.get()) stored_handler(std::move(handler), executor);
            memory.occupied();
            return held;
        }
    }

    static void destroy(stored_handler& held, asio::associated_allocator_t<Handler> const& of_handler) noexcept {
        held.~stored_handler();
        if constexpr (!fits_inside()) allocator_type(of_handler).deallocate(&held, 1);
    }

    /// Moves the handler out and frees its memory, also when the move throws.
    static Handler take(stored_handler& held) {
        struct destroyed_at_exit {
            stored_handler& held;
            asio::associated_allocator_t<Handler> const allocator;
            ~destroyed_at_exit() { destroy(held, allocator); }
        } const afterwards{held, asio::get_associated_allocator(held.handler_)};
        return std::move(held.handler_);
    }

    /// The memory is free before the handler runs, so that what it starts can have the memory again.
    static void finish(operation& op, operation::ending how) {
        recycling recycled(op);
        if (how == operation::ending::abandon) return detach(op);
        work_type const work(std::move(held_by(op).work_));
        Handler handler(take(held_by(op)));
        if (auto slot = asio::get_associated_cancellation_slot(handler); slot.is_connected()) slot.clear();
        deliver<Answer>(std::move(handler), op, recycled);
    }

    Handler handler_;
    work_type work_;
};

/// An operation that gets its handler and is then submitted; taken back when something throws before that.
template <class Answer, class Handler>
class unsent_operation {
 public:
    explicit unsent_operation(operation& op) noexcept : op_(&op) {}
    unsent_operation(unsent_operation const&) = delete;
    unsent_operation& operator=(unsent_operation const&) = delete;
    ~unsent_operation() {
        if (!op_) return;
        if (attached_) stored::detach(*op_);
        take_back(*op_);
    }

    void attach(Handler&& handler, asio::any_io_executor const& default_executor, bool cancellable) {
        stored::attach(*op_, std::move(handler), default_executor);
        attached_ = true;
        if (cancellable) stored::connect_cancellation(*op_);
    }

    void send() {
        watch_contexts(*op_);
        submit(*std::exchange(op_, nullptr));
    }

 private:
    using stored = stored_handler<Answer, Handler>;

    operation* op_;
    bool attached_ = false;
};

/// Attaches a handler and sends the operation off, or completes the handler with the reason why there is none.
template <class Answer, class Handler>
void start(writer_core const& core, operation* op, error_code ec, Handler&& handler, bool cancellable) {
    using plain_handler = std::decay_t<Handler>;
    if (!op) return refuse<Answer>(executor_of(core), plain_handler(std::forward<Handler>(handler)), ec);
    unsent_operation<Answer, plain_handler> unsent(*op);
    unsent.attach(plain_handler(std::forward<Handler>(handler)), executor_of(core), cancellable);
    unsent.send();
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
