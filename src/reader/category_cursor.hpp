/// \file
/// Iterates over the events of one category that pass the filter, in the order of its files or backwards.
#pragma once

#include <audit_trail/entry.hpp>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "format/line_header.hpp"
#include "reader/committed_watermark.hpp"
#include "reader/finding_log.hpp"
#include "reader/line_filter.hpp"
#include "reader/segment_cursor.hpp"
#include "reader/segment_list.hpp"

namespace audit_trail::reading {

/// Shared by all cursors of one reader.
struct read_scope {
    storage::file_system& system;
    storage::file_handle root;
    line_filter const& filter;
    committed_watermark& watermark;
    finding_log& log;
    cursor_budget& budget;
    segment_cursor::settings settings;
    progress& on_progress;
    bool with_payloads;

    /// The trail is followed: bytes at the end of a category may become a line and are read again. Until then they are
    /// not reported.
    bool follows = false;

    /// The categories are read from their ends. Requires: not `follows`.
    bool backwards = false;
};

class category_cursor {
 public:
    /// Reads nothing yet.
    category_cursor(read_scope& scope, category_place place);

    /// Lists the segments, unless that was done; `next` does it too. Leaves no file open.
    void begin();

    /// Moves to the next event. Returns false at the end.
    bool next();

    std::uint64_t event_id() const noexcept { return event_id_; }

    /// Returns the highest id that was read, even if its event did not pass the filter; 0 before the first event.
    std::uint64_t last_id() const noexcept { return last_id_; }

    /// Builds the current event. Reports a finding and returns false if its file can no longer be read.
    bool read(entry& into);

    /// Returns the line of the current event without the newline. Valid until a cursor of the same scope moves. Returns
    /// nothing if `read` would return false.
    std::optional<std::string_view> line();
    std::string const& path() const noexcept { return segment_.path(); }
    std::uint64_t offset() const noexcept { return segment_.offset(); }

    /// Counts the remaining events.
    std::uint64_t count();

    // For followed trails.

    /// Returns true if there are bytes after the last confirmed line.
    bool has_rest() const noexcept { return rest_.bytes != 0; }

    /// Returns the lowest id that the watermark did not allow, or the highest possible number.
    std::uint64_t held_id() const noexcept { return held_id_; }

    /// Returns true if the segment is read again because it became shorter, and the current event may have been in it
    /// before.
    bool was_read_before() const noexcept { return event_id_ <= read_before_; }

    /// Makes `next` continue after the last confirmed line. Requires: `next` returned false.
    void rewind();

    /// Adds a segment that was created.
    void add_segment(std::uint64_t number);

 private:
    static constexpr std::uint64_t none_held = std::numeric_limits<std::uint64_t>::max();

    void begin_backwards();
    void find_stop(std::uint64_t max_id);
    bool open_next_segment();
    void check_size();
    void seek_first_id();
    bool check_stretch(stretch found);
    bool check_line();
    bool is_beyond_range();
    bool is_in_place();
    bool is_implausible();
    bool belongs_here(std::string_view line) const;
    bool is_event(std::string_view line);
    std::string_view without_carriage_return(std::string_view line);
    void check_order();
    void check_order_backwards();
    void scan_again(std::string_view line, error_code& ec);
    bool end();

    void report(error_code reason, std::string text, std::uint64_t event_id = 0);
    void report(error_code reason, std::uint64_t event_id = 0) { report(reason, reason.message(), event_id); }
    void report_stretch(error_code reason);
    void report_unreadable(error_code const& ec);
    void report_failure(format::decode_failure const& failure, std::string_view line);
    void confirm_without_writer();
    void confirm();
    void log_findings();
    void forget_findings();
    void count_rest();

    read_scope& scope_;
    segment_list segments_;
    segment_cursor segment_;
    format::line_header header_;      // of the last line that was checked
    std::uint64_t place_number_ = 0;  // header_.place_number() of lines that name this category
    std::uint64_t loads_ = 0;         // segment_.loads() when the event was found
    std::uint64_t number_ = 0;        // of the segment that was opened last
    bool in_order_ = true;            // the search by id found no disorder
    std::size_t lines_beyond_ = 0;    // the number of consecutive lines with ids above the range
    bool begun_ = false;
    bool ended_ = false;
    std::uint64_t event_id_ = 0;
    std::uint64_t last_id_ = 0;  // of the last valid line in this category's directory

    /// Backwards: the last valid line that was read. It follows the current line in the files.
    struct {
        std::uint64_t event_id = 0;
        std::uint64_t number = 0;
        std::uint64_t offset = 0;
    } later_;

    /// The end of the last confirmed line: a line that cannot be cut back any more.
    struct {
        std::uint64_t number = 0;
        std::uint64_t offset = 0;
    } confirmed_;
    bool has_confirmed_ = false;

    /// Backwards: where reading begins.
    struct {
        std::uint64_t number = 0;  // 0: at the end of the last segment
        std::uint64_t offset = 0;
    } stop_;

    /// The number of lines and bytes that were read after it.
    struct {
        std::uint64_t lines = 0;
        std::uint64_t bytes = 0;
    } rest_;

    std::uint64_t held_id_ = none_held;
    std::uint64_t read_before_ = 0;     // the highest id of the lines before the segment became shorter
    std::uint64_t failed_through_ = 0;  // the highest number of a segment that could not be opened

    /// Findings in the rest, which a writer may still change. They count as soon as a committed line follows.
    /// Backwards, findings that were met before the first committed line never count.
    finding_log unconfirmed_;
};

}  // namespace audit_trail::reading
