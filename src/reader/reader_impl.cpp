#include "reader/reader_impl.hpp"

#include <algorithm>
#include <utility>

#include "reader/commit_log_check.hpp"

namespace audit_trail::reading {
namespace {

constexpr int max_snapshots = 10;

storage::owned_file open_root(storage::file_system& system, std::filesystem::path const& root, error_code& ec) {
    return {system, system.open_root(root, ec)};
}

}  // namespace

reader_impl::reader_impl(storage::file_system& system, std::filesystem::path const& root, event_filter filter,
                         reader_options const& options, error_code& ec)
    : root_(open_root(system, root, ec)),
      filter_(std::move(filter)),
      log_(options.max_findings),
      budget_(options.max_open_segments, options.max_buffer_bytes),
      watermark_(system, root_.get(), budget_, log_),
      progress_(options.on_progress),
      scope_{system,
             root_.get(),
             filter_,
             watermark_,
             log_,
             budget_,
             {budget_.chunk_for(1), options.max_line_bytes},
             progress_,
             options.with_payloads,
             /*follows=*/false,
             options.order == read_order::newest_first},
      source_(std::in_place_type<segment_walk>, scope_, std::vector<category_place>()),
      order_(options.order),
      takes_all_(filter_.takes_all()) {
    if (!ec) choose_order(take_snapshot(), options);
}

/// Lists categories and fixes the watermark, so that the categories hold all allowed ids.
std::vector<category_place> reader_impl::take_snapshot() {
    for (int i = 1;; ++i) {
        finding_log listing(log_.max_findings());
        watermark_.begin();
        auto places = list_categories(scope_.system, root_.get(), filter_, listing);
        // Usually the second attempt finds the writer. The attempts are limited, in case writers open and close the
        // root all the time.
        if (!watermark_.fix(places) && i < max_snapshots) continue;
        log_.take(std::move(listing));
        auto const& marks = watermark_.marks();
        if (!marks.has_writer) check_commit_log(scope_.system, root_.get(), marks.record, log_);
        return places;
    }
}

void reader_impl::choose_order(std::vector<category_place> places, reader_options const& options) {
    if (options.order == read_order::segment) {
        source_.emplace<segment_walk>(scope_, std::move(places));
        return;
    }
    scope_.settings.chunk_bytes = budget_.chunk_for(places.size());
    source_.emplace<id_merge>(scope_, std::move(places));
}

bool reader_impl::next(entry& into) {
    while (category_cursor* const category = next_category()) {
        if (!category->read(into)) continue;
        ++log_.report().matched;
        check_id(*category, into);
        return true;
    }
    count_ids_missing_at_end();
    return false;
}

std::uint64_t reader_impl::count() {
    auto const counted = std::visit([](auto& source) { return source.count(); }, source_);
    log_.report().matched += counted;
    return counted;
}

category_cursor* reader_impl::next_category() {
    return std::visit([](auto& source) { return source.next(); }, source_);
}

void reader_impl::check_id(category_cursor const& category, entry const& found) {
    if (order_ == read_order::segment) return;
    auto const id = found.event.event_id;
    // Within one category, the cursor has reported this.
    if (id == last_id_ && &category != last_category_) {
        auto const reason = make_error_code(error::id_out_of_order);
        log_.add({found.path, found.offset, reason, reason.message() + ": another category has it too"});
    }
    last_category_ = &category;
    count_missing_ids(id);
}

void reader_impl::count_missing_ids(std::uint64_t id) {
    bool const descends = order_ == read_order::newest_first;
    if (descends && last_id_ == 0) last_id_ = std::max(watermark_.id().value_or(0), id) + 1;
    if (descends ? id >= last_id_ : id <= last_id_) return;
    if (takes_all_) log_.report().missing_ids += (descends ? last_id_ - id : id - last_id_) - 1;
    last_id_ = id;
}

void reader_impl::count_ids_missing_at_end() {
    if (order_ == read_order::event_id) {
        auto const limit = watermark_.id();
        if (limit && *limit > last_id_) count_missing_ids(*limit + 1);
    } else if (order_ == read_order::newest_first) {
        if (last_id_ == 0) last_id_ = watermark_.id().value_or(0) + 1;
        if (last_id_ > 1) count_missing_ids(0);
        last_id_ = 1;
    }
}

}  // namespace audit_trail::reading
