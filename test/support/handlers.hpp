/// \file
/// Handlers that record whether they are called or destroyed.
#pragma once

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <cstddef>
#include <memory>
#include <utility>

namespace audit_trail::test {

/// Wraps a handler. Fails the test if it is destroyed without a call, or called twice.
template <class Function>
class must_be_called {
 public:
    explicit must_be_called(Function function) : function_(std::move(function)) {}
    must_be_called(must_be_called&& other) noexcept
        : function_(std::move(other.function_)), waits_(std::exchange(other.waits_, false)) {}
    must_be_called& operator=(must_be_called&&) = delete;
    ~must_be_called() {
        if (waits_) BOOST_ERROR("a handler was destroyed without having been called");
    }

    template <class... Arguments>
    void operator()(Arguments&&... arguments) {
        if (!std::exchange(waits_, false)) BOOST_ERROR("a handler was called twice");
        function_(std::forward<Arguments>(arguments)...);
    }

 private:
    Function function_;
    bool waits_ = true;
};

/// Counts how handlers ended.
struct handler_fate {
    std::atomic<int> called{0};
    std::atomic<int> destroyed_uncalled{0};
};

/// Records whether it is called, or destroyed without a call. Optionally owns an object that is destroyed with it.
template <class Held = int>
class fateful_handler {
 public:
    explicit fateful_handler(handler_fate& fate, Held held = {}) : fate_(&fate), held_(std::move(held)) {}
    fateful_handler(fateful_handler&& other) noexcept
        : fate_(std::exchange(other.fate_, nullptr)), held_(std::move(other.held_)) {}
    fateful_handler& operator=(fateful_handler&&) = delete;
    ~fateful_handler() {
        if (fate_) ++fate_->destroyed_uncalled;
    }

    template <class... Arguments>
    void operator()(Arguments&&...) {
        ++std::exchange(fate_, nullptr)->called;
    }

 private:
    handler_fate* fate_;
    Held held_;
};

struct allocation_count {
    std::atomic<std::size_t> ever{0};
    std::atomic<std::size_t> now{0};
};

template <class Value>
class counting_allocator {
 public:
    using value_type = Value;

    explicit counting_allocator(allocation_count& count) noexcept : count_(&count) {}
    template <class Other>
    counting_allocator(counting_allocator<Other> const& other) noexcept : count_(other.count_) {}

    Value* allocate(std::size_t n) {
        ++count_->ever;
        ++count_->now;
        return std::allocator<Value>().allocate(n);
    }
    void deallocate(Value* place, std::size_t n) noexcept {
        --count_->now;
        std::allocator<Value>().deallocate(place, n);
    }

    template <class Other>
    bool operator==(counting_allocator<Other> const& other) const noexcept {
        return count_ == other.count_;
    }

 private:
    template <class>
    friend class counting_allocator;

    allocation_count* count_;
};

}  // namespace audit_trail::test
