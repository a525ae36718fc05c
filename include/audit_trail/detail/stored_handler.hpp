/// \file
/// Stores a handler of any type in an operation, which hides the type from the rest of the library.
///
/// An `Operation` has the members `executor`, `context`, `error`, `finish`, `handler`, `inline_handler` and the type
/// `ending`. Its namespace has these functions:
/// - `watch_contexts(op)`: registers the writer or follower with the contexts of the operation; called before `submit`.
/// - `submit(op)`: starts the operation.
/// - `discard(op)`: destroys an operation that was not submitted, because something threw.
/// - `release(op)`: called when the handler has run or was destroyed.
/// - `make_ticket(op)`: returns an object with a function `cancel()`, which may outlive the operation.
///
/// A `Core` is the shared state of a writer or a follower. Its namespace has the function `executor_of(core)`, which
/// returns the default executor, or an empty executor for a null core. It requires that no other thread is destroying
/// the executor's context.
#pragma once

#include <audit_trail/error.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_allocator.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/execution/bad_executor.hpp>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/query.hpp>
#include <boost/throw_exception.hpp>
#include <cstddef>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace audit_trail::detail {

namespace asio = boost::asio;

/// Builds the second argument of a handler: `static Answer take(Operation&, error_code&)`. It may set the error code.
template <class Answer>
struct answer_traits;

/// Releases an operation in `now`, or else in the destructor.
template <class Operation>
class release_guard {
 public:
    explicit release_guard(Operation& op) noexcept : op_(&op) {}
    release_guard(release_guard const&) = delete;
    release_guard& operator=(release_guard const&) = delete;
    ~release_guard() { now(); }

    void now() noexcept {
        if (op_) release(*std::exchange(op_, nullptr));
    }

 private:
    Operation* op_;
};

/// If memory runs out, the event of an append is in the trail. So the error does not say that it was not written.
template <class Answer, class Operation>
Answer take_answer(Operation& op, error_code& ec) {
    if (ec) return Answer();
    try {
        return answer_traits<Answer>::take(op, ec);
    } catch (std::bad_alloc const&) {
        ec = error_code(static_cast<int>(boost::system::errc::not_enough_memory), outcome_unknown_category());
        return Answer();
    }
}

/// Takes the result of the operation, releases the operation, and calls the handler with the result.
template <class Answer, class Operation, class Handler>
void deliver(Handler&& handler, Operation& op, release_guard<Operation>& release) {
    error_code ec = op.error;
    if constexpr (std::is_void_v<Answer>) {
        release.now();
        std::forward<Handler>(handler)(ec);
    } else {
        Answer answer = take_answer<Answer>(op, ec);
        release.now();
        std::forward<Handler>(handler)(ec, std::move(answer));
    }
}

/// A marker type for handlers without an associated executor.
struct no_executor {};

/// Returns the executor that a handler completes on: its associated executor, or else the core's. Does not read the
/// core's executor if the handler has its own: then the core's context may be destroyed by another thread meanwhile.
template <class Handler, class Core>
auto completion_executor(Handler const& handler, Core const* core) {
    using own_executor = asio::associated_executor_t<Handler, no_executor>;
    if constexpr (std::is_same_v<own_executor, no_executor>) {
        return asio::any_io_executor(executor_of(core));
    } else {
        return asio::get_associated_executor(handler);
    }
}

/// Throws if the executor is empty.
template <class Executor>
void require_not_empty(Executor const& executor) {
    if constexpr (std::is_constructible_v<bool, Executor const&>) {
        if (!executor) boost::throw_exception(asio::execution::bad_executor());
    }
}

