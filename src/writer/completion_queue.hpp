/// \file
/// What has completed and waits for one executor to run its handlers, in order.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>
#include <mutex>

#include "writer/operation_chain.hpp"

namespace audit_trail::detail {

/// Runs a few handlers at a time and then goes behind whatever else the executor has to do, so that ten thousand
/// completions do not hold up a timer.
class completion_queue : public std::enable_shared_from_this<completion_queue> {
 public:
    explicit completion_queue(asio::any_io_executor executor) : executor_(std::move(executor)) {}

    asio::any_io_executor const& executor() const noexcept { return executor_; }

    /// Commit thread: collects, then hands over all that was collected.
    void stage(operation& op) noexcept { staged_.push(op); }
    bool anything_staged() const noexcept { return !staged_.empty(); }
    void publish(std::shared_ptr<writer_core> const& core);

    /// Destroys the handlers without calling them. No handler may be running.
    void abandon();

    bool idle();

 private:
    class turn;

    static constexpr int handlers_a_turn = 32;

    void run(std::shared_ptr<writer_core> const& core);
    operation* next();
    bool anything_left();
    void post_turn(std::shared_ptr<writer_core> core);

    asio::any_io_executor const executor_;
    operation_chain staged_;
    operation_chain running_;  // of the turn
    std::mutex mutex_;
    operation_chain ready_;
    bool turn_posted_ = false;
};

}  // namespace audit_trail::detail
