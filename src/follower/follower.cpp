#include <audit_trail/follower.hpp>
#include <system_error>
#include <utility>

#include "follower/follower_core.hpp"

namespace audit_trail {

follower::follower(executor_type executor, std::filesystem::path const& root, event_filter filter,
                   std::optional<std::uint64_t> from_event_id)
    : core_(std::make_shared<detail::follower_core>(std::move(executor), root, std::move(filter), from_event_id)) {
    // Where it can't be started yet, the first call tries again and tells why.
    error_code ignored;
    core_->start(ignored);
}

follower& follower::operator=(follower&& other) noexcept {
    if (this == &other) return *this;
    let_go();
    core_ = std::move(other.core_);
    return *this;
}

follower::~follower() {
    let_go();
}

void follower::let_go() noexcept {
    if (core_) core_->let_go();
    core_.reset();
}

read_report follower::report() const {
    return core_ ? core_->report() : read_report();
}

std::vector<read_finding> follower::take_findings() {
    return core_ ? core_->take_findings() : std::vector<read_finding>();
}

follower::executor_type follower::get_executor() const {
    return core_ ? core_->home().copy() : executor_type();
}

}  // namespace audit_trail
