/// \file
/// Restores lines from the commit log after a crash: the first step of recovery.
#pragma once

#include <audit_trail/recovery_report.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "storage/log_reader.hpp"
#include "storage/moved_log.hpp"
#include "storage/root_lock.hpp"
#include "system/file_operations.hpp"

namespace audit_trail::storage {

/// Compares the records of the log with their segments. `restore` writes the lines that a segment lacks. It may be
/// interrupted anywhere, and repeated.
class log_replay {
 public:
    /// \param last_end the record in `.lock`, which names the generation of the log; nothing when there is none
    log_replay(file_system& system, file_handle root, std::optional<lock_record> const& last_end) noexcept
        : system_(system), root_(root), moved_(system, root) {
        if (last_end) generation_ = last_end->log_generation;
    }

    /// Reads the log, and compares it with the segments. Changes nothing on the disk.
    void survey(error_code& ec);

    /// Returns the file that an error of `survey` is about.
    std::string const& failed_path() const noexcept { return failed_path_; }

    /// Writes the lines to their segments, and syncs these; copies lines that are not restored to `.broken/`. Requires:
    /// `survey` succeeded; the caller holds the lock.
    void restore(error_code& ec);

    /// Moves the log to `.broken/` if it cannot be used, or if lines were not restored; otherwise clears it. Requires:
    /// the findings are recorded, and index.json names every id of the log, both on stable storage.
    void finish(error_code& ec);

    /// What `restore` does, or did.
    std::vector<recovery_finding> const& findings() const noexcept { return findings_; }

    /// Returns true if `finish` clears the log in place.
    bool clears() const noexcept { return is_replayed_ && !must_move_ && !content_.records.empty(); }

    /// Returns true if `restore` or `finish` write to `.broken/`.
    bool moves() const noexcept { return must_move_; }

    /// Returns true if lines may be lost that were acknowledged and only in the log.
    bool may_have_lost_lines() const noexcept { return generation_ != 0 && !reason_.empty(); }

    /// Returns the id after the last batch in the log; 0 if the log has no records of this trail.
    std::uint64_t next_id() const noexcept { return next_id_; }

    /// What restoring makes of a segment. Bytes of the file from `begin` on are replaced; the lines end at `end`.
    struct restored_segment {
        std::uint64_t begin;
        std::uint64_t end;
        std::vector<std::uint64_t> ids;  ///< of the lines that are missing now
    };
    /// By path. Contains only segments that lack lines.
    std::map<std::string, restored_segment, std::less<>> const& restored() const noexcept { return restored_; }

 private:
    struct segment_lines {
        std::vector<log_piece> pieces;
        std::vector<log_piece> unplaced;  // pieces that are not restored
        char const* objection = nullptr;  // why they are not
        bool is_shared = false;           // it lacks nothing, and has more than one link
    };

    void read_log(error_code& ec);
    void note_missing(error_code& ec);
    void judge();
    void judge_damaged_header();
    void note_lost(std::string const& what);
    void sort_pieces();
    void compare_segments(error_code& ec);
    void compare(std::string const& path, segment_lines& lines, error_code& ec);
    bool compare_piece(file_handle file, std::uint64_t size, log_piece const& piece, segment_lines& lines,
                       restored_segment& result, error_code& ec);
    bool is_owned() const;
    void restore_nothing();
    void collect_missing_lines(std::string const& path, segment_lines const& lines, error_code& ec);
    void restore_segment(std::string const& path, segment_lines const& lines, error_code& ec);
    void make_directories(std::string const& path, error_code& ec);
    void clear(error_code& ec);
    void keep_log(std::string reason);
    void note_findings();

    file_system& system_;
    file_handle root_;
    std::optional<std::uint64_t> generation_;  // nothing: unknown; 0: the last writer had cleared its log, or had none
    log_content content_;
    std::map<std::string, segment_lines, std::less<>> segments_;
    std::map<std::string, restored_segment, std::less<>> restored_;
    std::set<std::string> directories_;  // of the restored segments
    std::uint64_t next_id_ = 0;
    bool is_replayed_ = false;
    bool has_common_line_ = false;  // a segment has a whole line of the log at its place
    bool must_move_ = false;        // the file must not be overwritten
    std::string reason_;            // why the log, or a part of it, cannot be used
    moved_log moved_;
    std::string failed_path_;
    std::vector<recovery_finding> findings_;
};

}  // namespace audit_trail::storage
