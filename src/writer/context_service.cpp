#include "writer/context_service.hpp"

#include <algorithm>

#include "writer/writer_core.hpp"

namespace audit_trail::detail {

void context_watch::add(std::shared_ptr<writer_core> core) {
    std::lock_guard const lock(mutex_);
    writers_.push_back(std::move(core));
}

void context_watch::remove(writer_core const& core) {
    std::shared_ptr<writer_core> removed;  // released after the lock
    std::lock_guard const lock(mutex_);
    auto const found = std::find_if(writers_.begin(), writers_.end(), [&](auto const& held) { return held.get() == &core; });
    if (found == writers_.end()) return;
    removed = std::move(*found);
    writers_.erase(found);
}

std::vector<std::shared_ptr<writer_core>> context_watch::writers() const {
    std::lock_guard const lock(mutex_);
    return writers_;
}

context_service::context_service(asio::execution_context& context) : asio::execution_context::service(context) {}

context_service::~context_service() {
    // By now every handler of the context is gone, and with them the last handles that they held.
    for (auto const& core : watch_->writers()) core->wait_closed_unless_held();
}

void context_service::shutdown() {
    for (auto const& core : watch_->writers()) core->forget_context(context());
}

}  // namespace audit_trail::detail
