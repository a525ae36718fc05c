/// \file
/// An executor that throws or discards functions.
#pragma once

#include <atomic>
#include <boost/asio/execution/blocking.hpp>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <memory>
#include <stdexcept>
#include <utility>

namespace audit_trail::test {

namespace asio = boost::asio;

/// The numbers of the functions for which the executor throws, or which it destroys without a call. Shared by all
/// copies of an executor.
struct executor_faults {
    int discards_from = -1;
    int discards_to = -1;
    int throws_from = -1;
    int throws_to = -1;
    std::atomic<int> given{0};
    std::shared_ptr<int> captured = std::make_shared<int>();
};

/// Posts to a context, except some functions.
class unreliable_executor {
 public:
    unreliable_executor(asio::io_context& context, executor_faults& faults)
        : context_(&context), faults_(&faults), captured_(faults.captured) {}

    asio::io_context& query(asio::execution::context_t) const noexcept { return *context_; }
    static constexpr asio::execution::blocking_t query(asio::execution::blocking_t) noexcept {
        return asio::execution::blocking.never;
    }

    template <class Function>
    void execute(Function function) const {
        int const number = faults_->given++;
        if (number >= faults_->throws_from && number < faults_->throws_to)
            throw std::runtime_error("thrown by an executor");
        if (number >= faults_->discards_from && number < faults_->discards_to) return;
        asio::post(*context_, std::move(function));
    }

    bool operator==(unreliable_executor const& other) const noexcept { return faults_ == other.faults_; }
    bool operator!=(unreliable_executor const& other) const noexcept { return !(*this == other); }

 private:
    asio::io_context* context_;
    executor_faults* faults_;
    std::shared_ptr<int> captured_;
};

}  // namespace audit_trail::test
