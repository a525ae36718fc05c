#include "writer/completion_dispatcher.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>

#include "async/single_finish.hpp"

namespace audit_trail::detail {

completion_dispatcher::posting::posting(completion_dispatcher& dispatcher, asio::execution_context* context)
    : dispatcher_(dispatcher), may_post_(dispatcher.begin_posting(context)) {}

completion_dispatcher::posting::~posting() {
    if (!may_post_) return;
    std::lock_guard const lock(dispatcher_.mutex_);
    dispatcher_.posting_to_ = nullptr;
    dispatcher_.changed_.notify_all();
}

bool completion_dispatcher::begin_posting(asio::execution_context* context) {
    std::lock_guard const lock(mutex_);
    if (find_dying(context) != nullptr) return false;
    posting_to_ = context;
    return true;
}

void completion_dispatcher::watch(asio::execution_context& context, asio::any_io_executor const& executor,
                                  std::shared_ptr<context_guest> const& guest) {
    if (shortcut_to(context).load(std::memory_order_relaxed) == &context) return;
    {
        std::lock_guard const lock(mutex_);
        if (is_known(context)) return shortcut_to(context).store(&context, std::memory_order_relaxed);
    }
    auto registry = context_registry::of(executor);
    registry->add(guest);
    std::lock_guard const lock(mutex_);
    if (!is_known(context)) known_.push_back({&context, std::move(registry)});
}

std::atomic<asio::execution_context*>& completion_dispatcher::shortcut_to(
    asio::execution_context const& context) noexcept {
    return shortcuts_[reinterpret_cast<std::uintptr_t>(&context) / alignof(std::max_align_t) % shortcuts_.size()];
}

bool completion_dispatcher::is_known(asio::execution_context const& context) const {
    return std::ranges::find(known_, &context, &known_context::context) != known_.end();
}

void completion_dispatcher::complete(operation_list&& done, std::uint64_t taken, std::shared_ptr<void> const& owner) {
    while (!done.empty()) {
        operation& first = take_first(done);
        operation_list run;
        run.push_back(first);
        while (!done.empty() && done.front().executor == first.executor) run.push_back(take_first(done));
        complete_run(std::move(run), owner);
    }
    std::lock_guard const lock(mutex_);
    taken_ = taken;
    if (!dying_.empty()) changed_.notify_all();
}

void completion_dispatcher::complete_run(operation_list&& done, std::shared_ptr<void> const& owner) {
    asio::execution_context* const context = done.front().context;
    bool const follows_last_run = last_context_ == context;
    if (!follows_last_run) seal_last_run();
    if (posting const allowed(*this, context); allowed) {
        post(std::move(done), owner);
    } else {
        add_orphans(context, std::move(done));
    }
}

/// Requires: a `posting` object for the context.
void completion_dispatcher::post(operation_list&& done, std::shared_ptr<void> const& owner) {
    operation& first = done.front();
    if (auto const last = last_run_.lock()) {
        if (last->executor() == first.executor) return last->add(std::move(done));
        last->seal();
    }
    last_run_.reset();
    last_context_ = nullptr;
    // Moved, not copied: a copy in the operation could be destroyed by the handler's thread while this thread posts.
    auto executor = std::move(first.executor);
    try {
        if (done.size() == 1) {
            asio::post(executor, single_finish(take_first(done), owner));
        } else {
            auto const run = std::make_shared<completion_run>(std::move(executor), owner);
            last_run_ = run;
            last_context_ = first.context;
            run->add(std::move(done));
        }
    } catch (...) {
        // The executor threw: the handlers are destroyed, as when the context is destroyed.
        abandon(done);
    }
}

/// Called before another executor is used. Its handlers may initiate operations that complete on the last run's
/// executor. Those operations must not overtake the last run, so its remaining turns are posted now.
void completion_dispatcher::seal_last_run() {
    if (last_context_ == nullptr) return;
    if (posting const allowed(*this, last_context_); allowed) {
        if (auto const last = last_run_.lock()) last->seal();
    }
    last_run_.reset();
    last_context_ = nullptr;
}

void completion_dispatcher::add_orphans(asio::execution_context const* context, operation_list&& orphans) {
    std::lock_guard const lock(mutex_);
    append(begin_dying(context).orphans, std::move(orphans));
    changed_.notify_all();
}

completion_dispatcher::dying_context* completion_dispatcher::find_dying(asio::execution_context const* context) {
    for (dying_context& dying : dying_) {
        if (dying.context == context) return &dying;
    }
    return nullptr;
}

completion_dispatcher::dying_context& completion_dispatcher::begin_dying(asio::execution_context const* context) {
    if (dying_context* const known = find_dying(context)) return *known;
    dying_context& begun = *dying_.emplace(dying_.end());
    begun.context = context;
    return begun;
}

void completion_dispatcher::opened() {
    std::lock_guard const lock(mutex_);
    opened_ = true;
    changed_.notify_all();
}

void completion_dispatcher::ended() {
    std::lock_guard const lock(mutex_);
    ended_ = true;
    changed_.notify_all();
}

void completion_dispatcher::step_posted() noexcept {
    std::lock_guard const lock(mutex_);
    changed_.notify_all();
}

void completion_dispatcher::forget(asio::execution_context const& context, submission_queue const& queue,
                                   step_schedule& schedule, std::function<void()> const& run_step) {
    std::unique_lock lock(mutex_);
    dying_context& dying = begin_dying(&context);
    changed_.wait(lock, [&] { return posting_to_ != &context; });
    lock.unlock();
    for (;;) {
        schedule.wake();
        if (schedule.claim()) run_step();
        // Read in each round: a handler that is destroyed may call the writer.
        std::uint64_t const target = queue.put();
        bool const until_end = queue.closed();
        auto const is_done = [&] { return ended_ || (opened_ && !until_end && taken_ >= target); };
        lock.lock();
        changed_.wait(lock, [&] { return !dying.orphans.empty() || is_done() || schedule.is_posted(); });
        bool const done = is_done();
        operation_list orphans(std::move(dying.orphans));
        lock.unlock();
        if (orphans.empty() && done) return;
        abandon(orphans);
    }
}

void completion_dispatcher::drop(asio::execution_context const& context) {
    std::lock_guard const lock(mutex_);
    shortcut_to(context).store(nullptr, std::memory_order_relaxed);
    dying_.remove_if([&](dying_context const& dying) { return dying.context == &context; });
    std::erase_if(known_, [&](known_context const& known) { return known.context == &context; });
}

void completion_dispatcher::leave_registries(context_guest const& guest) noexcept {
    for (known_context const& known : known_) known.registry->remove(guest);
}

void completion_dispatcher::before_fork() noexcept {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return posting_to_ == nullptr; });
    lock.release();
}

}  // namespace audit_trail::detail
