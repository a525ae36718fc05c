#include "follower/read_ahead.hpp"

#include <algorithm>
#include <audit_trail/reader.hpp>
#include <boost/asio/error.hpp>
#include <utility>

namespace audit_trail::reading {
namespace {

/// Gaps can be detected between limits on ids.
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

read_ahead::read_ahead(storage::file_system& system, std::filesystem::path const& root, event_filter filter,
                       std::optional<std::uint64_t> from_event_id, std::atomic<bool> const& stop)
    : target_{system, root, filter, takes_all_between(filter)},
      next_id_(first_id(filter, from_event_id)),
      log_(reader_options().max_findings),
      stop_(stop) {}

bool read_ahead::read(line_block& into, error_code& ec) {
    ec = {};
    storage::catch_bad_alloc(ec, [&] { fill(into, ec); });
    if (ec) session_.reset();
    return !ec && into.is_full();
}

void read_ahead::fill(line_block& into, error_code& ec) {
    while (!into.is_full() && !ec) {
        if (is_past_last_id()) {
            ec = boost::asio::error::eof;
        } else if (!session_) {
            session_.emplace(target_, next_id_, log_, stop_);
        } else if (session_->is_over()) {
            ec = session_->failure();
            session_.reset();
        } else if (!session_->next(into) && !session_->is_over() && !is_past_last_id()) {
            return;
        }
    }
}

bool read_ahead::is_past_last_id() const noexcept {
    return next_id_ && target_.filter.max_event_id && *next_id_ > *target_.filter.max_event_id;
}

bool read_ahead::process_changes() {
    if (!session_) return false;
    bool changed = false;
    error_code ec;
    storage::catch_bad_alloc(ec, [&] { changed = session_->process_changes(); });
    if (ec) session_.reset();
    return changed || ec;
}

int read_ahead::descriptor() const noexcept {
    return session_ && !session_->is_over() ? session_->descriptor() : -1;
}

std::chrono::milliseconds read_ahead::patience() const noexcept {
    return session_ ? session_->patience() : std::chrono::milliseconds::zero();
}

void read_ahead::recheck_writer() {
    if (session_) session_->recheck_writer();
}

}  // namespace audit_trail::reading
