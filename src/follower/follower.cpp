#include <audit_trail/follower.hpp>
#include <system_error>
#include <utility>

#include "follower/follower_impl.hpp"

namespace audit_trail {

follower::follower(executor_type executor, std::filesystem::path const& root, event_filter filter,
                   std::optional<std::uint64_t> from_event_id)
    : impl_(std::make_shared<detail::follower_impl>(std::move(executor), root, std::move(filter), from_event_id)) {
    // If this fails, the first call tries again and reports the error.
    error_code ignored;
    impl_->start(ignored);
}

follower& follower::operator=(follower&& other) noexcept {
    if (this == &other) return *this;
    close();
    impl_ = std::move(other.impl_);
    return *this;
}

follower::~follower() {
    close();
}

void follower::close() noexcept {
    if (impl_) impl_->close();
    impl_.reset();
}

read_report follower::report() const {
    return impl_ ? impl_->report() : read_report();
}

std::vector<read_finding> follower::take_findings() {
    return impl_ ? impl_->take_findings() : std::vector<read_finding>();
}

follower::executor_type follower::get_executor() const {
    return impl_ ? impl_->home().copy() : executor_type();
}

}  // namespace audit_trail

namespace audit_trail::detail {

void next_ticket::cancel() const {
    if (auto const core = core_.lock()) core->cancel(number_);
}

next_operation* prepare_next(std::shared_ptr<follower_impl> const& core, error_code& ec) {
    if (core) return core->prepare(ec);
    ec = error::closed;
    return nullptr;
}

void watch_contexts(next_operation const& op) {
    op.core->watch_context(*op.context, op.executor);
}

void submit(next_operation& op) {
    op.core->submit(op);
}

void discard(next_operation& op) noexcept {
    delete &op;
}

entry take_entry(next_operation& op, error_code& ec) {
    return op.core->take(op, ec);
}

void release(next_operation& op) noexcept {
    auto const core = op.core;
    core->release(op);
}

asio::any_io_executor const& executor_of(follower_impl const* core) noexcept {
    static asio::any_io_executor const none;
    return core ? core->home().get() : none;
}

}  // namespace audit_trail::detail
