/// \file
/// What must be done around fork(2): hold mutexes over it, and let go in the child of what belongs to the parent.
#pragma once

namespace audit_trail::storage {

class fork_participant {
 public:
    virtual ~fork_participant() = default;

    virtual void before_fork() noexcept = 0;
    virtual void after_fork_in_parent() noexcept = 0;
    virtual void after_fork_in_child() noexcept = 0;
};

/// From now on the participant's functions are called around every fork of this process: `before_fork` in the order of
/// joining, the others in the reverse order, all on the thread that forks.
///
/// Never join or leave while holding a mutex that some `before_fork` takes: the forking thread holds the registry then.
void join_forks(fork_participant& participant);
void leave_forks(fork_participant& participant) noexcept;

}  // namespace audit_trail::storage
