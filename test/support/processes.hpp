/// \file
/// Runs child processes, and lets parents and children wait for each other without a clock.
#pragma once

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/test/unit_test.hpp>
#include <utility>

namespace audit_trail::test {

/// A pipe that sends single characters.
class signal_pipe {
 public:
    signal_pipe() { BOOST_REQUIRE(::pipe2(ends_.data(), O_CLOEXEC) == 0); }
    ~signal_pipe() {
        ::close(ends_[0]);
        if (ends_[1] >= 0) ::close(ends_[1]);
    }
    signal_pipe(signal_pipe const&) = delete;
    signal_pipe& operator=(signal_pipe const&) = delete;

    void send(char value = 'x') const { static_cast<void>(!::write(ends_[1], &value, 1)); }

    /// Returns the next character; 0 if no process has the writing end any more.
    char receive() const {
        char value = 0;
        static_cast<void>(!::read(ends_[0], &value, 1));
        return value;
    }

    void close_writing_end() {
        if (ends_[1] >= 0) ::close(std::exchange(ends_[1], -1));
    }

    /// Waits until every other process that has the pipe has ended, or executes another program.
    void wait_for_end() {
        close_writing_end();
        receive();
    }

 private:
    std::array<int, 2> ends_{};
};

/// Runs `body` in a forked child. The result of `body` is the child's exit code.
template <class Body>
pid_t in_child(Body body) {
    pid_t const child = ::fork();
    if (child == 0) ::_exit(body());
    return child;
}

inline int exit_code_of(pid_t child) {
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

template <class Body>
int exit_code_of_child_that(Body body) {
    return exit_code_of(in_child(std::move(body)));
}

}  // namespace audit_trail::test
