/// \file
/// Reads the lines of a followed trail into blocks, and restarts the tail session when it ends. Uses no threads.
#pragma once

#include <atomic>
#include <audit_trail/event_filter.hpp>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>

#include "follower/line_queue.hpp"
#include "follower/tail_session.hpp"
#include "reader/finding_log.hpp"

namespace audit_trail::reading {

class read_ahead {
 public:
    /// \param from_event_id the lowest id that is returned; if empty, only events that are committed from now on
    /// \param stop          set to true when no further events are wanted
    read_ahead(storage::file_system& system, std::filesystem::path const& root, event_filter filter,
               std::optional<std::uint64_t> from_event_id, std::atomic<bool> const& stop);

    /// Appends the available lines in the order of their ids. Returns true if the block is full: there may be more
    /// lines. An error loses no line: the next call tries again. `asio::error::eof`: the filter passes no higher ids.
    bool read(line_block& into, error_code& ec);

    /// Processes the pending inotify events. Returns true if `read` may return something new.
    bool process_changes();

    /// Readable when inotify events are pending; negative when there is no session.
    int descriptor() const noexcept;

    /// Returns the time to wait for a change before calling `recheck_writer`; zero means no limit.
    std::chrono::milliseconds patience() const noexcept;
    void recheck_writer();

    read_report const& report() const noexcept { return log_.report(); }

    /// Removes the first findings from the report, so that as many new ones of the same reasons can be kept.
    void drop_findings(std::size_t count) { log_.drop_findings(count); }

 private:
    void fill(line_block& into, error_code& ec);
    bool is_past_last_id() const noexcept;

    follow_target const target_;
    std::optional<std::uint64_t> next_id_;
    finding_log log_;
    std::atomic<bool> const& stop_;
    std::optional<tail_session> session_;
};

}  // namespace audit_trail::reading
