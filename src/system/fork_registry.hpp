/// \file
/// Calls objects before and after fork(2), so that they can lock their mutexes during the fork, and release the
/// resources of the parent in the child.
#pragma once

namespace audit_trail::storage {

class fork_participant {
 public:
    virtual ~fork_participant() = default;

    virtual void before_fork() noexcept = 0;
    virtual void after_fork_in_parent() noexcept = 0;
    virtual void after_fork_in_child() noexcept = 0;
};

/// Until `leave_forks`, the participant's functions are called around every fork of this process, on the forking
/// thread: `before_fork` in the order of joining, the others in reverse order.
///
/// Do not join or leave while holding a mutex that a `before_fork` function locks: the forking thread holds the
/// registry's mutex while it waits for that mutex (deadlock).
void join_forks(fork_participant& participant);
void leave_forks(fork_participant& participant) noexcept;

}  // namespace audit_trail::storage
