#include "writer/operation_pool.hpp"

#include "writer/operation_phase.hpp"

namespace audit_trail::detail {

operation_pool::operation_pool(std::size_t capacity)
    : max_slabs_(static_cast<std::uint32_t>((capacity + slab_size - 1) / slab_size)) {
    slabs_ = std::make_unique<std::unique_ptr<operation[]>[]>(max_slabs_);
}

operation* operation_pool::take() {
    operation* const op = take_free();
    return op ? op : take_from_new_slab();
}

operation* operation_pool::take_free() noexcept {
    std::uint64_t head = head_.load(std::memory_order_acquire);
    for (;;) {
        auto const index = static_cast<std::uint32_t>(head);
        if (index == no_index) return nullptr;
        operation& op = at(index);
        std::uint64_t const changes = (head >> 32) + 1;
        std::uint64_t const next = changes << 32 | op.pool_next.load(std::memory_order_relaxed);
        if (head_.compare_exchange_weak(head, next, std::memory_order_acq_rel, std::memory_order_acquire)) return &op;
    }
}

void operation_pool::release(operation& op) noexcept {
    op.line_count = 0;
    op.charged_events = 0;
    op.charged_bytes = 0;
    op.error = {};
    operation_phase::begin_next_generation(op);
    push(op);
}

void operation_pool::push(operation& op) noexcept {
    std::uint64_t head = head_.load(std::memory_order_relaxed);
    std::uint64_t next;
    do {
        op.pool_next.store(static_cast<std::uint32_t>(head), std::memory_order_relaxed);
        next = ((head >> 32) + 1) << 32 | op.pool_index;
    } while (!head_.compare_exchange_weak(head, next, std::memory_order_acq_rel, std::memory_order_relaxed));
}

operation* operation_pool::take_from_new_slab() {
    std::lock_guard const lock(growing_);
    if (operation* const op = take_free()) return op;
    if (slabs_made_ == max_slabs_) return nullptr;
    auto& slab = slabs_[slabs_made_];
    slab = std::make_unique<operation[]>(slab_size);
    std::uint32_t const first = slabs_made_++ * slab_size;
    for (std::uint32_t i = 0; i != slab_size; ++i) slab[i].pool_index = first + i;
    for (std::uint32_t i = slab_size - 1; i != 0; --i) push(slab[i]);
    return &slab[0];
}

}  // namespace audit_trail::detail
