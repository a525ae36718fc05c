/// \file
/// Shows standard output in a pager, as git and journalctl do.
#pragma once

#include <sys/types.h>

namespace audit_trail::cli {

/// While it runs, standard output is a pipe to the pager. When the user quits the pager, writes fail with EPIPE.
class pager {
 public:
    /// Runs nothing.
    pager() noexcept = default;
    pager(pager const&) = delete;
    pager& operator=(pager const&) = delete;
    ~pager() { close(); }

    /// Runs the command of AUDIT_TRAIL_PAGER, or else of PAGER, or else less. Runs nothing if the command is empty or
    /// cat, or if TERM is "dumb". Requires: standard output is a terminal.
    void start();

    bool is_running() const noexcept { return process_ > 0; }

    /// Waits until the user quits the pager, and restores standard output. Reports a command that cannot be run, and
    /// then returns false. Does nothing if no pager runs.
    bool close();

 private:
    pid_t process_ = 0;
    int terminal_ = -1;  // standard output before
};

}  // namespace audit_trail::cli
