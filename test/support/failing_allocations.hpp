/// \file
/// Replaces operator new, so that a test can make an allocation fail. Include it in only one source of a test program.
#pragma once

#include <atomic>
#include <cstdlib>
#include <new>
#include <utility>

namespace audit_trail::test {

/// The number of allocations of this thread that succeed before one fails. Negative: all succeed.
inline thread_local int allocations_left = -1;

/// The same for all threads together, except threads that set `is_test_thread`.
inline std::atomic<int> allocations_of_other_threads_left = -1;
inline thread_local bool is_test_thread = false;
inline std::atomic<bool> allocation_failed = false;

inline bool allocation_fails() noexcept {
    if (allocations_left >= 0 && allocations_left-- == 0) return true;
    if (is_test_thread || allocations_of_other_threads_left < 0) return false;
    bool const fails = allocations_of_other_threads_left-- == 0;
    if (fails) allocation_failed = true;
    return fails;
}

/// While the object exists, allocations of this thread neither fail nor count.
class uncounted_allocations {
 public:
    uncounted_allocations() noexcept : before_(std::exchange(allocations_left, -1)) {}
    ~uncounted_allocations() { allocations_left = before_; }
    uncounted_allocations(uncounted_allocations const&) = delete;
    uncounted_allocations& operator=(uncounted_allocations const&) = delete;

 private:
    int before_;
};

}  // namespace audit_trail::test

void* operator new(std::size_t size) {
    if (audit_trail::test::allocation_fails()) throw std::bad_alloc();
    if (void* const place = std::malloc(size)) return place;
    throw std::bad_alloc();
}
void operator delete(void* place) noexcept {
    std::free(place);
}
void operator delete(void* place, std::size_t) noexcept {
    std::free(place);
}
