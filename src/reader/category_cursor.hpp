/// \file
/// The events of one category that pass the filter, in the order of its files.
#pragma once

#include <audit_trail/entry.hpp>
#include <audit_trail/reader.hpp>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
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

    /// What stands at the end of a category may become more, and will be looked at again: nothing is said of it yet.
    bool follows = false;
};

class category_cursor {
 public:
    /// Looks at nothing yet.
    category_cursor(read_scope& scope, category_place place);

    /// Finds the segments, which `next` does too where it was not done before. Leaves no file open.
    void begin();

    /// Moves to the next event; false at the end.
    bool next();

    // For those who follow.

    /// Whether bytes follow the last line that is surely there to stay.
    bool left_something() const noexcept { return rest_.bytes != 0; }

    /// The lowest id among the lines that the limit did not allow; the highest number when there are none.
    std::uint64_t held_id() const noexcept { return held_id_; }

    /// From its end: `next` goes on behind the last line that is surely there to stay.
    void look_again();

    /// A segment came to be there.
    void add_segment(std::uint64_t number);

    std::uint64_t event_id() const noexcept { return event_id_; }

    /// The highest id that was met, whether or not its event passed the filter; 0 before the first.
    std::uint64_t last_id() const noexcept { return last_id_; }

    /// Builds the event that the cursor stands on. False when its file can't be read any more, which the log then says.
    bool read(entry& into);

    /// Its bytes alone, without the newline; valid until a cursor of the same scope moves. Nothing when `read` is
    /// false.
    std::optional<std::string_view> line();
    std::string const& path() const noexcept { return segment_.path(); }
    std::uint64_t offset() const noexcept { return segment_.offset(); }

    /// How many events are left.
    std::uint64_t count();

 private:
    static constexpr std::uint64_t none_held = std::numeric_limits<std::uint64_t>::max();

    void scan_again(std::string_view line, error_code& ec);
    void list();
    void check_for_hole(std::size_t index);
    void report_missing_segments(std::uint64_t before, std::uint64_t number);
    bool open_next_segment();
    void seek_first_id();
    bool look_at(stretch found);
    bool look_at_line();
    bool is_beyond_range();
    bool is_in_place();
    bool is_implausible();
    bool belongs_here(std::string_view line) const;
    bool is_event(std::string_view line);
    std::string_view without_carriage_return(std::string_view line);
    void note_order();
    bool end();

    void report(error_code reason, std::string text, std::uint64_t event_id = 0);
    void report(error_code reason, std::uint64_t event_id = 0) { report(reason, reason.message(), event_id); }
    void report_stretch(error_code reason);
    void report_unreadable(error_code const& ec);
    bool was_deleted_with_all_before(error_code const& ec) const;
    void report_failure(format::decode_failure const& failure, std::string_view line);
    void settle();
    void confirm();
    void log_findings();
    void forget_findings();
    void count_rest();

    read_scope& scope_;
    category_place place_;
    segment_cursor segment_;
    format::line_header header_;      // of the line that was looked at last
    std::uint64_t place_number_ = 0;  // by the header's count, of a line that names this category
    std::uint64_t loads_ = 0;         // of the segment, when the event was found
    std::vector<std::uint64_t> numbers_;
    std::size_t next_number_ = 0;
    std::uint64_t number_ = 0;        // of the segment that was opened last
    std::uint64_t hole_checked_ = 0;  // the number of the segment before which a hole was looked for last
    bool in_order_ = true;            // as far as the search by id has seen
    std::size_t lines_beyond_ = 0;    // in a row, with ids above the range
    bool begun_ = false;
    bool ended_ = false;
    std::uint64_t event_id_ = 0;
    std::uint64_t last_id_ = 0;  // of any valid line

    struct {
        std::uint64_t number = 0;
        std::uint64_t offset = 0;
    } settled_;  // behind the last line that is there to stay

    struct {
        std::uint64_t lines = 0;
        std::uint64_t bytes = 0;
    } rest_;  // behind that, as far as was looked at

    std::uint64_t held_id_ = none_held;
    std::uint64_t failed_through_ = 0;  // the highest number of a segment that could not be opened

    /// Of the rest, which a writer may just be changing: damage only if a committed line follows.
    damage_log unconfirmed_;
};

}  // namespace audit_trail::reading
