/// \file
/// What opening a root looks at and mends, whatever ended the writer before.
///
/// Of each category the segments are read from the newest backwards, and from their ends backwards, up to a line that
/// is known to be on stable storage. After a clean end that is the very last line; after any other end it is what came
/// after the last sync. One way for all: a crash half way through it only makes the next opening do it again.
#pragma once

#include <audit_trail/recovery_report.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "storage/category_table.hpp"
#include "storage/dirty_directories.hpp"
#include "system/file_operations.hpp"
#include "storage/recovery_log.hpp"
#include "storage/root_lock.hpp"

namespace audit_trail::storage {

class recovery {
 public:
    /// \param last_end what the lock file said; nothing for a root that this library never had, or lost it from
    /// \param index the id that a well-formed index.json named
    recovery(file_system& system, file_handle root, std::optional<lock_record> last_end,
             std::optional<std::uint64_t> index, recovery_report& report);

    /// Fills the table with the categories and their tails, mends what a crash left, and syncs what is kept. The lock
    /// is the caller's.
    void run(root_lock& lock, category_table& categories, dirty_directories& directories, error_code& ec);

    /// Looks as `run` does, and fills the report with what that would find, but changes nothing on the disk. `saved_as`
    /// is the name that would be tried first.
    void plan(category_table& categories, dirty_directories& directories, error_code& ec);

    struct file_part {
        file_handle file;
        std::uint64_t offset;
        std::uint64_t bytes;
    };

    /// The highest id of the root.
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
        bool shared;  // has links that may lie outside of the root, so it is left alone
        std::string saved_as;
    };
    void survey(category_table& categories, dirty_directories& directories, error_code& ec);
    void survey_domain(category_table& categories, std::string const& domain, error_code& ec);
    void survey_category(category& owner, error_code& ec);
    bool may_differ_from_disk(file_handle file, error_code& ec);
    /// Returns whether a line was met that is known to be synced.
    bool survey_segment(segment_place where, bool newest, error_code& ec);
    void note_id(std::uint64_t id);

    void save_torn_tails(error_code& ec);
    void save(torn_tail& torn, error_code& ec);
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
    void sync_kept_segments(error_code& ec);

    bool ended_clean() const noexcept { return last_end_ && last_end_->state == end_state::clean; }
    /// What was cut off from a segment may still be on the disk, unless the segment is synced.
    bool may_have_cut() const noexcept {
        return !last_end_ || last_end_->state == end_state::cutting || last_end_->state == end_state::failed;
    }
    recovery_finding& add_finding(recovery_finding::kind_type kind);
    void add_finding(recovery_finding::kind_type kind, id_range ids, char const* reason);

    file_system& system_;
    file_handle root_;
    std::optional<lock_record> last_end_;
    bool relies_on_log_ = false;  // its records account for ids
    std::optional<std::uint64_t> index_;
    recovery_report& report_;
    std::uint64_t synced_through_;
    std::uint64_t last_id_ = 0;

    std::vector<torn_tail> torn_;
    std::vector<segment_place> unsynced_;  // what they hold may not be on the disk
    std::vector<id_range> ids_;            // past synced_through_, as found
    dirty_directories* directories_ = nullptr;
};

}  // namespace audit_trail::storage
