#include "writer/options_check.hpp"

#include <cstddef>

#include "writer/admission.hpp"

namespace audit_trail::detail {
namespace {

/// Enough for all members of an event except its strings and payload.
constexpr std::size_t least_event_bytes = 1024;

/// The longest line that a reader accepts by default.
constexpr std::size_t most_event_bytes = 16 * 1024 * 1024;

constexpr std::size_t most_sync_threads = 1024;

/// One page for the header and one for records.
constexpr std::size_t least_log_bytes = 8 * 1024;

/// An opening after a crash reads the log into memory.
constexpr std::size_t most_log_bytes = 256 * 1024 * 1024;

constexpr bool is_within(std::size_t value, std::size_t least, std::size_t most) noexcept {
    return value >= least && value <= most;
}

}  // namespace

error_code check(writer_options const& options) noexcept {
    if (options.max_segment_bytes == 0) return error::invalid_max_segment_bytes;
    if (!is_within(options.max_pending_events, 1, admission::most.events)) return error::invalid_max_pending_events;
    if (options.max_pending_bytes == 0) return error::invalid_max_pending_bytes;
    if (options.max_waiting_events > admission::most.events) return error::invalid_max_waiting_events;
    if (!is_within(options.max_event_bytes, least_event_bytes, most_event_bytes)) {
        return error::invalid_max_event_bytes;
    }
    if (options.max_batch_bytes == 0) return error::invalid_max_batch_bytes;
    if (options.max_open_segments == 0) return error::invalid_max_open_segments;
    if (!is_within(options.sync_threads, 1, most_sync_threads)) return error::invalid_sync_threads;
    bool const has_log = options.commit_log_bytes != 0;
    if (has_log && !is_within(options.commit_log_bytes, least_log_bytes, most_log_bytes)) {
        return error::invalid_commit_log_bytes;
    }
    return {};
}

}  // namespace audit_trail::detail
