/// \file
/// What happens when an execution context is destroyed in which the handlers of a writer or follower wait (P10).
#pragma once

#include <boost/asio/execution_context.hpp>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "storage/fork_registry.hpp"

namespace audit_trail::detail {

namespace asio = boost::asio;

class context_watch;

/// One that has a thread of its own, and handlers in contexts. Its functions are called by the thread that destroys a
/// context.
class context_guest {
 public:
    virtual ~context_guest() = default;

    /// Destroys the handlers that wait in the context, and lets no more come there. Called as often as may be.
    virtual void forget_context(asio::execution_context& context) = 0;

    /// The same for the last time. True when the guest's thread is about to leave; false when somebody still holds the
    /// guest, which lives on without the context and has dropped the watch.
    virtual bool leave_context(asio::execution_context& context, context_watch const& watch) = 0;
};

/// The guests that have handlers in one context. Outlives the context where a guest does.
class context_watch {
 public:
    void add(std::shared_ptr<context_guest> guest);
    /// The guest has ended. Gives up the hold on it, which may destroy it, and only then forgets it.
    void remove(context_guest const* guest);
    void wait_removed(context_guest const* guest);
    std::vector<std::shared_ptr<context_guest>> guests() const;

 private:
    bool holds(context_guest const* guest) const;

    mutable std::mutex mutex_;
    std::condition_variable removed_;
    std::vector<std::shared_ptr<context_guest>> guests_;  // null while one is being destroyed
};

class context_service final : public asio::execution_context::service, private storage::fork_participant {
 public:
    using key_type = context_service;
    inline static asio::execution_context::id id;

    explicit context_service(asio::execution_context& context);
    ~context_service() override;

    std::shared_ptr<context_watch> const& watch() const noexcept { return watch_; }

 private:
    /// Destroys the handlers; a writer commits what it let in before.
    void shutdown() override;

    void before_fork() noexcept override {}
    void after_fork_in_parent() noexcept override {}
    void after_fork_in_child() noexcept override;

    std::shared_ptr<context_watch> watch_ = std::make_shared<context_watch>();
};

}  // namespace audit_trail::detail
