/// \file
/// Aborts when a condition does not hold.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace audit_trail::test {

inline void require(bool holds, char const* what) {
    if (holds) return;
    std::fprintf(stderr, "not so: %s\n", what);
    std::abort();
}

}  // namespace audit_trail::test
