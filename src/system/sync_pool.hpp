/// \file
/// A few threads that sync files at the same time.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace audit_trail::storage {

class sync_pool {
 public:
    using task = std::function<void(std::size_t)>;

    /// \param threads how many tasks may run at once, the caller's own included; at least 1
    explicit sync_pool(std::size_t threads) noexcept;
    ~sync_pool();
    sync_pool(sync_pool const&) = delete;
    sync_pool& operator=(sync_pool const&) = delete;

    /// Calls `run(0)` … `run(count - 1)`, some of them on helper threads, and returns when all have returned. Helpers
    /// start when they are first needed, with all signals blocked; when none can be started the caller does it all.
    void for_each(std::size_t count, task const& run);

 private:
    void start_helpers(std::size_t wanted);
    void help();
    /// Runs tasks until none is left to begin. Called and left with the mutex locked.
    void work(std::unique_lock<std::mutex>& hold);

    std::size_t const max_helpers_;
    std::vector<std::thread> helpers_;

    std::mutex mutex_;
    std::condition_variable work_came_;
    std::condition_variable work_done_;
    task const* run_ = nullptr;
    std::size_t count_ = 0;
    std::size_t next_ = 0;
    std::size_t finished_ = 0;
    bool stopping_ = false;
};

}  // namespace audit_trail::storage
