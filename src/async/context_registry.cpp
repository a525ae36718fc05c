#include "async/context_registry.hpp"

#include <algorithm>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/query.hpp>
#include <boost/asio/strand.hpp>
#include <utility>

#include "async/home_executor.hpp"
#include "system/fork_registry.hpp"

namespace audit_trail::detail {
namespace {

class context_service final : public asio::execution_context::service, private storage::fork_participant {
 public:
    using key_type = context_service;
    static asio::execution_context::id id;

    explicit context_service(asio::execution_context& context) : asio::execution_context::service(context) {
        storage::join_forks(*this);
    }

    /// The context has already destroyed all its handlers, including the handles of writers and followers in them.
    ~context_service() override {
        storage::leave_forks(*this);
        for (auto const& guest : registry_->guests()) guest->leave_context(context());
        registry_->clear_executors();
    }

    std::shared_ptr<context_registry> const& registry() const noexcept { return registry_; }

 private:
    void shutdown() override {
        for (auto const& guest : registry_->guests()) guest->forget_context(context());
    }

    void before_fork() noexcept override { registry_->lock(); }
    void after_fork_in_parent() noexcept override { registry_->unlock(); }
    void after_fork_in_child() noexcept override {
        registry_->forget_other_threads();
        registry_->unlock();
    }

    std::shared_ptr<context_registry> const registry_ = std::make_shared<context_registry>();
};

asio::execution_context::id context_service::id;

}  // namespace

std::shared_ptr<context_registry> context_registry::of(asio::any_io_executor const& executor) {
    auto& context = asio::query(executor, asio::execution::context);
    // Services are destroyed in the reverse order of their creation. Operations may hold strands until this service is
    // destroyed, so the strand service must be created first. Constructing a strand would create it, too, but Boost
    // 1.81 crashes there if memory runs out (~strand_impl without a service).
    static_cast<void>(asio::use_service<asio::detail::strand_executor_service>(context));
    return asio::use_service<context_service>(context).registry();
}

void context_registry::add(std::shared_ptr<context_guest> const& guest) {
    std::lock_guard const lock(mutex_);
    bool const is_known = std::ranges::find(guests_, guest.get(), &entry::key) != guests_.end();
    if (!is_known) guests_.push_back({guest.get(), guest});
}

void context_registry::remove(context_guest const& guest) noexcept {
    std::lock_guard const lock(mutex_);
    std::erase_if(guests_, [&](entry const& known) { return known.key == &guest; });
}

std::vector<std::shared_ptr<context_guest>> context_registry::guests() const {
    std::vector<std::shared_ptr<context_guest>> found;
    std::lock_guard const lock(mutex_);
    found.reserve(guests_.size());
    for (entry const& known : guests_) {
        if (auto guest = known.guest.lock()) found.push_back(std::move(guest));
    }
    return found;
}

void context_registry::add(home_executor& home) {
    std::lock_guard const lock(mutex_);
    homes_.push_back(&home);
}

/// Destroys the executor while the mutex is unlocked, because the destructor may run code of the user.
void context_registry::remove(home_executor& home) noexcept {
    std::unique_lock lock(mutex_);
    if (std::erase(homes_, &home) == 0) return;
    ++leaving_;
    lock.unlock();
    home.clear();
    lock.lock();
    if (--leaving_ == 0) left_.notify_all();
}

asio::any_io_executor context_registry::copy(home_executor const& home) const {
    std::lock_guard const lock(mutex_);
    return home.get();
}

void context_registry::clear_executors() {
    std::vector<asio::any_io_executor> executors;
    std::unique_lock lock(mutex_);
    for (home_executor* const home : std::exchange(homes_, {})) executors.push_back(home->clear());
    left_.wait(lock, [this] { return leaving_ == 0; });
    lock.unlock();
}

}  // namespace audit_trail::detail
