/// \file
/// Implements `reader`: takes a snapshot of the trail and visits its events in the chosen order.
#pragma once

#include <audit_trail/reader.hpp>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <variant>
#include <vector>

#include "reader/merge.hpp"

namespace audit_trail::reading {

class reader_impl {
 public:
    reader_impl(storage::file_system& system, std::filesystem::path const& root, event_filter filter,
                reader_options const& options, error_code& ec);
    reader_impl(reader_impl const&) = delete;
    reader_impl& operator=(reader_impl const&) = delete;

    bool next(entry& into);
    std::uint64_t count();

    read_report const& report() const noexcept { return log_.report(); }
    std::optional<std::uint64_t> limit() const noexcept { return watermark_.id(); }

 private:
    std::vector<category_place> take_snapshot();
    void choose_order(std::vector<category_place> places, reader_options const& options);
    category_cursor* next_category();
    void check_id(category_cursor const& category, entry const& found);
    void count_missing_ids(std::uint64_t id);
    void count_ids_missing_at_end();

    storage::owned_file root_;
    line_filter filter_;
    finding_log log_;
    cursor_budget budget_;
    snapshot_watermark watermark_;
    progress progress_;
    read_scope scope_;
    std::variant<segment_walk, id_merge> source_;
    read_order const order_;
    bool const takes_all_;
    std::uint64_t last_id_ = 0;  // all ids up to it were counted; newest first: all ids from it on, or 0
    category_cursor const* last_category_ = nullptr;
};

}  // namespace audit_trail::reading
