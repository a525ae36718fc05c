/// \file
/// Starts threads of the library. They block all signals, so that the program's own threads handle them.
#pragma once

#include <signal.h>

#include <audit_trail/error.hpp>
#include <new>
#include <system_error>
#include <thread>
#include <utility>

namespace audit_trail::detail {

/// Blocks all signals on this thread while the object exists. Threads that are started meanwhile inherit the mask.
class all_signals_blocked {
 public:
    all_signals_blocked() {
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_BLOCK, &all, &before_);
    }
    ~all_signals_blocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
    sigset_t before_;
};

/// Blocks SIGXFSZ on a thread of the user, so that a write past RLIMIT_FSIZE fails with EFBIG and does not end the
/// process. A SIGXFSZ that was raised meanwhile is discarded.
class file_size_signal_blocked {
 public:
    file_size_signal_blocked() {
        sigemptyset(&signal_);
        sigaddset(&signal_, SIGXFSZ);
        pthread_sigmask(SIG_BLOCK, &signal_, &before_);
    }
    ~file_size_signal_blocked() {
        if (sigismember(&before_, SIGXFSZ)) return;
        timespec const no_time{};
        while (sigtimedwait(&signal_, nullptr, &no_time) == SIGXFSZ) continue;
        pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    }
    file_size_signal_blocked(file_size_signal_blocked const&) = delete;
    file_size_signal_blocked& operator=(file_size_signal_blocked const&) = delete;

 private:
    sigset_t signal_;
    sigset_t before_;
};

/// Makes dlclose(3) keep the shared object with this code in memory. A background thread may still execute its last
/// instructions after it has reported the end of its work.
void keep_code_loaded() noexcept;

/// Starts a thread that is never joined.
template <class Function>
error_code start_background_thread(Function function) {
    keep_code_loaded();
    all_signals_blocked const blocked;
    try {
        std::thread(std::move(function)).detach();
    } catch (std::system_error const& failure) {
        return failure.code();
    } catch (std::bad_alloc const&) {
        return make_error_code(boost::system::errc::not_enough_memory);
    }
    return {};
}

}  // namespace audit_trail::detail
