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

#include "storage/log_format.hpp"
#include "system/file_operations.hpp"

namespace audit_trail::storage {

/// Compares the records of the log with their segments. `restore` writes the lines that a segment lacks. It may be
/// interrupted anywhere, and repeated.
class log_replay {
 public:
    /// \param generation the generation in `.lock`; 0: the last writer had cleared its log, or had none
    log_replay(file_system& system, file_handle root, std::uint64_t generation) noexcept
        : system_(system), root_(root), generation_(generation) {}

    /// Reads the log, and compares it with the segments. Changes nothing on the disk.
    void survey(error_code& ec);

    /// Writes the lines to their segments, and syncs these. Requires: `survey` succeeded; the caller holds the lock.
    void restore(error_code& ec);

    /// Moves the log to `.broken/` if it cannot be used, or if lines were not restored; otherwise clears it. Requires:
    /// the findings are recorded, and index.json names every id of the log, both on stable storage.
    void finish(error_code& ec);

    /// What `restore` does, or did.
    std::vector<recovery_finding> const& findings() const noexcept { return findings_; }

    /// Returns the number of records that were not cleared.
    std::size_t records() const noexcept { return records_.size(); }

    /// Returns the id after the last batch in the log; 0 if the log has no records.
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
    enum class usability {
        absent,   ///< there is nothing to replay, and nothing that another file would overwrite
        usable,   ///< it has this generation
        unusable  ///< it has another content than a log of this trail
    };
    struct segment_lines {
        std::vector<log_piece> pieces;
        char const* objection = nullptr;  // why the segment is left alone, although it lacks lines
        bool is_shared = false;           // it lacks nothing, and has more than one link
    };

    void read_log(error_code& ec);
    usability judge(file_handle log, error_code& ec);
    void read_records(file_handle log, error_code& ec);
    bool read_record(file_handle log, std::uint64_t position, std::uint64_t sequence, error_code& ec);
    void compare(std::string const& path, segment_lines& lines, error_code& ec);
    bool compare_piece(file_handle file, std::uint64_t size, log_piece const& piece, segment_lines& lines,
                       restored_segment& result, error_code& ec);
    void restore_segment(std::string const& path, segment_lines const& lines, error_code& ec);
    void make_directories(std::string const& path, error_code& ec);
    void clear(error_code& ec);
    void choose_name(error_code& ec);
    void move_away(error_code& ec);
    void note_unusable(char const* reason);
    void note_objection(std::string const& path, segment_lines const& lines);
    void note_restored(std::string const& path, restored_segment const& result);

    file_system& system_;
    file_handle root_;
    std::uint64_t const generation_;
    std::optional<log_header> header_;
    std::uint64_t end_position_ = first_log_position;
    std::vector<std::string> records_;
    std::map<std::string, segment_lines, std::less<>> segments_;
    std::map<std::string, restored_segment, std::less<>> restored_;
    std::set<std::string> directories_;  // of the restored segments
    std::uint64_t next_id_ = 0;
    bool must_move_ = false;  // the file must not be overwritten
    std::vector<recovery_finding> findings_;
};

}  // namespace audit_trail::storage
