/// \file
/// One pass of `verify` over a trail.
#pragma once

#include <audit_trail/detail/text_buffer.hpp>
#include <audit_trail/verify.hpp>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "reader/damage_log.hpp"
#include "verify/gap_cause.hpp"
#include "verify/id_ledger.hpp"
#include "system/file_operations.hpp"
#include "storage/root_lock.hpp"

namespace audit_trail {
class reader;
struct entry;
}  // namespace audit_trail

namespace audit_trail::reading {

class trail_survey;

class trail_verifier {
 public:
    trail_verifier(storage::file_system& system, std::filesystem::path root, verify_options const& options);

    verify_report run(error_code& ec);

    /// Whether files changed under the pass in a way that makes another necessary.
    bool was_disturbed() const noexcept { return was_disturbed_; }

 private:
    /// What tells of a writer that came and went.
    struct marks {
        std::optional<std::uint64_t> index;
        std::optional<storage::lock_record> lock;
        error_code index_failure;
        error_code lock_failure;

        /// Ids up to this were synced; 0 when `.lock` does not say.
        std::uint64_t synced_through() const;
        /// Ids up to this were acknowledged; nothing when no mark says.
        std::optional<std::uint64_t> committed_through() const;

        friend bool operator==(marks const&, marks const&) = default;
    };

    /// Missing ids that are no loss, taken together.
    struct excused_ids {
        std::uint64_t count = 0;
        id_range span;
    };

    marks read_marks();
    bool is_disturbed(reader const& source, marks const& before);
    void find_causes(trail_survey const& survey, marks const& found);
    std::uint64_t retention_limit(trail_survey const& survey, marks const& found);

    void check_events(reader& source);
    void check(entry& found);
    void check_id(entry const& found);
    void check_payload(entry& found);
    void check_spelling(entry const& found);
    bool is_in_order(entry const& found);
    void take_damage(read_report const& met);
    void count_damage(read_report const& met);

    void check_index(trail_survey const& survey, marks const& found);
    void check_end(std::uint64_t last_committed, char const* source);
    void check_access();
    void add_index_finding(error reason, std::string text);

    void on_gap(id_gap const& gap);
    void on_missing(gap_cause cause, id_range ids, id_gap const& gap);
    void add_missing_ids();
    void note_excused();

    verify_report take_report(trail_survey const& survey, read_report const& met);

    storage::file_system& system_;
    std::filesystem::path path_;
    verify_options const& options_;
    storage::owned_file root_;
    damage_log findings_;
    damage_log notes_;
    damage_log missing_;  // ids
    gap_causes causes_;
    id_ledger ledger_;
    std::map<std::string, std::uint64_t, std::less<>> last_ids_;  // by the category's path
    std::map<gap_cause, excused_ids> excused_;
    detail::text_buffer spelling_;
    std::size_t damage_taken_ = 0;
    bool lacks_permission_ = false;
    verify_report report_;
    bool was_disturbed_ = false;
};

}  // namespace audit_trail::reading