/// Completes a handler with an error, without an operation. A waiting refusal needs memory only for the handler and the
/// error code: many may wait.
template <class Answer, class Executor, class Handler>
void refuse(Executor const& executor, Handler&& handler, error_code ec) {
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

/// A handler with outstanding work on its executor, stored inside its operation or in memory of the handler's
/// allocator.
template <class Answer, class Operation, class Handler, class Executor>
class stored_handler {
 public:
    static void attach(Operation& op, Handler&& handler, Executor const& executor) {
        op.executor = executor;
        op.context = &asio::query(executor, asio::execution::context);
        op.finish = &finish;
        op.handler = store(op, std::move(handler), executor);
    }

    static void detach(Operation& op) noexcept {
        auto const allocator = asio::get_associated_allocator(held_by(op).handler_);
        destroy(held_by(op), allocator);
    }

    /// Connects the handler's cancellation slot to the operation's ticket.
    static void connect_cancellation(Operation& op) {
        auto slot = asio::get_associated_cancellation_slot(held_by(op).handler_);
        if (!slot.is_connected()) return;
        slot.assign([ticket = make_ticket(op)](asio::cancellation_type type) {
            if (type != asio::cancellation_type::none) ticket.cancel();
        });
    }

 private:
    using work_type = std::decay_t<decltype(asio::prefer(std::declval<Executor const&>(),
                                                         asio::execution::outstanding_work.tracked))>;
    using allocator_type =
        typename std::allocator_traits<asio::associated_allocator_t<Handler>>::template rebind_alloc<stored_handler>;

    stored_handler(Handler&& handler, Executor const& executor)
        : handler_(std::move(handler)), work_(asio::prefer(executor, asio::execution::outstanding_work.tracked)) {}

    static stored_handler& held_by(Operation& op) noexcept { return *static_cast<stored_handler*>(op.handler); }

    static constexpr bool fits_inside() noexcept {
        return std::is_same_v<asio::associated_allocator_t<Handler>, std::allocator<void>> &&
               sizeof(stored_handler) <= Operation::inline_handler_size &&
               alignof(stored_handler) <= alignof(std::max_align_t);
    }

    /// Owns memory of the handler's allocator until the handler is constructed in it.
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

    static void* store(Operation& op, Handler&& handler, Executor const& executor) {
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
        } const destroy_at_exit{held, asio::get_associated_allocator(held.handler_)};
        return std::move(held.handler_);
    }

    /// Frees the handler's memory before the handler is called, so that the handler can reuse it for its next
    /// operation.
    static void finish(Operation& op, typename Operation::ending how) {
        release_guard<Operation> release(op);
        if (how == Operation::ending::abandon) return detach(op);
        [[maybe_unused]] work_type const work(std::move(held_by(op).work_));
        Handler handler(take(held_by(op)));
        if (auto slot = asio::get_associated_cancellation_slot(handler); slot.is_connected()) slot.clear();
        deliver<Answer>(std::move(handler), op, release);
    }

    Handler handler_;
    work_type work_;
};

/// Owns an operation until it is submitted. Discards it if something throws before that.
template <class Answer, class Operation, class Handler, class Executor>
class unsent_operation {
 public:
    explicit unsent_operation(Operation* op) noexcept : op_(op) {}
    unsent_operation(unsent_operation const&) = delete;
    unsent_operation& operator=(unsent_operation const&) = delete;
    ~unsent_operation() {
        if (!op_) return;
        if (attached_) stored::detach(*op_);
        discard(*op_);
    }

    void attach(Handler&& handler, Executor const& executor, bool cancellable) {
        stored::attach(*op_, std::move(handler), executor);
        attached_ = true;
        if (cancellable) stored::connect_cancellation(*op_);
    }

    void send() {
        watch_contexts(*op_);
        submit(*std::exchange(op_, nullptr));
    }

 private:
    using stored = stored_handler<Answer, Operation, Handler, Executor>;

    Operation* op_;
    bool attached_ = false;
};

/// Attaches the handler and submits the operation. If there is no operation, completes the handler with `ec`.
///
/// \throws asio::execution::bad_executor if neither the handler nor the core has an executor; then nothing has happened
template <class Answer, class Core, class Operation, class Handler>
void start(Core const* core, Operation* op, error_code ec, Handler&& handler, bool cancellable) {
    using plain_handler = std::decay_t<Handler>;
    unsent_operation<Answer, Operation, plain_handler, decltype(completion_executor(handler, core))> unsent(op);
    auto const executor = completion_executor(handler, core);
    require_not_empty(executor);
    if (!op) return refuse<Answer>(executor, plain_handler(std::forward<Handler>(handler)), ec);
    unsent.attach(plain_handler(std::forward<Handler>(handler)), executor, cancellable);
    unsent.send();
}

}  // namespace audit_trail::detail
