#include "execution/context_service.hpp"

#include <algorithm>
#include <iterator>

namespace audit_trail::detail {

void context_watch::add(std::shared_ptr<context_guest> guest) {
    std::lock_guard const lock(mutex_);
    guests_.push_back(std::move(guest));
}

void context_watch::remove(context_guest const* guest) {
    std::shared_ptr<context_guest> removed;
    {
        std::lock_guard const lock(mutex_);
        auto const is_it = [&](auto const& held) { return held.get() == guest; };
        auto const found = std::find_if(guests_.begin(), guests_.end(), is_it);
        if (found == guests_.end()) return;
        removed = std::move(*found);
    }
    removed.reset();
    std::lock_guard const lock(mutex_);
    guests_.erase(std::find(guests_.begin(), guests_.end(), nullptr));
    removed_.notify_all();
}

void context_watch::wait_removed(context_guest const* guest) {
    std::unique_lock lock(mutex_);
    removed_.wait(lock, [&] { return !holds(guest); });
}

bool context_watch::holds(context_guest const* guest) const {
    return std::any_of(guests_.begin(), guests_.end(), [&](auto const& held) { return held.get() == guest; });
}

std::vector<std::shared_ptr<context_guest>> context_watch::guests() const {
    std::lock_guard const lock(mutex_);
    std::vector<std::shared_ptr<context_guest>> result;
    std::remove_copy(guests_.begin(), guests_.end(), std::back_inserter(result), nullptr);
    return result;
}

context_service::context_service(asio::execution_context& context) : asio::execution_context::service(context) {
    storage::join_forks(*this);
}

context_service::~context_service() {
    storage::leave_forks(*this);
    // By now every handler of the context is gone, and with them the last handles that they held.
    // The executors that they hold may need services of this context to be destroyed: so wait for that too.
    for (auto& guest : watch_->guests()) {
        if (!guest->leave_context(context(), *watch_)) continue;
        auto const* const ended = guest.get();
        guest.reset();
        watch_->wait_removed(ended);
    }
    watch_->wait_removed(nullptr);
}

/// The guests are the parent's, and one of its threads may have been at work on the list: the child begins another and
/// never touches this one, not even to free it.
void context_service::after_fork_in_child() noexcept {
    static_cast<void>(new std::shared_ptr<context_watch>(std::move(watch_)));
    watch_ = std::make_shared<context_watch>();
}

void context_service::shutdown() {
    for (auto const& guest : watch_->guests()) guest->forget_context(context());
}

}  // namespace audit_trail::detail
