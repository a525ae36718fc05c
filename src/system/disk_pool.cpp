#include "system/disk_pool.hpp"

#include <sys/prctl.h>

#include <algorithm>
#include <atomic>
#include <latch>

#include "system/background_thread.hpp"

namespace audit_trail::detail {

/// The jobs of one `for_each` call. May outlive the call if a helper starts late: then no job is left, and the helper
/// uses only `next_` and `count_`.
class disk_pool::job_list {
 public:
    job_list(std::size_t count, std::function<void(std::size_t)> const& run)
        : run_(run), count_(count), done_(static_cast<std::ptrdiff_t>(count)) {}

    void work() {
        for (std::size_t index = next_++; index < count_; index = next_++) {
            run_(index);
            done_.count_down();
        }
    }
    void wait() const { done_.wait(); }

 private:
    std::function<void(std::size_t)> const& run_;
    std::size_t const count_;
    std::atomic<std::size_t> next_{0};
    std::latch done_;
};

disk_pool::disk_pool(asio::any_io_executor shared, std::size_t most_threads)
    : shared_(std::move(shared)), most_threads_(most_threads) {
    if (shared_) return;
    own_ = std::make_shared<own_contexts>();
    work_.emplace(own_->steps.get_executor());
    helpers_work_.emplace(own_->helpers.get_executor());
}

disk_pool::~disk_pool() = default;

error_code disk_pool::start() {
    return own_ && threads_ == 0 ? start_thread(&own_contexts::steps) : error_code();
}

void disk_pool::finish() noexcept {
    work_.reset();
    helpers_work_.reset();
}

asio::any_io_executor disk_pool::executor() const {
    if (own_) return own_->helpers.get_executor();
    return shared_;
}

error_code disk_pool::start_thread(asio::io_context own_contexts::*which) {
    error_code const ec = start_background_thread([own = own_, which] {
        prctl(PR_SET_TIMERSLACK, 1);  // 1 ns: a step may sleep for some microseconds while its batch fills
        (*own.*which).run();
    });
    if (!ec) ++threads_;
    return ec;
}

/// Starts threads, up to `threads` in total. Ignores failures: with fewer threads, the jobs only take longer.
void disk_pool::grow(std::size_t threads) noexcept {
    if (!own_) return;
    while (threads_ < threads && !start_thread(&own_contexts::helpers)) continue;
}

void disk_pool::for_each(std::size_t count, std::function<void(std::size_t)> const& run) {
    grow(std::min(count, most_threads_));
    for_each_on_free_threads(count, run);
}

void disk_pool::for_each_on_free_threads(std::size_t count, std::function<void(std::size_t)> const& run) {
    std::size_t const threads = std::min(count, most_threads_);
    if (threads > 1) {
        if (auto const jobs = post_helpers(threads - 1, count, run)) {
            jobs->work();
            return jobs->wait();
        }
    }
    for (std::size_t index = 0; index != count; ++index) run(index);
}

/// Returns null if memory runs out before the list exists. If fewer helpers can be posted, the calling thread runs the
/// remaining jobs.
std::shared_ptr<disk_pool::job_list> disk_pool::post_helpers(std::size_t helpers, std::size_t count,
                                                             std::function<void(std::size_t)> const& run) noexcept {
    std::shared_ptr<job_list> jobs;
    try {
        jobs = std::make_shared<job_list>(count, run);
        auto const anywhere = executor();
        for (std::size_t n = 0; n != helpers; ++n) asio::post(anywhere, [jobs] { jobs->work(); });
    } catch (...) {
    }
    return jobs;
}

void disk_pool::abandon(std::unique_ptr<disk_pool> pool) noexcept {
    // Kept in a list, so that leak detectors do not report it. Never destroyed, not even at the end of the process.
    static disk_pool* abandoned = nullptr;
    pool->next_abandoned_ = abandoned;
    abandoned = pool.release();
}

}  // namespace audit_trail::detail
