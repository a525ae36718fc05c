/// \file
/// Opens a root after any kind of end: finds the last id, repairs what a crash left, and reports what was found. The
/// steps are listed in recovery.cpp.
#pragma once

#include <audit_trail/recovery_report.hpp>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "storage/category.hpp"
#include "storage/log_replay.hpp"
#include "storage/recovery_log.hpp"
#include "storage/root_lock.hpp"
#include "storage/sync_plan.hpp"
#include "system/file_operations.hpp"

namespace audit_trail::storage {

/// Returns what `trail_store::open` would report. Changes nothing on the disk. error::locked while a writer has the
/// root. Takes no lock: if a writer starts meanwhile, the report may be wrong.
recovery_report plan_recovery(file_system& system, std::filesystem::path const& path, error_code& ec);

/// Records in `.recovery.jsonl` that `user` accepts the loss of the events with these ids. Returns the recorded
/// findings. error::locked while a writer has the root.
std::vector<recovery_finding> accept_loss(file_system& system, std::filesystem::path const& path,
                                          std::span<id_range const> lost, std::string const& user, error_code& ec);

class recovery {
 public:
    /// \param last_end the record in `.lock`; nothing when there is none
    /// \param index the id in index.json; nothing when it is missing or not well-formed
    /// \param replay the commit log, after its survey
    recovery(file_system& system, file_handle root, std::optional<lock_record> last_end,
             std::optional<std::uint64_t> index, log_replay const& replay, recovery_report& report);

    /// Fills the table with the categories and their tails, repairs what a crash left, and syncs what is kept.
    ///
    /// Requires: the caller holds the lock.
    void run(root_lock& lock, category_table& categories, dirty_directories& directories, error_code& ec);

    /// Fills the report with what `run` would find, and changes nothing on the disk. `saved_as` is the name that `run`
    /// would try first.
    void plan(category_table& categories, dirty_directories& directories, error_code& ec);

    struct file_part {
        file_handle file;
        std::uint64_t offset;
        std::uint64_t bytes;
    };

    /// Returns the file that an error of `plan` is about, relative to the root; empty if it is about the root.
    std::string const& failed_path() const noexcept { return failed_path_; }

    /// Returns the highest id of the root.
    std::uint64_t last_id() const noexcept { return last_id_; }

 private:
    struct segment_place {
        category* owner;
        std::uint64_t number;
    };
    struct torn_tail {
        segment_place where;
        std::uint64_t offset;
        std::uint64_t bytes;
        bool shared;  // the file has other links, possibly outside of the root, so it is left alone
        std::string saved_as;
    };

    void survey(category_table& categories, dirty_directories& directories, error_code& ec);
    void survey_domain(category_table& categories, std::string const& domain, error_code& ec);
    void survey_category(category& owner, error_code& ec);
    bool may_differ_from_disk(file_handle file, error_code& ec);
    /// Returns true if it found a line that is known to be synced.
    bool survey_segment(segment_place where, bool newest, error_code& ec);
    bool will_be_restored(torn_tail const& torn) const;
    void note_id(std::uint64_t id);

    void save_torn_tails(error_code& ec);
    void save(torn_tail& torn, std::set<std::string>& directories, error_code& ec);
    owned_file save_copy(torn_tail& torn, file_part part, error_code& ec);
    void fill_report(category_table const& categories, error_code& ec);
    void note_torn_tails();
    void find_missing_ids(error_code& ec);
    void add_missing(id_range ids, error_code& ec);
    void add_acknowledged(id_range ids, error_code& ec);
    void add_unaccounted(id_range ids);
    std::uint64_t durable_through() const noexcept;
    std::uint64_t acknowledged_through() const noexcept;
    void record(error_code& ec);
    void cut_torn_tails(root_lock& lock, error_code& ec);
    void sync_file(std::string const& path, error_code& ec);
    void sync_kept_segments(error_code& ec);

    bool ended_clean() const noexcept { return last_end_ && last_end_->state == end_state::clean; }
    /// A cut of the last writer may not have reached the disk, unless the segment is synced.
    bool may_have_cut() const noexcept {
        return !last_end_ || last_end_->state == end_state::cutting || last_end_->state == end_state::failed;
    }
    recovery_finding& add_finding(recovery_finding::kind_type kind);
    void add_finding(recovery_finding::kind_type kind, id_range ids, char const* reason);

    file_system& system_;
    file_handle root_;
    std::optional<lock_record> last_end_;
    bool relies_on_log_ = false;  // records of the log account for missing ids
    std::optional<std::uint64_t> index_;
    log_replay const& replay_;
    recovery_report& report_;
    std::uint64_t synced_through_;
    std::uint64_t last_id_ = 0;

    std::vector<torn_tail> torn_;
    std::vector<segment_place> unsynced_;  // segments that may have lines or cuts that are not on the disk
    std::set<std::string> cut_;            // paths of segments that were cut and synced
    std::vector<id_range> ids_;            // the ids above synced_through_, in the order in which they were found
    dirty_directories* directories_ = nullptr;
    std::string failed_path_;
};

}  // namespace audit_trail::storage
