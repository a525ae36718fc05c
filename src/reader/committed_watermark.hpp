/// \file
/// Determines which lines are committed: detects a writer, and computes the highest id that a reader may return.
///
/// Without a writer, every complete line is final. With a writer, lines with ids above the id in index.json may still
/// be cut back.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "reader/finding_log.hpp"
#include "reader/segment_cursor.hpp"
#include "reader/trail_listing.hpp"
#include "storage/root_lock.hpp"
#include "system/file_operations.hpp"

namespace audit_trail::reading {

/// Changes when a writer opens the root, and when a writer has added lines and closed it.
struct writer_marks {
    bool has_writer = false;
    std::optional<storage::lock_record> record;  ///< left by the last writer; only read when no writer has the root

    friend bool operator==(writer_marks const&, writer_marks const&) = default;
};

class writer_probe {
 public:
    writer_probe(storage::file_system& system, storage::file_handle root, cursor_budget& budget,
                 finding_log& log) noexcept
        : system_(system), root_(root), budget_(budget), log_(log) {}

    /// Returns true if a writer has the root. If unknown, assumes a writer, so that only committed lines are read.
    bool finds_writer();

    writer_marks read_marks();

    /// Returns the id in index.json; 0 if there is none.
    std::uint64_t committed_id();

    /// The same while a writer has the root. Reports an index.json that was deleted or replaced: then committed lines
    /// cannot be distinguished from others.
    std::uint64_t committed_id_of_writer();

 private:
    storage::owned_file open_lock(error_code& ec);
    std::optional<std::uint64_t> read_index(error_code& ec);
    bool is_writer(bool locked, error_code const& ec);
    void note(char const* name, error_code const& ec, error_code& before);

    storage::file_system& system_;
    storage::file_handle root_;
    cursor_budget& budget_;
    finding_log& log_;
    error_code lock_failure_;
    error_code index_failure_;
};

/// Reads index.json until two consecutive reads are equal. Returns nothing if it contains no id.
std::optional<std::uint64_t> read_committed_id(storage::file_system& system, storage::file_handle root, error_code& ec);

class committed_watermark {
 public:
    virtual ~committed_watermark() = default;

    /// Must be called after a segment was opened and before its lines are used. The lines that the segment held at that
    /// time, with ids that `allows` accepts afterwards, are committed. Returns false if reading must stop.
    virtual bool check() = 0;

    /// Returns the highest allowed id, or nothing if there is no writer: then every id is allowed.
    std::optional<std::uint64_t> id() const noexcept { return id_; }
    bool allows(std::uint64_t event_id) const noexcept { return !id_ || event_id <= *id_; }

 protected:
    std::optional<std::uint64_t> id_;
};

/// The watermark of a snapshot, fixed before any line is read. With a writer it is the id in index.json at
/// construction. Without a writer it stays empty until a writer opens the root; from then on it is the highest id that
/// the trail had at construction. Lines that are added later have higher ids, so the snapshot never changes.
class snapshot_watermark final : public committed_watermark {
 public:
    snapshot_watermark(storage::file_system& system, storage::file_handle root, cursor_budget& budget,
                       finding_log& log) noexcept
        : system_(system), root_(root), probe_(system, root, budget, log) {}

    /// Looks for a writer. Requires: called before the categories are listed, so that the list covers all allowed ids.
    void begin();

    /// Fixes the watermark, given all listed categories. Returns false if a writer opened the root meanwhile: begin
    /// again.
    bool fix(std::vector<category_place> const& places);

    bool check() override;

    writer_marks const& marks() const noexcept { return marks_; }

 private:
    std::uint64_t highest_stored_id(std::vector<category_place> const& places);

    storage::file_system& system_;
    storage::file_handle root_;
    writer_probe probe_;
    writer_marks marks_;
    std::uint64_t last_id_ = 0;  // the highest id at construction
};

}  // namespace audit_trail::reading
