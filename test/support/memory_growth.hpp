/// \file
/// Measures how much memory a function needs. Include it in only one file of a test program.
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
/// The sanitizer keeps freed memory; by default so much that a measurement would be useless.
extern "C" char const* __asan_default_options() {
    return "quarantine_size_mb=1";
}
#endif

namespace audit_trail::test {

#ifdef AUDIT_TRAIL_TEST_MEMORY_HAS_SHADOW
/// The sanitizer needs two bytes of shadow memory for each byte.
inline constexpr long bytes_for_each = 3;
#else
inline constexpr long bytes_for_each = 1;
#endif

inline long peak_kibibytes() {
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    return used.ru_maxrss;
}

/// Returns by how much `function` increased the peak memory of the process.
template <typename Function>
long peak_growth_kibibytes(Function function) {
    long const before = peak_kibibytes();
    function();
    return (peak_kibibytes() - before) / bytes_for_each;
}

}  // namespace audit_trail::test
