/// \file
/// The way back: completed operations to the executors of their handlers, also while those go away.
#pragma once

#include <array>
#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution_context.hpp>
#include <condition_variable>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <vector>

#include "execution/context_service.hpp"
#include "writer/completion_queue.hpp"
#include "writer/inbox.hpp"
#include "writer/operation_chain.hpp"

namespace audit_trail::detail {

class delivery {
 public:
    /// Any thread, while an operation is initiated: from now on the context's end is heeded.
    void watch(asio::execution_context& context, std::shared_ptr<context_guest> const& guest);

    /// Commit thread. Completes `done` in its order; `taken` operations have now left the inbox.
    void complete(operation_chain&& done, std::uint64_t taken, std::shared_ptr<writer_core> const& core);

    /// Commit thread: the trail is open, or could not be opened.
    void opened();

    /// Commit thread: nothing comes any more.
    void ended();

    /// After `ended`: the contexts in which the writer is still known.
    std::vector<std::shared_ptr<context_watch>> take_watches();

    /// Called while the context is destroyed, as often as may be. Destroys the handlers that wait in it, and returns
    /// when all that is in the inbox has left it or, when that is closed, all has ended. From the first call on no
    /// handler reaches the context any more.
    void forget(asio::execution_context& context, inbox const& input);

    /// The context is gone, and nobody has handlers for it any more.
    void drop(asio::execution_context& context);
    /// The same, and the writer lives on.
    void drop_watch(context_watch const& watch);

    /// Held over a fork, so that the child finds no executor's lock taken by the commit thread.
    std::mutex& mutex() noexcept { return mutex_; }

 private:
    struct known_context {
        asio::execution_context* context;
        std::shared_ptr<context_watch> watch;
    };
    struct dying_context {
        asio::execution_context* context;
        operation_chain orphans;
    };

    /// Where a known context is found again without a lock.
    std::atomic<asio::execution_context*>& shortcut_to(asio::execution_context const& context) noexcept;

    bool is_known(asio::execution_context const& context) const;
    dying_context* find_dying(asio::execution_context const* context);
    dying_context& begin_dying(asio::execution_context& context);
    completion_queue& queue_for(asio::any_io_executor const& executor);
    void drop_idle_queues();
    std::vector<std::shared_ptr<completion_queue>> remove_queues_of(asio::execution_context& context);

    static constexpr std::size_t many_queues = 64;

    std::array<std::atomic<asio::execution_context*>, 16> shortcuts_{};
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<known_context> known_;
    std::list<dying_context> dying_;
    std::vector<std::shared_ptr<completion_queue>> queues_;
    completion_queue* last_used_ = nullptr;
    std::uint64_t taken_ = 0;
    bool opened_ = false;
    bool ended_ = false;
};

}  // namespace audit_trail::detail
