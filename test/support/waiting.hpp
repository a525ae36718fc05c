/// \file
/// Waits for other threads and for handlers.
#pragma once

#include <audit_trail/writer.hpp>
#include <boost/asio/io_context.hpp>
#include <thread>

namespace audit_trail::test {

/// Yields until the condition is true. Has no time limit of its own: the test program has one.
template <class Condition>
void wait_until(Condition is_true) {
    while (!is_true()) std::this_thread::yield();
}

/// Runs handlers until the condition is true. Requires: a handler makes it true.
template <class Condition>
void run_until(asio::io_context& context, Condition is_true) {
    while (!is_true()) {
        if (context.stopped()) context.restart();
        context.run_one();
    }
}

/// Runs all handlers.
inline void run_all(asio::io_context& context) {
    context.restart();
    context.run();
}

/// A context, and a thread that runs it until this object is destroyed.
class running_context {
 public:
    running_context() : thread_([this] { context_.run(); }) {}
    ~running_context() {
        work_.reset();
        thread_.join();
    }
    asio::io_context& get() noexcept { return context_; }
    auto get_executor() noexcept { return context_.get_executor(); }

 private:
    asio::io_context context_;
    asio::executor_work_guard<asio::io_context::executor_type> work_{context_.get_executor()};
    std::thread thread_;
};

}  // namespace audit_trail::test
