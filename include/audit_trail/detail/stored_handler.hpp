/// \file
/// From a handler of any type to an operation that the library can hold without knowing that type.
///
/// An `Operation` has the members `executor`, `context`, `error`, `finish`, `handler`, `inline_handler` and the type
/// `ending`; beside it stand, found by its namespace: `watch_contexts(op)` and then `submit(op)`; `take_back(op)`, when
/// something throws before that; `recycle(op)`, when it is done with; and `make_ticket(op)`, which gives what a
/// cancellation slot may hold longer than the operation lives.
#pragma once

#include <audit_trail/error.hpp>
#include <boost/asio/any_io_executor.hpp>
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
#include <cstddef>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace audit_trail::detail {

namespace asio = boost::asio;

/// What stands behind the error code in a handler's arguments: `static Answer take(Operation&, error_code&)`, which may
/// fail.
template <class Answer>
struct answer_traits;

/// Recycles an operation when it is told to, and at the latest when it goes itself.
template <class Operation>
class recycling {
 public:
    explicit recycling(Operation& op) noexcept : op_(&op) {}
    recycling(recycling const&) = delete;
    recycling& operator=(recycling const&) = delete;
    ~recycling() { now(); }

    void now() noexcept {
        if (op_) recycle(*std::exchange(op_, nullptr));
    }

 private:
    Operation* op_;
};

/// Calls a handler with what its operation brought, which is recycled before that.
template <class Answer, class Operation, class Handler>
void deliver(Handler&& handler, Operation& op, recycling<Operation>& recycled) {
    error_code ec = op.error;
    if constexpr (std::is_void_v<Answer>) {
        recycled.now();
        std::forward<Handler>(handler)(ec);
    } else {
        Answer answer = ec ? Answer() : answer_traits<Answer>::take(op, ec);
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
template <class Answer, class Operation, class Handler>
class stored_handler {
 public:
    static void attach(Operation& op, Handler&& handler, asio::any_io_executor const& default_executor) {
        auto const executor = asio::get_associated_executor(handler, default_executor);
        op.executor = executor;
        op.context = &asio::query(executor, asio::execution::context);
        op.finish = &finish;
        op.handler = store(op, std::move(handler), executor);
    }

    static void detach(Operation& op) noexcept {
        auto const allocator = asio::get_associated_allocator(held_by(op).handler_);
        destroy(held_by(op), allocator);
    }

    /// Lets a signal reach the operation; what that does is for the ticket to say.
    static void connect_cancellation(Operation& op) {
        auto slot = asio::get_associated_cancellation_slot(held_by(op).handler_);
        if (!slot.is_connected()) return;
        slot.assign([ticket = make_ticket(op)](asio::cancellation_type type) {
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

    static stored_handler& held_by(Operation& op) noexcept { return *static_cast<stored_handler*>(op.handler); }

    static constexpr bool fits_inside() noexcept {
        return std::is_same_v<asio::associated_allocator_t<Handler>, std::allocator<void>> &&
               sizeof(stored_handler) <= Operation::inline_handler_size &&
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

    static void* store(Operation& op, Handler&& handler, executor_type const& executor) {
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
    static void finish(Operation& op, typename Operation::ending how) {
        recycling<Operation> recycled(op);
        if (how == Operation::ending::abandon) return detach(op);
        [[maybe_unused]] work_type const work(std::move(held_by(op).work_));
        Handler handler(take(held_by(op)));
        if (auto slot = asio::get_associated_cancellation_slot(handler); slot.is_connected()) slot.clear();
        deliver<Answer>(std::move(handler), op, recycled);
    }

    Handler handler_;
    work_type work_;
};

/// An operation that gets its handler and is then submitted; taken back when something throws before that.
template <class Answer, class Operation, class Handler>
class unsent_operation {
 public:
    explicit unsent_operation(Operation& op) noexcept : op_(&op) {}
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
    using stored = stored_handler<Answer, Operation, Handler>;

    Operation* op_;
    bool attached_ = false;
};

/// Attaches a handler and sends the operation off, or completes the handler with the reason why there is none.
template <class Answer, class Operation, class Handler>
void start(asio::any_io_executor const& default_executor, Operation* op, error_code ec, Handler&& handler,
           bool cancellable) {
    using plain_handler = std::decay_t<Handler>;
    if (!op) return refuse<Answer>(default_executor, plain_handler(std::forward<Handler>(handler)), ec);
    unsent_operation<Answer, Operation, plain_handler> unsent(*op);
    unsent.attach(plain_handler(std::forward<Handler>(handler)), default_executor, cancellable);
    unsent.send();
}

}  // namespace audit_trail::detail
