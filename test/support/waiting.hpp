/// \file
/// Waiting for what another thread does.
#pragma once

#include <audit_trail/writer.hpp>
#include <boost/asio/io_context.hpp>
#include <thread>

namespace audit_trail::test {

/// Gives way to others until it is so. The time limit is that of the test program.
template <class Condition>
void wait_until(Condition is_so) {
    while (!is_so()) std::this_thread::yield();
}

/// Runs handlers until it is so, which a handler brings about.
template <class Condition>
void run_until(asio::io_context& context, Condition is_so) {
    while (!is_so()) {
        if (context.stopped()) context.restart();
        context.run_one();
    }
}

/// Runs all that there is to run.
inline void run_all(asio::io_context& context) {
    context.restart();
    context.run();
}

/// A context that a thread of its own runs until this object goes.
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
