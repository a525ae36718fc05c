/// \file
/// Keeps operations for reuse. Appending threads take them; threads that run handlers release them.
#pragma once

#include <atomic>
#include <audit_trail/detail/operation.hpp>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace audit_trail::detail {

/// A lock-free stack of operations in slabs, which are freed with the pool. The head holds an index and a counter of
/// changes, which solves the ABA problem: a thread that is preempted between reading and exchanging the head notices
/// the change. Thread safe.
class operation_pool {
 public:
    explicit operation_pool(std::size_t capacity);

    /// Returns null if all operations are taken: at least `capacity`. May throw `std::bad_alloc`.
    operation* take();

    /// Requires: the operation came from `take`, its text is empty, and it holds no executor.
    void release(operation& op) noexcept;

 private:
    static constexpr std::uint32_t slab_size = 128;
    static constexpr std::uint32_t no_index = ~std::uint32_t{0};

    operation& at(std::uint32_t index) noexcept { return slabs_[index / slab_size][index % slab_size]; }
    operation* take_free() noexcept;
    void push(operation& op) noexcept;
    operation* take_from_new_slab();

    alignas(64) std::atomic<std::uint64_t> head_{no_index};  // changes << 32 | index
    std::unique_ptr<std::unique_ptr<operation[]>[]> slabs_;  // never moves: `take` reads it without a lock
    std::uint32_t const max_slabs_;
    std::mutex growing_;
    std::uint32_t slabs_made_ = 0;
};

}  // namespace audit_trail::detail
