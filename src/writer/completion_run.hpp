/// \file
/// Completed operations whose handlers share one executor, in the order of their ids.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstddef>
#include <exception>
#include <memory>
#include <mutex>

#include "writer/operation_chain.hpp"

namespace audit_trail::detail {

/// The executor runs posted functions ("turns"), each of which calls a few handlers. While a handler runs and others
/// wait, at least one more turn is in the executor: so handlers run in parallel where the executor has several threads,
/// and one that waits for another does not wait forever.
///
/// The turns own the run. When the executor destroys the last of them, the handlers that are left are destroyed too.
class completion_run : public std::enable_shared_from_this<completion_run> {
 public:
    completion_run(asio::any_io_executor executor, std::shared_ptr<void> owner)
        : executor_(std::move(executor)), owner_(std::move(owner)) {}
    completion_run(completion_run const&) = delete;
    completion_run& operator=(completion_run const&) = delete;
    ~completion_run() { waiting_.abandon(); }

    asio::any_io_executor const& executor() const noexcept { return executor_; }

    /// Hands over `count` operations, to be called after all that wait already.
    void add(operation_chain&& done, std::size_t count);

    /// Enters every turn that the run still needs in the executor's queue now. What is posted to the executor
    /// afterwards comes after all handlers of this run.
    void seal();

 private:
    class turn;

    static constexpr std::size_t handlers_per_turn = 32;

    void run();
    void invoke(operation& op, std::exception_ptr& thrown);
    void throw_later(std::exception_ptr thrown) noexcept;
    bool is_sealed();
    /// The next operation. `missing` becomes the number of turns to post before its handler is called.
    operation* take(std::size_t& missing);
    /// Requires: mutex held. Counts the turns that are missing to `wanted` as posted, and returns how many they are.
    std::size_t reserve_turns(std::size_t wanted) noexcept;
    void post_turns(std::size_t count) noexcept;
    void end_turn() noexcept;

    asio::any_io_executor const executor_;
    std::shared_ptr<void> const owner_;
    std::mutex mutex_;
    operation_chain waiting_;
    std::size_t waiting_count_ = 0;
    bool sealed_ = false;
    std::size_t turns_ = 0;  // that are in the executor and have not begun
};

}  // namespace audit_trail::detail
