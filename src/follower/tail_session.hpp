/// \file
/// Follows the lines of a trail: its present lines, then the lines that are appended.
///
/// A writer appends lines and then raises the commit mark in index.json. So a session that first reads the mark, and
/// then processes the pending inotify events, knows the segments of all lines up to the mark: an id below it that no
/// segment holds is a gap. Without a writer there is no mark, and every whole line counts. When `.lock` is touched, a
/// writer may have opened the root.
#pragma once

#include <atomic>
#include <audit_trail/event_filter.hpp>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "follower/line_queue.hpp"
#include "reader/merge.hpp"
#include "system/directory_watch.hpp"

namespace audit_trail::reading {

struct follow_target {
    storage::file_system& system;
    std::filesystem::path root;
    event_filter filter;
    bool takes_all;  ///< the filter passes every event from the first id on, so that gaps can be detected
};

/// Ends with an error, or when it can no longer keep track of the trail (a directory was moved, inotify events were
/// lost). A new session then continues at `next_id`.
///
/// Directory changes are processed between two moves of the cursors, never during a move: a cursor does not modify the
/// set that it belongs to.
class tail_session final : private committed_watermark {
 public:
    /// \param next_id the lowest id that was not returned yet. If empty, it becomes the id after the last committed
    /// event
    /// \param stop    set to true when no further events are wanted
    tail_session(follow_target const& target, std::optional<std::uint64_t>& next_id, finding_log& log,
                 std::atomic<bool> const& stop);

    /// Appends the line of the next event. Returns false if there is no event now, or if the session is over.
    bool next(line_block& into);

    /// Processes the pending inotify events. Returns false if there are none. Must be called regularly, because the
    /// system drops events if too many are pending.
    bool process_changes();

    error_code const& failure() const noexcept { return failure_; }
    /// Returns true if a new session is needed, for example after a failure.
    bool is_over() const noexcept { return failure_ || is_stale_; }

    /// Readable when inotify events are pending.
    int descriptor() const noexcept { return watch_.descriptor(); }

    /// Returns the time to wait for a change before calling `recheck_writer`; zero means no limit.
    std::chrono::milliseconds patience() const noexcept { return patience_; }

    /// Makes the next call of `next` check again whether a writer has the root.
    void recheck_writer();

 private:
    struct followed_category : category_cursor {
        using category_cursor::category_cursor;
        bool is_at_event = false;
        bool is_due = false;
        bool is_held_back = false;
    };
    struct watched_directory {
        std::string domain;                     // empty: the root
        followed_category* category = nullptr;  // null: a domain
    };

    bool check() override;

    // Directories and their changes.
    void list();
    void note(storage::directory_change const& change);
    void note_in_root(storage::directory_change const& change);
    void note_in_category(storage::directory_change const& change, followed_category& category);
    void add_domain(std::string_view name);
    void add_category(std::string const& domain, std::string_view name);
    watched_directory* watch(std::string const& path);
    void mark_due(followed_category& category);

    // The watermark, and the cursors below it.
    void begin();
    void begin_after_last();
    bool advance();
    bool must_update_watermark() const noexcept { return index_touched_ || lock_touched_; }
    void update_watermark();
    std::optional<std::uint64_t> last_id_before_lost_lines(writer_marks const& marks);
    bool read_due(bool watermark_moved);
    std::vector<followed_category*> take_due(bool watermark_moved);
    void release_held_back();
    void move_on(followed_category& category);
    bool is_after_gap(std::uint64_t id) const noexcept { return id > *next_id_ && id > known_through_; }

    // The lines that are returned.
    bool take_line(followed_category& category, line_block& into);
    void report_passed_over(followed_category const& category);
    void skip_to(std::uint64_t id);
    void note_shortage();

    error_code failure_;
    follow_target const& target_;
    std::optional<std::uint64_t>& next_id_;
    finding_log& log_;
    std::atomic<bool> const& stop_;

    storage::owned_file root_;
    storage::directory_watch watch_;
    line_filter filter_;
    cursor_budget budget_;
    progress progress_;
    read_scope scope_;
    writer_probe probe_;

    std::unordered_map<int, watched_directory> directories_;
    std::unordered_map<std::string, followed_category> categories_;  // by path
    cursor_heap heap_;
    followed_category* current_ = nullptr;       // the cursor at the line that was returned last
    std::vector<followed_category*> due_;        // have new bytes
    std::vector<followed_category*> held_back_;  // have lines above the watermark
    std::uint64_t known_through_ = 0;            // every line up to this id was seen by a cursor
    bool index_touched_ = false;
    bool lock_touched_ = false;
    bool is_stale_ = false;
    bool has_checked_log_ = false;  // its findings are reported once
    std::chrono::milliseconds patience_{0};
};

}  // namespace audit_trail::reading
