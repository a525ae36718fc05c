/// \file
/// Runs work that may block on the disk.
#pragma once

#include <audit_trail/error.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

namespace audit_trail::detail {

namespace asio = boost::asio;

/// Runs the steps of one writer or follower, which must never overlap, and jobs that run at the same time (syncs). Both
/// use an executor that the user shares between writers, or the pool's own threads.
///
/// With own threads, the steps are on an implicit strand: a single thread runs their io_context. On a shared executor,
/// `step_schedule` keeps them apart. (An `asio::strand` of Boost 1.81 would be locked forever after its executor threw
/// an exception, and crash if memory runs out.)
///
/// Own threads block all signals and are never joined: after `finish`, or after the pool is destroyed, they end when
/// all posted work is done. So a pool may be destroyed on one of its own threads.
class disk_pool {
 public:
    /// Creates a pool on the shared executor. If the executor is empty, the pool has its own threads.
    ///
    /// \param most_threads the maximum number of jobs of `for_each` that run at the same time; at least 1
    disk_pool(asio::any_io_executor shared, std::size_t most_threads);
    ~disk_pool();
    disk_pool(disk_pool const&) = delete;
    disk_pool& operator=(disk_pool const&) = delete;

    /// Starts the first of the pool's own threads. Does nothing on a shared executor.
    error_code start();

    /// Leaks the pool. Used in a forked child, where the pool's threads do not exist and its mutexes may be locked
    /// forever.
    static void abandon(std::unique_ptr<disk_pool> pool) noexcept;

    /// Lets the pool's own threads end when all posted work is done.
    void finish() noexcept;

    bool owns_threads() const noexcept { return own_ != nullptr; }

    /// Returns an executor for I/O objects whose handlers run between the steps. Requires: the pool has its own
    /// threads.
    asio::any_io_executor strand() const { return own_->steps.get_executor(); }

    /// Returns the executor for functions that may run in any order and at the same time.
    asio::any_io_executor executor() const;

    /// Posts a step. The pool must not be destroyed before this returns. If the pool has its own threads, all memory
    /// comes from the function's associated allocator. \throws what a shared executor throws
    template <class Function>
    void post(Function function) {
        if (own_) return asio::post(own_->steps, std::move(function));
        asio::post(shared_, std::move(function));
    }

    /// Calls `run` later on another thread of the pool; perhaps never, if the pool or its executor ends before. Returns
    /// false if it could not be posted.
    /// \param uses_threads starts as many own threads as `for_each_on_free_threads` can use
    template <class Function>
    bool post_in_background(Function run, bool uses_threads = false) noexcept {
        try {
            grow(uses_threads ? most_threads_ + 1 : 2);
            if (own_ && threads_ < 2) return false;
            asio::post(executor(), std::move(run));
            return true;
        } catch (...) {
            return false;
        }
    }

    /// Calls `run(0)` to `run(count - 1)` on the calling thread and on free threads of the pool. Returns when all calls
    /// have returned. `run` must not throw. Only one thread at a time may call this function.
    void for_each(std::size_t count, std::function<void(std::size_t)> const& run);

    /// The same, but starts no thread. Any thread may call this function at any time.
    void for_each_on_free_threads(std::size_t count, std::function<void(std::size_t)> const& run);

 private:
    using work_guard = asio::executor_work_guard<asio::io_context::executor_type>;

    /// Owned together with the threads that run these contexts.
    struct own_contexts {
        asio::io_context steps{1};
        asio::io_context helpers;
    };

    class job_list;

    void grow(std::size_t threads) noexcept;
    error_code start_thread(asio::io_context own_contexts::*which);
    std::shared_ptr<job_list> post_helpers(std::size_t helpers, std::size_t count,
                                           std::function<void(std::size_t)> const& run) noexcept;

    std::shared_ptr<own_contexts> own_;  // null if the executor is shared
    std::optional<work_guard> work_, helpers_work_;
    asio::any_io_executor const shared_;
    std::size_t const most_threads_;
    std::size_t threads_ = 0;
    disk_pool* next_abandoned_ = nullptr;
};

/// Calls `run(0)` to `run(count - 1)` on free threads of the pool, too, or on the calling thread alone.
inline void run_jobs(disk_pool* pool, std::size_t count, std::function<void(std::size_t)> const& run) {
    if (pool != nullptr) return pool->for_each_on_free_threads(count, run);
    for (std::size_t index = 0; index != count; ++index) run(index);
}

}  // namespace audit_trail::detail
