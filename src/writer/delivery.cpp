#include "writer/delivery.hpp"

#include <algorithm>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/query.hpp>
#include <boost/asio/strand.hpp>

namespace audit_trail::detail {

void delivery::watch(asio::execution_context& context, std::shared_ptr<context_guest> const& guest) {
    if (shortcut_to(context).load(std::memory_order_relaxed) == &context) return;
    {
        std::lock_guard const lock(mutex_);
        if (ended_) return;
        if (is_known(context)) return shortcut_to(context).store(&context, std::memory_order_relaxed);
    }
    // The service of strands must be there first, so as to be destroyed last: writers may hold a strand to their end.
    static_cast<void>(asio::use_service<asio::detail::strand_executor_service>(context));
    auto const watch = asio::use_service<context_service>(context).watch();
    std::lock_guard const lock(mutex_);
    if (ended_ || is_known(context)) return;
    known_.reserve(known_.size() + 1);  // so that both know each other, or neither does
    watch->add(guest);
    known_.push_back({&context, watch});
}

std::atomic<asio::execution_context*>& delivery::shortcut_to(asio::execution_context const& context) noexcept {
    return shortcuts_[reinterpret_cast<std::uintptr_t>(&context) / alignof(std::max_align_t) % shortcuts_.size()];
}

bool delivery::is_known(asio::execution_context const& context) const {
    return std::any_of(known_.begin(), known_.end(), [&](auto const& known) { return known.context == &context; });
}

void delivery::complete(operation_chain&& done, std::uint64_t taken, std::shared_ptr<writer_core> const& core) {
    std::lock_guard const lock(mutex_);
    while (operation* const op = done.pop()) {
        if (dying_context* const dying = find_dying(op->context)) {
            dying->orphans.push(*op);
        } else {
            queue_for(op->executor).stage(*op);
        }
    }
    for (auto const& queue : queues_) {
        if (queue->anything_staged()) queue->publish(core);
    }
    if (queues_.size() > many_queues) drop_idle_queues();
    taken_ = taken;
    if (!dying_.empty()) changed_.notify_all();
}

delivery::dying_context* delivery::find_dying(asio::execution_context const* context) {
    if (dying_.empty()) return nullptr;
    for (dying_context& dying : dying_) {
        if (dying.context == context) return &dying;
    }
    return nullptr;
}

completion_queue& delivery::queue_for(asio::any_io_executor const& executor) {
    if (last_used_ && last_used_->executor() == executor) return *last_used_;
    auto const is_same = [&](auto const& queue) { return queue->executor() == executor; };
    auto const found = std::find_if(queues_.begin(), queues_.end(), is_same);
    if (found == queues_.end()) {
        queues_.push_back(std::make_shared<completion_queue>(executor));
        last_used_ = queues_.back().get();
    } else {
        last_used_ = found->get();
    }
    return *last_used_;
}

void delivery::drop_idle_queues() {
    std::erase_if(queues_, [](auto const& queue) { return queue->idle(); });
    last_used_ = nullptr;
}

void delivery::opened() {
    std::lock_guard const lock(mutex_);
    opened_ = true;
    changed_.notify_all();
}

void delivery::ended() {
    std::lock_guard const lock(mutex_);
    queues_.clear();  // with their executors, which may not outlive their contexts
    last_used_ = nullptr;
    ended_ = true;
    changed_.notify_all();
}

std::vector<std::shared_ptr<context_watch>> delivery::take_watches() {
    std::lock_guard const lock(mutex_);
    std::vector<std::shared_ptr<context_watch>> watches;
    for (known_context& known : known_) watches.push_back(std::move(known.watch));
    known_.clear();
    return watches;
}

void delivery::forget(asio::execution_context& context, inbox const& input) {
    std::unique_lock lock(mutex_);
    dying_context& dying = begin_dying(context);
    auto const queues = remove_queues_of(context);
    lock.unlock();
    for (auto const& queue : queues) queue->abandon();
    for (;;) {
        // Anew in each round: handlers may call the writer when they are destroyed.
        std::uint64_t const target = input.put();
        bool const until_end = input.closed();
        lock.lock();
        changed_.wait(lock,
                      [&] { return !dying.orphans.empty() || ended_ || (opened_ && !until_end && taken_ >= target); });
        if (dying.orphans.empty()) return;
        operation_chain orphans(std::move(dying.orphans));
        lock.unlock();
        orphans.abandon();
    }
}

delivery::dying_context& delivery::begin_dying(asio::execution_context& context) {
    if (dying_context* const known = find_dying(&context)) return *known;
    dying_context& begun = *dying_.emplace(dying_.end());
    begun.context = &context;
    return begun;
}

void delivery::drop(asio::execution_context& context) {
    std::lock_guard const lock(mutex_);
    shortcut_to(context).store(nullptr, std::memory_order_relaxed);
    dying_.remove_if([&](dying_context const& dying) { return dying.context == &context; });
}

void delivery::drop_watch(context_watch const& watch) {
    std::lock_guard const lock(mutex_);
    std::erase_if(known_, [&](known_context const& known) { return known.watch.get() == &watch; });
}

std::vector<std::shared_ptr<completion_queue>> delivery::remove_queues_of(asio::execution_context& context) {
    std::vector<std::shared_ptr<completion_queue>> removed;
    std::erase_if(queues_, [&](auto const& queue) {
        bool const belongs = &asio::query(queue->executor(), asio::execution::context) == &context;
        if (belongs) removed.push_back(queue);
        return belongs;
    });
    last_used_ = nullptr;
    return removed;
}

}  // namespace audit_trail::detail
