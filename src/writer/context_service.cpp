#include "writer/context_service.hpp"

#include <algorithm>
#include <iterator>

#include "writer/writer_core.hpp"

namespace audit_trail::detail {

void context_watch::add(std::shared_ptr<writer_core> core) {
    std::lock_guard const lock(mutex_);
    writers_.push_back(std::move(core));
}

void context_watch::remove(writer_core const* core) {
    std::shared_ptr<writer_core> removed;
    {
        std::lock_guard const lock(mutex_);
        auto const is_it = [&](auto const& held) { return held.get() == core; };
        auto const found = std::find_if(writers_.begin(), writers_.end(), is_it);
        if (found == writers_.end()) return;
        removed = std::move(*found);
    }
    removed.reset();
    std::lock_guard const lock(mutex_);
    writers_.erase(std::find(writers_.begin(), writers_.end(), nullptr));
    removed_.notify_all();
}

void context_watch::wait_removed(writer_core const* core) {
    std::unique_lock lock(mutex_);
    removed_.wait(lock, [&] { return !holds(core); });
}

bool context_watch::holds(writer_core const* core) const {
    return std::any_of(writers_.begin(), writers_.end(), [&](auto const& held) { return held.get() == core; });
}

std::vector<std::shared_ptr<writer_core>> context_watch::writers() const {
    std::lock_guard const lock(mutex_);
    std::vector<std::shared_ptr<writer_core>> result;
    std::remove_copy(writers_.begin(), writers_.end(), std::back_inserter(result), nullptr);
    return result;
}

context_service::context_service(asio::execution_context& context) : asio::execution_context::service(context) {
    storage::join_forks(*this);
}

context_service::~context_service() {
    storage::leave_forks(*this);
    // By now every handler of the context is gone, and with them the last handles that they held.
    // The executors that the writers hold may need services of this context to be destroyed: so wait for that too.
    for (auto& core : watch_->writers()) {
        if (!core->leave_context(context(), *watch_)) continue;
        auto const* const ended = core.get();
        core.reset();
        watch_->wait_removed(ended);
    }
    watch_->wait_removed(nullptr);
}

/// The writers are the parent's, and one of its threads may have been at work on the list: the child begins another and
/// never touches this one, not even to free it.
void context_service::after_fork_in_child() noexcept {
    static_cast<void>(new std::shared_ptr<context_watch>(std::move(watch_)));
    watch_ = std::make_shared<context_watch>();
}

void context_service::shutdown() {
    for (auto const& core : watch_->writers()) core->forget_context(context());
}

}  // namespace audit_trail::detail
