/// \file
/// Provides memory for posting one function at a time, so that the post cannot fail.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <memory>
#include <new>

namespace audit_trail::detail {

/// A strand allocates twice for a posted function: for the function, and for its own post to the inner executor. The
/// next post may begin before that memory is freed. So there are four slots.
///
/// Thread safe. Must outlive the posted functions: they own the object that contains this memory.
class reserved_memory {
 public:
    void* allocate(std::size_t size) {
        for (slot& candidate : slots_) {
            if (size <= slot_size && !candidate.used.exchange(true, std::memory_order_acquire)) return candidate.bytes;
        }
        return ::operator new(size);
    }

    void deallocate(void* memory) noexcept {
        for (slot& candidate : slots_) {
            if (candidate.bytes == memory) return candidate.used.store(false, std::memory_order_release);
        }
        ::operator delete(memory);
    }

 private:
    static constexpr std::size_t slot_size = 256;

    struct slot {
        alignas(std::max_align_t) std::byte bytes[slot_size];
        std::atomic<bool> used{false};
    };
    std::array<slot, 4> slots_;
};

template <class T>
class reserved_allocator {
 public:
    using value_type = T;

    explicit reserved_allocator(reserved_memory& memory) noexcept : memory_(&memory) {}
    template <class U>
    reserved_allocator(reserved_allocator<U> const& other) noexcept : memory_(&other.memory()) {}

    T* allocate(std::size_t count) { return static_cast<T*>(memory_->allocate(count * sizeof(T))); }
    void deallocate(T* place, std::size_t) noexcept { memory_->deallocate(place); }
    reserved_memory& memory() const noexcept { return *memory_; }

    template <class U>
    bool operator==(reserved_allocator<U> const& other) const noexcept {
        return memory_ == &other.memory();
    }

 private:
    reserved_memory* memory_;
};

}  // namespace audit_trail::detail
