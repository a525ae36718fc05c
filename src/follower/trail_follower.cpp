#include "follower/trail_follower.hpp"

#include <algorithm>
#include <audit_trail/reader.hpp>
#include <boost/asio/error.hpp>
#include <new>
#include <utility>

namespace audit_trail::reading {
namespace {

/// Limits on ids leave no gaps that could not be seen.
bool takes_all_between(event_filter filter) {
    filter.min_event_id.reset();
    filter.max_event_id.reset();
    return filter == event_filter();
}

std::optional<std::uint64_t> first_id(event_filter const& filter, std::optional<std::uint64_t> from_event_id) {
    if (!from_event_id) return filter.min_event_id;
    return std::max({*from_event_id, filter.min_event_id.value_or(1), std::uint64_t{1}});
}

}  // namespace

trail_follower::trail_follower(storage::file_system& system, std::filesystem::path const& root, event_filter filter,
                               std::optional<std::uint64_t> from_event_id, std::atomic<bool> const& stop)
    : target_{system, root, filter, takes_all_between(filter)},
      next_id_(first_id(filter, from_event_id)),
      log_(reader_options().max_findings),
      stop_(stop) {}

bool trail_follower::read(line_block& into, error_code& ec) {
    ec = {};
    try {
        fill(into, ec);
    } catch (std::bad_alloc const&) {
        ec = make_error_code(boost::system::errc::not_enough_memory);
    }
    if (ec) live_.reset();
    return !ec && into.is_full();
}

void trail_follower::fill(line_block& into, error_code& ec) {
    while (!into.is_full() && !ec) {
        if (is_past_last_id()) {
            ec = boost::asio::error::eof;
        } else if (!live_) {
            live_.emplace(target_, next_id_, log_, stop_);
        } else if (live_->is_over()) {
            ec = live_->failure();
            live_.reset();
        } else if (!live_->next(into) && !live_->is_over() && !is_past_last_id()) {
            return;
        }
    }
}

bool trail_follower::is_past_last_id() const noexcept {
    return next_id_ && target_.filter.max_event_id && *next_id_ > *target_.filter.max_event_id;
}

void trail_follower::take_changes() {
    if (live_) live_->take_changes();
}

int trail_follower::descriptor() const noexcept {
    return live_ && !live_->is_over() ? live_->descriptor() : -1;
}

std::chrono::milliseconds trail_follower::patience() const noexcept {
    return live_ ? live_->patience() : std::chrono::milliseconds::zero();
}

void trail_follower::look_for_writer() {
    if (live_) live_->look_for_writer();
}

}  // namespace audit_trail::reading
