/// \file
/// How much memory something takes. For one file of a test program.
#pragma once

#include <sys/resource.h>

#if defined(__SANITIZE_ADDRESS__)
#define AUDIT_TRAIL_TEST_KEEPS_FREED_MEMORY 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define AUDIT_TRAIL_TEST_KEEPS_FREED_MEMORY 1
#elif __has_feature(thread_sanitizer)
#define AUDIT_TRAIL_TEST_MEMORY_HAS_SHADOW 1
#endif
#endif

#ifdef AUDIT_TRAIL_TEST_KEEPS_FREED_MEMORY
/// The sanitizer holds back what is freed, by default so much that nothing could be told.
extern "C" char const* __asan_default_options() {
    return "quarantine_size_mb=1";
}
#endif

namespace audit_trail::test {

#ifdef AUDIT_TRAIL_TEST_MEMORY_HAS_SHADOW
/// The sanitizer notes in two bytes for each who uses it.
inline constexpr long bytes_for_each = 3;
#else
inline constexpr long bytes_for_each = 1;
#endif

inline long peak_kibibytes() {
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    return used.ru_maxrss;
}

/// How far the process has grown beyond what it ever had, while `function` ran.
template <typename Function>
long peak_growth_kibibytes(Function function) {
    long const before = peak_kibibytes();
    function();
    return (peak_kibibytes() - before) / bytes_for_each;
}

}  // namespace audit_trail::test
