/// \file
/// The implementation of `reader`.
#pragma once

#include <audit_trail/reader.hpp>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <variant>
#include <vector>

#include "reader/category_cursor.hpp"
#include "reader/id_merge.hpp"
#include "reader/segment_walk.hpp"
#include "reader/snapshot_limit.hpp"

namespace audit_trail::reading {

class trail_reader {
 public:
    trail_reader(storage::file_system& system, std::filesystem::path const& root, event_filter filter,
                 reader_options const& options, error_code& ec);
    trail_reader(trail_reader const&) = delete;
    trail_reader& operator=(trail_reader const&) = delete;

    bool next(entry& into);
    std::uint64_t count();

    read_report const& report() const noexcept { return log_.report(); }
    std::optional<std::uint64_t> limit() const noexcept { return limit_.id(); }

 private:
    std::vector<category_place> take_snapshot();
    void choose_order(std::vector<category_place> places, reader_options const& options);
    category_cursor* next_category();
    void note_id(category_cursor const& category, entry const& given);
    void note_end();

    storage::owned_file root_;
    line_filter filter_;
    damage_log log_;
    cursor_budget budget_;
    snapshot_limit limit_;
    progress progress_;
    read_scope scope_;
    std::variant<segment_walk, id_merge> source_;
    bool const in_id_order_;
    bool const takes_all_;
    std::uint64_t last_id_ = 0;
    category_cursor const* last_category_ = nullptr;
};

}  // namespace audit_trail::reading
