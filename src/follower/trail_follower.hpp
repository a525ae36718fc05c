/// \file
/// Lines of a trail from one id on, now and later: what stands behind `follower`, but for threads.
#pragma once

#include <atomic>
#include <audit_trail/event_filter.hpp>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>

#include "reader/damage_log.hpp"
#include "follower/line_block.hpp"
#include "follower/live_trail.hpp"

namespace audit_trail::reading {

class trail_follower {
 public:
    /// \param from_event_id the lowest id that is given; without one it is what is committed from now on
    /// \param stop          becomes true when nobody wants more
    trail_follower(storage::file_system& system, std::filesystem::path const& root, event_filter filter,
                   std::optional<std::uint64_t> from_event_id, std::atomic<bool> const& stop);

    /// Adds the lines that there are, in the order of their ids. True when the block is full, so that there may be
    /// more. After an error nothing is lost: the next call tries again. `asio::error::eof`: the filter takes no higher
    /// ids.
    bool read(line_block& into, error_code& ec);

    /// Takes note of what has changed, so that the system need not keep it.
    void take_changes();

    /// Readable when something has changed; negative when `read` has to begin anew.
    int descriptor() const noexcept;

    /// How long to wait for a change before `look_for_writer` is called; zero: as long as it takes.
    std::chrono::milliseconds patience() const noexcept;
    void look_for_writer();

    read_report const& report() const noexcept { return log_.report(); }

    /// Removes the first findings from the report, which makes room for as many more of the same reasons.
    void drop_findings(std::size_t count) { log_.drop_findings(count); }

 private:
    void fill(line_block& into, error_code& ec);
    bool is_past_last_id() const noexcept;

    follow_target const target_;
    std::optional<std::uint64_t> next_id_;
    damage_log log_;
    std::atomic<bool> const& stop_;
    std::optional<live_trail> live_;
};

}  // namespace audit_trail::reading
