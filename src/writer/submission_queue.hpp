/// \file
/// Carries operations from the threads that append to the committer. An append needs one atomic addition and no
/// allocation.
#pragma once

#include <atomic>
#include <audit_trail/detail/operation.hpp>
#include <bit>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <type_traits>

namespace audit_trail::detail {

/// A ring. A producer takes a ticket, which is its position in the order, and stores its operation in that place of the
/// ring. The only consumer reads the places in order. The ring is never full, because it has a place for every
/// operation of the writer.
///
/// Closing sets a bit in the ticket counter, so every ticket was taken either before or after the closing.
class submission_queue {
 public:
    /// \throws std::bad_alloc
    explicit submission_queue(std::size_t capacity)
        : mask_(std::bit_ceil(capacity) - 1), places_(allocate_zeroed(mask_ + 1)) {}

    /// False: the queue is closed, and the operation still belongs to the caller. Any thread.
    bool push(operation& op) noexcept {
        std::uint64_t const ticket = tickets_.fetch_add(1, std::memory_order_seq_cst);
        if (ticket & closed_bit) return false;
        place(ticket).store(&op, std::memory_order_seq_cst);
        return true;
    }

    // Consumer only.

    /// The first operation, which stays in the queue; null if there is none.
    operation* front() const noexcept { return place(taken_).load(std::memory_order_seq_cst); }

    /// Requires: `front` is not null.
    void pop() noexcept {
        place(taken_).store(nullptr, std::memory_order_relaxed);
        ++taken_;
        prefetch(place(taken_ + 2).load(std::memory_order_relaxed));
    }

    /// Makes the operation that was popped last the first again.
    void put_back(operation& op) noexcept { place(--taken_).store(&op, std::memory_order_relaxed); }

    /// How many operations were popped since the beginning.
    std::uint64_t taken() const noexcept { return taken_; }

    /// Whether the queue is closed and empty.
    bool exhausted() const noexcept { return last_ticket_.load(std::memory_order_seq_cst) == taken_; }

    // Any thread.

    /// How many operations were pushed since the beginning.
    std::uint64_t put() const noexcept {
        std::uint64_t const last = last_ticket_.load(std::memory_order_seq_cst);
        return last != open ? last : tickets_.load(std::memory_order_seq_cst) & ~closed_bit;
    }

    /// Whether an operation, or the end of the queue, follows the first `taken` operations. The result may be wrong if
    /// more were taken meanwhile.
    bool has_more_than(std::uint64_t taken) const noexcept {
        return place(taken).load(std::memory_order_seq_cst) != nullptr ||
               last_ticket_.load(std::memory_order_seq_cst) == taken;
    }

    /// Later calls have no effect.
    void close() noexcept {
        std::uint64_t const tickets = tickets_.fetch_or(closed_bit, std::memory_order_seq_cst);
        if (!(tickets & closed_bit)) last_ticket_.store(tickets, std::memory_order_seq_cst);
    }

    bool closed() const noexcept { return tickets_.load(std::memory_order_seq_cst) & closed_bit; }

 private:
    using place_type = std::atomic<operation*>;
    struct free_memory {
        void operator()(place_type* places) const noexcept { std::free(places); }
    };

    static constexpr std::uint64_t closed_bit = std::uint64_t{1} << 63;
    static constexpr std::uint64_t open = ~std::uint64_t{0};

    /// Zeroed pages that were never used need no memory, and a writer of few events uses few.
    static place_type* allocate_zeroed(std::size_t count) {
        static_assert(place_type::is_always_lock_free && std::is_trivially_destructible_v<place_type>);
        void* const memory = std::calloc(count, sizeof(place_type));
        if (!memory) throw std::bad_alloc();
        return static_cast<place_type*>(memory);
    }

    place_type& place(std::uint64_t ticket) const noexcept { return places_[ticket & mask_]; }

    /// Another core wrote the operation: loads it while the consumer works on an earlier one. Only the address is used,
    /// because the operation may be changed until it is taken.
    static void prefetch(operation const* op) noexcept {
        if (!op) return;
        auto const* const begin = reinterpret_cast<char const*>(op);
        for (std::size_t offset = 0; offset != 9 * 64; offset += 64) __builtin_prefetch(begin + offset);
    }

    // Each cache line is written by one side only.
    alignas(64) std::atomic<std::uint64_t> tickets_{0};
    alignas(64) std::uint64_t taken_ = 0;
    alignas(64) std::atomic<std::uint64_t> last_ticket_{open};
    std::uint64_t const mask_;
    std::unique_ptr<place_type[], free_memory> const places_;
};

}  // namespace audit_trail::detail
