/// \file
/// Holds the executor that a writer or follower was opened with.
#pragma once

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/query.hpp>
#include <memory>
#include <utility>

#include "async/context_registry.hpp"

namespace audit_trail::detail {

/// Becomes empty when the executor's context is destroyed. May outlive the context.
class home_executor {
 public:
    explicit home_executor(asio::any_io_executor executor) : executor_(std::move(executor)) {
        if (!executor_) return;
        context_.store(&asio::query(executor_, asio::execution::context), std::memory_order_relaxed);
        registry_ = context_registry::of(executor_);
        registry_->add(*this);
    }
    ~home_executor() {
        if (registry_) registry_->remove(*this);
    }
    home_executor(home_executor const&) = delete;
    home_executor& operator=(home_executor const&) = delete;

    /// Requires: no other thread is destroying the context.
    asio::any_io_executor const& get() const noexcept { return executor_; }

    /// Thread safe, also while the context is being destroyed.
    asio::any_io_executor copy() const { return registry_ ? registry_->copy(*this) : asio::any_io_executor(); }

    /// Returns true if the constructor's argument was not empty.
    bool was_given() const noexcept { return registry_ != nullptr; }

    /// Returns null after the context was destroyed. Thread safe.
    asio::execution_context* context() const noexcept { return context_.load(std::memory_order_relaxed); }

 private:
    friend class context_registry;

    asio::any_io_executor clear() noexcept {
        context_.store(nullptr, std::memory_order_relaxed);
        asio::any_io_executor cleared;
        cleared.swap(executor_);
        return cleared;
    }

    asio::any_io_executor executor_;
    std::atomic<asio::execution_context*> context_{nullptr};
    std::shared_ptr<context_registry> registry_;
};

}  // namespace audit_trail::detail
