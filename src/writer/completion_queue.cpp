#include "writer/completion_queue.hpp"

#include <boost/asio/post.hpp>

namespace audit_trail::detail {

/// A turn that waits in an executor. When the executor's context is destroyed first, so are the handlers.
class completion_queue::turn {
 public:
    turn(std::shared_ptr<completion_queue> queue, std::shared_ptr<writer_core> core)
        : queue_(std::move(queue)), core_(std::move(core)) {}
    turn(turn&&) noexcept = default;
    turn& operator=(turn&&) = delete;
    ~turn() {
        if (queue_) queue_->abandon();
    }

    void operator()() {
        auto const queue = std::move(queue_);
        queue->run(core_);
    }

 private:
    std::shared_ptr<completion_queue> queue_;
    std::shared_ptr<writer_core> core_;
};

void completion_queue::publish(std::shared_ptr<writer_core> const& core) {
    {
        std::lock_guard const lock(mutex_);
        ready_.append(std::move(staged_));
        if (turn_posted_) return;
        turn_posted_ = true;
    }
    post_turn(core);
}

void completion_queue::post_turn(std::shared_ptr<writer_core> core) {
    asio::post(executor_, turn(shared_from_this(), std::move(core)));
}

void completion_queue::run(std::shared_ptr<writer_core> const& core) {
    // Also on the way out of a handler that throws: the others keep their turn.
    struct next_turn {
        completion_queue& queue;
        std::shared_ptr<writer_core> const& core;
        ~next_turn() {
            if (queue.anything_left()) queue.post_turn(core);
        }
    } const afterwards{*this, core};
    for (int n = 0; n != handlers_a_turn; ++n) {
        operation* const op = next();
        if (!op) return;
        op->finish(*op, operation::ending::invoke);
    }
}

operation* completion_queue::next() {
    if (running_.empty()) {
        std::lock_guard const lock(mutex_);
        running_.append(std::move(ready_));
    }
    return running_.pop();
}

bool completion_queue::anything_left() {
    std::lock_guard const lock(mutex_);
    turn_posted_ = !running_.empty() || !ready_.empty();
    return turn_posted_;
}

void completion_queue::abandon() {
    operation_chain all;
    {
        std::lock_guard const lock(mutex_);
        all.append(std::move(running_));
        all.append(std::move(ready_));
    }
    all.abandon();
}

bool completion_queue::idle() {
    std::lock_guard const lock(mutex_);
    return !turn_posted_ && ready_.empty();
}

}  // namespace audit_trail::detail
