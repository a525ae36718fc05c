/// \file
/// Replaces operator new: an allocation of a thread fails when a test asks for that. For one source of a test program.
#pragma once

#include <atomic>
#include <cstdlib>
#include <new>
#include <utility>

namespace audit_trail::test {

/// How many allocations of this thread succeed before one fails; negative: all succeed.
inline thread_local int allocations_left = -1;

/// The same for all threads but those that set `is_test_thread`, together.
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

/// No allocation of this thread fails, or is counted, meanwhile.
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
