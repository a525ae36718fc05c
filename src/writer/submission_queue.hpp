/// \file
/// Carries operations from the threads that append to the committer: one atomic addition a call, no allocation.
#pragma once

#include <atomic>
#include <audit_trail/detail/operation.hpp>
#include <bit>
#include <cstdint>
#include <memory>

namespace audit_trail::detail {

/// A ring of places. A producer draws a ticket, which is its place in the order, and puts the operation there; the one
/// consumer goes from place to place. The ring is never full, since no more operations exist than it has places.
///
/// Closing is a bit in the ticket counter, so that every ticket was drawn either before or after it.
class submission_queue {
 public:
    explicit submission_queue(std::size_t capacity) : mask_(std::bit_ceil(capacity) - 1) {
        places_ = std::make_unique<std::atomic<operation*>[]>(mask_ + 1);
    }

    /// False: closed, and the operation still the caller's.
    bool push(operation& op) noexcept {
        std::uint64_t const ticket = tickets_.fetch_add(1, std::memory_order_seq_cst);
        if (ticket & closed_bit) return false;
        places_[ticket & mask_].store(&op, std::memory_order_seq_cst);
        return true;
    }

    /// The first operation, left where it is. Consumer only, like the functions below.
    operation* front() const noexcept { return places_[taken_ & mask_].load(std::memory_order_seq_cst); }

    void pop() noexcept {
        places_[taken_ & mask_].store(nullptr, std::memory_order_relaxed);
        ++taken_;
        prefetch(places_[(taken_ + 2) & mask_].load(std::memory_order_relaxed));
    }

    /// Makes the operation that was popped last the first again. Its place is still free: no more operations exist than
    /// there are places.
    void put_back(operation& op) noexcept { places_[--taken_ & mask_].store(&op, std::memory_order_relaxed); }

    /// How many operations were taken since the beginning.
    std::uint64_t taken() const noexcept { return taken_; }

    /// Whether an operation, or the end of the queue, follows the first `taken` operations. Any thread; an answer that
    /// is out of date is possible when `taken` is.
    bool has_more_than(std::uint64_t taken) const noexcept {
        return places_[taken & mask_].load(std::memory_order_seq_cst) != nullptr ||
               last_ticket_.load(std::memory_order_seq_cst) == taken;
    }

    /// Closed, and every operation from before taken.
    bool exhausted() const noexcept {
        std::uint64_t const last = last_ticket_.load(std::memory_order_seq_cst);
        return last == taken_;
    }

    /// Any thread. Only the first call counts.
    void close() noexcept {
        std::uint64_t const tickets = tickets_.fetch_or(closed_bit, std::memory_order_seq_cst);
        if (!(tickets & closed_bit)) last_ticket_.store(tickets, std::memory_order_seq_cst);
    }

    bool closed() const noexcept { return tickets_.load(std::memory_order_seq_cst) & closed_bit; }

    /// How many operations were put in, at this moment. Any thread.
    std::uint64_t put() const noexcept {
        std::uint64_t const last = last_ticket_.load(std::memory_order_seq_cst);
        return last != open ? last : tickets_.load(std::memory_order_seq_cst) & ~closed_bit;
    }

 private:
    static constexpr std::uint64_t closed_bit = std::uint64_t{1} << 63;
    static constexpr std::uint64_t open = ~std::uint64_t{0};

    /// The operation was written by another core: what the consumer reads of it is on its way while this one is worked
    /// on. Addresses alone: what the operation says may not be read before its turn.
    static void prefetch(operation const* op) noexcept {
        if (!op) return;
        auto const* const begin = reinterpret_cast<char const*>(op);
        for (std::size_t offset = 0; offset != 9 * 64; offset += 64) __builtin_prefetch(begin + offset);
    }

    // Each line of memory is written by one side only.
    alignas(64) std::atomic<std::uint64_t> tickets_{0};
    alignas(64) std::uint64_t taken_ = 0;
    alignas(64) std::atomic<std::uint64_t> last_ticket_{open};
    std::unique_ptr<std::atomic<operation*>[]> places_;
    std::uint64_t const mask_;
};

}  // namespace audit_trail::detail
