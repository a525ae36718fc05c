/// \file
/// Makes descriptors scarce.
#pragma once

#include <sys/resource.h>
#include <unistd.h>

namespace audit_trail::test {

/// Limits how many more files this process can open.
class files_limit {
 public:
    explicit files_limit(rlim_t files_left) {
        ::getrlimit(RLIMIT_NOFILE, &before_);
        int const lowest_free = ::dup(STDIN_FILENO);
        ::close(lowest_free);
        rlimit const now{static_cast<rlim_t>(lowest_free) + files_left, before_.rlim_max};
        ::setrlimit(RLIMIT_NOFILE, &now);
    }
    ~files_limit() { ::setrlimit(RLIMIT_NOFILE, &before_); }
    files_limit(files_limit const&) = delete;
    files_limit& operator=(files_limit const&) = delete;

 private:
    rlimit before_{};
};

}  // namespace audit_trail::test
