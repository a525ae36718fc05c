/// \file
/// The events of one category that pass the filter, in the order of its files.
#pragma once

#include <audit_trail/entry.hpp>
#include <audit_trail/reader.hpp>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "format/line_header.hpp"
#include "reader/commit_limit.hpp"
#include "reader/cursor_budget.hpp"
#include "reader/damage_log.hpp"
#include "reader/line_filter.hpp"
#include "reader/progress.hpp"
#include "reader/segment_cursor.hpp"
#include "reader/trail_listing.hpp"

namespace audit_trail::reading {

/// What the cursors of one reader have in common.
struct read_scope {
    storage::file_system& system;
    storage::file_handle root;
    line_filter const& filter;
    commit_limit& limit;
    damage_log& log;
    cursor_budget& budget;
    segment_cursor::settings settings;
    progress& watch;
    bool with_payloads;
};

class category_cursor {
 public:
    /// Looks at nothing yet.
    category_cursor(read_scope& scope, category_place place);

    /// Finds the segments, which `next` does too where it was not done before. Leaves no file open.
    void begin();

    /// Moves to the next event; false at the end.
    bool next();

    std::uint64_t event_id() const noexcept { return event_id_; }

    /// Builds the event that the cursor stands on. False when its file can't be read any more, which the log then says.
    bool read(entry& into);

    /// How many events are left.
    std::uint64_t count();

 private:
    void scan_again(std::string_view line, error_code& ec);
    void report_missing_segments();
    bool open_next_segment();
    bool look_at(stretch found);
    bool look_at_line();
    bool is_event(std::string_view line);
    std::string_view without_carriage_return(std::string_view line);
    void note_order();
    bool end();

    void report(error_code reason, std::string text, std::uint64_t event_id = 0);
    void report(error_code reason, std::uint64_t event_id = 0) { report(reason, reason.message(), event_id); }
    void report_stretch(error_code reason);
    void report_failure(format::decode_failure const& failure, std::string_view line);
    void confirm_findings();

    read_scope& scope_;
    category_place place_;
    segment_cursor segment_;
    format::line_header header_;  // of the line that was looked at last
    std::uint64_t loads_ = 0;     // of the segment, when the event was found
    std::vector<std::uint64_t> numbers_;
    std::size_t next_number_ = 0;
    bool begun_ = false;
    bool ended_ = false;
    std::uint64_t event_id_ = 0;
    std::uint64_t last_id_ = 0;  // of any valid line

    /// Of what a writer may just be changing: damage only if a committed line stands behind it.
    std::vector<read_finding> unconfirmed_;
};

}  // namespace audit_trail::reading
