/// \file
/// A trail that is being followed: what it holds, and what comes to it.
///
/// A writer appends lines and then writes the commit mark, index.json. So whoever reads the mark first, and then takes
/// in what the system tells of changes, knows of every line that the mark allows: an id below it that is in none of
/// them is a gap. Without a writer there is no mark, and every whole line counts. As soon as `.lock` is touched there
/// may be one.
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

#include "reader/category_cursor.hpp"
#include "reader/commit_limit.hpp"
#include "system/directory_watch.hpp"
#include "reader/id_heap.hpp"
#include "follower/line_block.hpp"
#include "reader/line_filter.hpp"
#include "reader/progress.hpp"

namespace audit_trail::reading {

/// What is followed.
struct follow_target {
    storage::file_system& system;
    std::filesystem::path root;
    event_filter filter;
    bool takes_all;  ///< from the first id on: so gaps can be seen
};

/// Lasts until it fails, or until something happens that it does not follow (a directory is moved, changes are lost).
/// Then another begins where it ended, at `next_id`.
class live_trail final : private commit_limit {
 public:
    /// \param next_id the lowest id that was not given yet; without one it becomes that behind the last committed event
    /// \param stop    becomes true when nobody wants more
    live_trail(follow_target const& target, std::optional<std::uint64_t>& next_id, damage_log& log,
               std::atomic<bool> const& stop);

    /// Adds the next event's line; false when there is none for now, or this is over.
    bool next(line_block& into);

    /// Takes note of what has changed, so that the system need not keep it.
    void take_changes();

    /// Why it failed, if it did.
    error_code const& failure() const noexcept { return failure_; }
    /// Whether another must go on. So it is after a failure.
    bool is_over() const noexcept { return failure_ || is_stale_; }

    /// Readable when something has changed.
    int descriptor() const noexcept { return watch_.descriptor(); }

    /// How long to wait for a change before `look_for_writer` is called; zero: as long as it takes.
    std::chrono::milliseconds patience() const noexcept { return patience_; }
    void look_for_writer();

 private:
    struct followed_category : category_cursor {
        using category_cursor::category_cursor;
        bool stands_on_event = false;
        bool is_due = false;
        bool is_held_back = false;
    };
    struct watched_directory {
        std::string domain;                     // none: the root
        followed_category* category = nullptr;  // none: a domain
    };

    bool look() override;

    // What is there, and what comes.
    void list();
    void note(directory_change const& change);
    void note_in_root(directory_change const& change);
    void note_in_category(directory_change const& change, followed_category& category);
    void add_domain(std::string_view name);
    void add_category(std::string const& domain, std::string_view name);
    watched_directory* watch(std::string const& path);
    void mark_due(followed_category& category);

    // How far it may be read.
    void begin();
    void begin_behind_all();
    bool advance();
    bool is_limit_touched() const noexcept { return index_touched_ || lock_touched_; }
    void find_limit();
    bool look_at_due(bool limit_moved);
    std::vector<followed_category*> take_due(bool limit_moved);
    void release_held_back();
    void move_on(followed_category& category);
    bool is_behind_gap(std::uint64_t id) const noexcept { return id > *next_id_ && id > known_through_; }

    // What is given.
    bool give(followed_category& category, line_block& into);
    void report_out_of_order(followed_category const& category);
    void skip_to(std::uint64_t id);
    void note_shortage();

    error_code failure_;
    follow_target const& target_;
    std::optional<std::uint64_t>& next_id_;
    damage_log& log_;
    std::atomic<bool> const& stop_;

    storage::owned_file root_;
    directory_watch watch_;
    line_filter filter_;
    cursor_budget budget_;
    progress progress_;
    read_scope scope_;
    lock_probe probe_;

    std::unordered_map<int, watched_directory> directories_;
    std::unordered_map<std::string, followed_category> categories_;  // by path
    id_heap heads_;
    followed_category* current_ = nullptr;       // stands on the line that was given last
    std::vector<followed_category*> due_;        // something was written there
    std::vector<followed_category*> held_back_;  // hold something that the limit did not allow
    std::uint64_t known_through_ = 0;            // of every line up to that id it is known where it is
    bool index_touched_ = false;
    bool lock_touched_ = false;
    bool is_stale_ = false;
    std::chrono::milliseconds patience_{0};
};

}  // namespace audit_trail::reading
