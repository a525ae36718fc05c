#include "writer/health_monitor.hpp"

#include <boost/asio/post.hpp>
#include <utility>

namespace audit_trail::detail {
namespace {

error_code system_error(int number) noexcept {
    return {number, boost::system::system_category()};
}

}  // namespace

/// The posted function. If the executor destroys it without calling it, the next change posts another.
class health_monitor::call {
 public:
    call(health_monitor& monitor, std::shared_ptr<void> owner) noexcept
        : monitor_(&monitor), owner_(std::move(owner)) {}
    call(call&& other) noexcept : monitor_(std::exchange(other.monitor_, nullptr)), owner_(std::move(other.owner_)) {}
    call& operator=(call&&) = delete;
    ~call() {
        if (monitor_) monitor_->busy_.store(false);
    }

    void operator()() { std::exchange(monitor_, nullptr)->call_hook(owner_); }

 private:
    health_monitor* monitor_;
    std::shared_ptr<void> owner_;
};

void health_monitor::note_vanished(std::uint64_t segments) noexcept {
    if (segments == vanished_.load(std::memory_order_relaxed)) return;
    vanished_.store(segments, std::memory_order_release);
    changed_ = true;
}

void health_monitor::report(std::shared_ptr<void> const& owner) noexcept {
    if (!std::exchange(changed_, false) || !hook_) return;
    reports_.fetch_add(1);
    if (busy_.exchange(true)) return;
    bool posted = false;
    dispatcher_.while_in_use(home_.context(), [&] {
        if (silent_.load()) return;
        try {
            post(home_.get(), owner);
            posted = true;
        } catch (...) {
            // The executor threw. The next change tries again.
        }
    });
    if (!posted) busy_.store(false);
}

/// Requires: the caller runs on the writer's executor, so its context exists.
void health_monitor::post_next(std::shared_ptr<void> const& owner) noexcept {
    try {
        if (auto const executor = home_.copy()) return post(executor, owner);
    } catch (...) {
        // As in `report`.
    }
    busy_.store(false);
}

void health_monitor::post(asio::any_io_executor const& executor, std::shared_ptr<void> const& owner) {
    asio::post(executor, call(*this, owner));
}

/// Calls the hook at most once. An exception of the hook leaves this function; the next call is posted in any case.
void health_monitor::call_hook(std::shared_ptr<void> const& owner) {
    auto const event = take_event_or_rest();
    if (!event) return;
    struct next_at_exit {
        health_monitor& monitor;
        std::shared_ptr<void> const& owner;
        ~next_at_exit() { monitor.post_next(owner); }
    } const next{*this, owner};
    hook_(*event);
}

/// If there is nothing to take, gives up the right to take, so that the next report posts a function.
std::optional<health_event> health_monitor::take_event_or_rest() noexcept {
    for (;;) {
        std::uint64_t const seen = reports_.load();
        auto const event = silent_.load() ? std::nullopt : take_event();
        if (event) return event;
        busy_.store(false);
        if (reports_.load() == seen || busy_.exchange(true)) return std::nullopt;
    }
}

std::optional<health_event> health_monitor::take_event() noexcept {
    using kind = health_event::kind_type;
    std::uint64_t const vanished = vanished_.load(std::memory_order_acquire);
    if (auto const count = vanished - std::exchange(vanished_taken_, vanished); count != 0) {
        return health_event{kind::segment_vanished, {}, count};
    }
    if (auto const unavailable = log_unavailable_.take_change()) {
        if (!*unavailable) return health_event{kind::commit_log_available, {}, 1};
        return health_event{kind::commit_log_unavailable, system_error(log_unavailable_.error_number()), 1};
    }
    if (auto const full = disk_full_.take_change()) {
        if (!*full) return health_event{kind::disk_available, {}, 1};
        return health_event{kind::disk_full, system_error(disk_full_.error_number()), 1};
    }
    if (!stopped_.take_change()) return std::nullopt;
    return health_event{kind::stopped, {stopped_.error_number(), stopped_category()}, 1};
}

}  // namespace audit_trail::detail
