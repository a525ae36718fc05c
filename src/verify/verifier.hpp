/// \file
/// Implements `verify`: checks a trail in one pass.
#pragma once

#include <audit_trail/detail/text_buffer.hpp>
#include <audit_trail/verify.hpp>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "reader/finding_log.hpp"
#include "storage/root_lock.hpp"
#include "system/file_operations.hpp"
#include "verify/gap_detector.hpp"

namespace audit_trail {
class reader;
struct entry;
}  // namespace audit_trail

namespace audit_trail::reading {

class segment_inventory;
struct recovery_records;

class verifier {
 public:
    verifier(storage::file_system& system, std::filesystem::path root, verify_options const& options);

    verify_report run(error_code& ec);

    /// Returns true if files changed during the pass: then another pass is needed.
    bool was_disturbed() const noexcept { return was_disturbed_; }

 private:
    /// The ids in index.json and `.lock`. They change when a writer opens or closes the root.
    struct marks {
        std::optional<std::uint64_t> index;
        std::optional<storage::lock_record> lock;
        error_code index_failure;
        error_code lock_failure;

        /// Returns an id: ids up to it were synced. 0 if `.lock` does not say it.
        std::uint64_t synced_through() const;
        /// Returns an id: ids up to it were acknowledged. Nothing if neither file says it.
        std::optional<std::uint64_t> committed_through() const;

        friend bool operator==(marks const&, marks const&) = default;
    };

    /// All missing ids that are explained by the same cause.
    struct excused_ids {
        std::uint64_t count = 0;
        id_range span;
    };

    marks read_marks();
    bool is_disturbed(reader const& source, marks const& before);
    void note_unusable_logs(recovery_records const& records);
    void find_causes(segment_inventory const& inventory, marks const& found);
    std::uint64_t retention_limit(segment_inventory const& inventory, marks const& found);
    std::uint64_t vanished_limit(recovery_records const& records);
    std::uint64_t first_id_after(std::string_view segment_path);
    void note_unread(reader const& source, error_code const& ec);

    void check_events(reader& source);
    void check(entry& found);
    void check_id(entry const& found);
    void check_payload(entry& found);
    void check_canonical_text(entry const& found);
    bool is_in_order(entry const& found);
    void take_damage(read_report const& met);
    void count_damage(read_report const& met);

    void check_index(segment_inventory const& inventory, marks const& found);
    void check_end(std::uint64_t last_committed, char const* source);
    void check_unread_files();
    bool is_unread(std::string_view path) const;
    void add_index_finding(error reason, std::string text);

    void on_gap(id_gap const& gap);
    void on_missing(gap_cause cause, id_range ids, id_gap const& gap);
    void add_missing_ids();
    void note_excused();

    verify_report take_report(segment_inventory const& inventory, read_report const& met);

    storage::file_system& system_;
    std::filesystem::path path_;
    verify_options const& options_;
    storage::owned_file root_;
    finding_log findings_;
    finding_log notes_;
    finding_log missing_;  // missing ids; become findings only if every file could be read
    gap_causes causes_;
    gap_detector detector_;
    std::map<std::string, std::uint64_t, std::less<>> last_ids_;  // by path of the category
    std::map<gap_cause, excused_ids> excused_;
    detail::text_buffer text_;
    std::size_t damage_taken_ = 0;
    finding_log unread_{1};  // what could not be read besides the reader's pass
    bool has_unread_files_ = false;
    verify_report report_;
    bool was_disturbed_ = false;
};

}  // namespace audit_trail::reading
