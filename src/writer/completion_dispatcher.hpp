/// \file
/// Posts completed operations to the executors of their handlers. Handles the destruction of execution contexts.
#pragma once

#include <array>
#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution_context.hpp>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <vector>

#include "async/context_registry.hpp"
#include "writer/completion_run.hpp"
#include "writer/operation_list.hpp"
#include "writer/step_schedule.hpp"
#include "writer/submission_queue.hpp"

namespace audit_trail::detail {

/// Keeps no state per executor, except a reference to the last run while its handlers wait: operations of the next
/// batches join that run, without another post, if they have the same executor.
///
/// Thread safe, unless a function requires the step.
class completion_dispatcher {
 public:
    /// Adds the guest to the registry of the executor's context, so that it is called when the context is destroyed.
    /// Requires: the context is not being destroyed.
    void watch(asio::execution_context& context, asio::any_io_executor const& executor,
               std::shared_ptr<context_guest> const& guest);

    /// Posts the operations in their order. `taken` is the number of operations that have left the submission queue
    /// since the beginning. Requires: the caller runs the step, or no step can run.
    void complete(operation_list&& done, std::uint64_t taken, std::shared_ptr<void> const& owner);

    /// Calls `post`, unless the context is being destroyed. It is not destroyed meanwhile. What `post` posts comes after
    /// the handlers that were completed before, and before those that are completed later. Requires: the caller runs
    /// the step.
    template <class Function>
    void while_in_use(asio::execution_context* context, Function const& post) {
        seal_last_run();
        if (posting const allowed(*this, context); allowed) post();
    }

    /// Records that the opening of the trail has finished, with or without an error.
    void opened();

    /// Records that the writer has ended: no call of `complete` follows.
    void ended();

    /// Destroys the completed handlers of a context that is being destroyed. Returns when all operations of the queue
    /// were taken and completed; if the queue is closed, when the writer has ended. From the first call on, no handler
    /// is posted to the context. May be called several times.
    ///
    /// Claims and runs steps that were posted but have not begun: the threads that would run them may not exist any
    /// more.
    void forget(asio::execution_context const& context, submission_queue const& queue, step_schedule& schedule,
                std::function<void()> const& run_step);

    /// Tells the threads in `forget` that a step was posted.
    void step_posted() noexcept;

    /// Erases the context: nothing uses it any more. Its memory may be reused by another context.
    void drop(asio::execution_context const& context);

    /// Called by the destructor of the guest.
    void leave_registries(context_guest const& guest) noexcept;

    // Called around a fork. In the child, the mutex is unlocked, and no executor is in the middle of a post of
    // `complete`.
    void before_fork() noexcept;
    void after_fork() noexcept { mutex_.unlock(); }

 private:
    struct known_context {
        asio::execution_context* context;
        std::shared_ptr<context_registry> registry;
    };
    struct dying_context {
        asio::execution_context const* context;
        operation_list orphans;  // completed, but cannot be posted; `forget` destroys their handlers
    };

    /// While the object exists and converts to true, the context is not destroyed. Converts to false if the context is
    /// being destroyed. Requires: the caller runs the step.
    class posting {
     public:
        posting(completion_dispatcher& dispatcher, asio::execution_context* context);
        posting(posting const&) = delete;
        posting& operator=(posting const&) = delete;
        ~posting();
        explicit operator bool() const noexcept { return may_post_; }

     private:
        completion_dispatcher& dispatcher_;
        bool const may_post_;
    };

    /// A cache that finds known contexts without a lock.
    std::atomic<asio::execution_context*>& shortcut_to(asio::execution_context const& context) noexcept;

    bool begin_posting(asio::execution_context* context);
    void complete_run(operation_list&& done, std::shared_ptr<void> const& owner);
    void post(operation_list&& done, std::shared_ptr<void> const& owner);
    void seal_last_run();
    void add_orphans(asio::execution_context const* context, operation_list&& orphans);

    bool is_known(asio::execution_context const& context) const;
    dying_context* find_dying(asio::execution_context const* context);
    dying_context& begin_dying(asio::execution_context const* context);

    std::array<std::atomic<asio::execution_context*>, 16> shortcuts_{};

    // Used only by the step.
    std::weak_ptr<completion_run> last_run_;
    asio::execution_context* last_context_ = nullptr;  // of the last run

    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<known_context> known_;
    std::list<dying_context> dying_;
    asio::execution_context* posting_to_ = nullptr;  // of the `posting` object, if any
    std::uint64_t taken_ = 0;                        // of the last `complete`
    bool opened_ = false;
    bool ended_ = false;
};

}  // namespace audit_trail::detail
