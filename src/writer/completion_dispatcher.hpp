/// \file
/// Brings completed operations to the executors of their handlers, also while contexts are destroyed.
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
#include "writer/operation_chain.hpp"
#include "writer/step_schedule.hpp"
#include "writer/submission_queue.hpp"

namespace audit_trail::detail {

/// Keeps nothing for an executor but the last run, as long as its handlers wait: so the handlers of following batches
/// are called after them without another post.
class completion_dispatcher {
 public:
    /// Any thread, while an operation is initiated: from now on the guest learns of the end of the executor's context.
    void watch(asio::execution_context& context, asio::any_io_executor const& executor,
               std::shared_ptr<context_guest> const& guest);

    /// Commit thread. Completes `done` in its order; `taken` operations have now left the inbox.
    void complete(operation_chain&& done, std::uint64_t taken, std::shared_ptr<void> const& owner);

    /// Commit thread: the trail is open, or could not be opened.
    void opened();

    /// Commit thread: nothing comes any more.
    void ended();

    /// Called while the context is destroyed, as often as may be. Destroys the handlers that wait in it, and returns
    /// when all that is in the inbox has left it or, when that is closed, all has ended. From the first call on no
    /// handler reaches the context any more.
    ///
    /// Steps that were posted but have not begun are claimed and run here: the threads that would run them may not exist
    /// any more.
    void forget(asio::execution_context const& context, submission_queue const& queue, step_schedule& schedule,
                std::function<void()> const& run_step);

    /// A step was posted while a context is being destroyed.
    void step_posted() noexcept;

    /// The context is gone.
    void drop(asio::execution_context const& context);

    /// For the destructor of the guest.
    void leave_registries(context_guest const& guest) noexcept;

    // Around a fork: the child finds the mutex unlocked, and no executor in the middle of a post by the commit thread.
    void before_fork() noexcept;
    void after_fork() noexcept { mutex_.unlock(); }

 private:
    struct known_context {
        asio::execution_context* context;
        std::shared_ptr<context_registry> registry;
    };
    struct dying_context {
        asio::execution_context const* context;
        operation_chain orphans;
    };

    /// Commit thread. While it lives and is true, the context is not destroyed.
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

    /// Where a known context is found again without a lock.
    std::atomic<asio::execution_context*>& shortcut_to(asio::execution_context const& context) noexcept;

    bool begin_posting(asio::execution_context* context);
    void complete_neighbours(operation_chain&& done, std::size_t count, std::shared_ptr<void> const& owner);
    void post(operation_chain&& done, std::size_t count, std::shared_ptr<void> const& owner);
    void seal_last_run();
    void add_orphans(asio::execution_context const* context, operation_chain&& orphans);

    bool is_known(asio::execution_context const& context) const;
    dying_context* find_dying(asio::execution_context const* context);
    dying_context& begin_dying(asio::execution_context const* context);

    std::array<std::atomic<asio::execution_context*>, 16> shortcuts_{};

    // The commit thread's alone.
    std::weak_ptr<completion_run> last_run_;
    asio::execution_context* last_context_ = nullptr;  // of the last run

    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<known_context> known_;
    std::list<dying_context> dying_;
    asio::execution_context* posting_to_ = nullptr;
    std::uint64_t taken_ = 0;
    bool opened_ = false;
    bool ended_ = false;
};

}  // namespace audit_trail::detail
