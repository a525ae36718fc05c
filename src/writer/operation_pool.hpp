/// \file
/// Keeps operations for reuse. Threads that append take them; threads that run handlers give them back.
#pragma once

#include <atomic>
#include <audit_trail/detail/operation.hpp>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace audit_trail::detail {

/// A lock-free stack over slabs that live as long as the pool. Its head counts the changes beside the index, so that a
/// thread which was interrupted between reading and exchanging it notices (the ABA problem).
class operation_pool {
 public:
    explicit operation_pool(std::size_t capacity);

    /// Nothing when `capacity` operations are out.
    operation* take();

    /// Requires: the operation's text is empty, and it holds no executor.
    void give(operation& op) noexcept;

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
