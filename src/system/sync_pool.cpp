#include "system/sync_pool.hpp"

#include <csignal>
#include <new>
#include <system_error>

namespace audit_trail::storage {
namespace {

/// A thread inherits the signal mask of the one that starts it.
class all_signals_blocked {
 public:
    all_signals_blocked() noexcept {
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    ~all_signals_blocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    all_signals_blocked(all_signals_blocked const&) = delete;
    all_signals_blocked& operator=(all_signals_blocked const&) = delete;

 private:
    sigset_t before_;
};

}  // namespace

sync_pool::sync_pool(std::size_t threads) noexcept : max_helpers_(threads == 0 ? 0 : threads - 1) {}

sync_pool::~sync_pool() {
    {
        std::lock_guard const hold(mutex_);
        stopping_ = true;
    }
    work_came_.notify_all();
    for (auto& helper : helpers_) helper.join();
}

void sync_pool::for_each(std::size_t count, task const& run) {
    if (count == 0) return;
    if (count == 1) return run(0);
    start_helpers(count - 1);

    std::unique_lock hold(mutex_);
    run_ = &run;
    count_ = count;
    next_ = finished_ = 0;
    work_came_.notify_all();
    work(hold);
    work_done_.wait(hold, [this] { return finished_ == count_; });
    count_ = next_ = 0;
}

void sync_pool::start_helpers(std::size_t wanted) {
    all_signals_blocked const blocked;
    try {
        while (helpers_.size() < std::min(wanted, max_helpers_)) helpers_.emplace_back([this] { help(); });
    } catch (std::system_error const&) {
        // Fewer threads are slower, not worse.
    } catch (std::bad_alloc const&) {
    }
}

void sync_pool::help() {
    std::unique_lock hold(mutex_);
    for (;;) {
        work_came_.wait(hold, [this] { return stopping_ || next_ < count_; });
        if (stopping_) return;
        work(hold);
    }
}

void sync_pool::work(std::unique_lock<std::mutex>& hold) {
    while (next_ < count_) {
        std::size_t const index = next_++;
        task const& run = *run_;
        hold.unlock();
        run(index);
        hold.lock();
        if (++finished_ == count_) work_done_.notify_one();
    }
}

}  // namespace audit_trail::storage
