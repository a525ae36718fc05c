/// \file
/// Registers the writers and followers that use an execution context, and calls them when it is destroyed (P10).
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution_context.hpp>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

namespace audit_trail::detail {

namespace asio = boost::asio;

class home_executor;

/// A writer or follower that posts handlers to execution contexts. The thread that destroys a context calls its
/// functions.
class context_guest {
 public:
    virtual ~context_guest() = default;

    /// Destroys the handlers that wait in the context. From now on, no handler is posted to it. May be called several
    /// times.
    virtual void forget_context(asio::execution_context& context) = 0;

    /// The last call for this context. Returns when the guest no longer uses the context.
    virtual void leave_context(asio::execution_context& context) = 0;
};

/// Owns neither the guests nor the context. May outlive the context. Thread safe.
class context_registry {
 public:
    /// Returns the registry of the executor's context. Requires: the executor is not empty.
    static std::shared_ptr<context_registry> of(asio::any_io_executor const& executor);

    /// Does nothing if the guest was added before.
    void add(std::shared_ptr<context_guest> const& guest);
    void remove(context_guest const& guest) noexcept;
    std::vector<std::shared_ptr<context_guest>> guests() const;

    void add(home_executor& home);
    /// Destroys the executor, unless `clear_executors` did so.
    void remove(home_executor& home) noexcept;
    asio::any_io_executor copy(home_executor const& home) const;

    /// Destroys the executors of this context that writers and followers still hold: some executors (strands) must not
    /// outlive their context.
    void clear_executors();

    // Called around a fork, so that the registry is unlocked in the child.
    void lock() { mutex_.lock(); }
    void unlock() { mutex_.unlock(); }
    void forget_other_threads() noexcept { leaving_ = 0; }

 private:
    struct entry {
        context_guest const* key;
        std::weak_ptr<context_guest> guest;
    };

    mutable std::mutex mutex_;
    std::condition_variable left_;
    std::vector<entry> guests_;
    std::vector<home_executor*> homes_;
    int leaving_ = 0;  // the number of threads that are destroying an executor
};

}  // namespace audit_trail::detail
