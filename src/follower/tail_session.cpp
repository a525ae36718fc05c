#include "follower/tail_session.hpp"

#include <algorithm>
#include <audit_trail/reader.hpp>
#include <cerrno>
#include <limits>
#include <utility>

#include "format/names.hpp"
#include "reader/commit_log_check.hpp"
#include "storage/layout.hpp"

namespace audit_trail::reading {
namespace {

using storage::directory_change;
using kind = directory_change::kind;
using std::chrono::milliseconds;

constexpr std::size_t chunk_bytes = 32 * 1024;

/// The system reports that the file of a killed writer was closed slightly before it releases the lock.
constexpr milliseconds shortest_patience{1};
constexpr milliseconds longest_patience{1024};

/// Returns true if the directory was deleted meanwhile, or is not a directory.
bool is_absent(error_code const& ec) {
    return storage::is_errno(ec, ENOENT) || storage::is_errno(ec, ENOTDIR);
}

storage::owned_file open_root(follow_target const& target, error_code& ec) {
    storage::owned_file root(target.system, target.system.open_root(target.root, ec));
    check_root(target.system, root.get(), ec);
    return root;
}

/// The next id; the highest possible id has no successor.
std::uint64_t after(std::uint64_t id) {
    return id == std::numeric_limits<std::uint64_t>::max() ? id : id + 1;
}

}  // namespace

tail_session::tail_session(follow_target const& target, std::optional<std::uint64_t>& next_id, finding_log& log,
                           std::atomic<bool> const& stop)
    : target_(target),
      next_id_(next_id),
      log_(log),
      stop_(stop),
      root_(open_root(target, failure_)),
      watch_(target.root, static_cast<int>(root_.get()), failure_),
      filter_(target.filter),
      budget_(reader_options().max_open_segments, reader_options().max_buffer_bytes),
      progress_(nullptr),
      scope_{.system = target.system,
             .root = root_.get(),
             .filter = filter_,
             .watermark = *this,
             .log = log_,
             .budget = budget_,
             .settings = {chunk_bytes, reader_options().max_line_bytes},
             .on_progress = progress_,
             .with_payloads = true,
             .follows = true},
      probe_(target.system, root_.get(), budget_, log_) {
    if (!is_over()) list();
    if (!is_over()) begin();
}

void tail_session::list() {
    for (auto const& domain : list_domains(target_.system, root_.get(), filter_, log_)) add_domain(domain);
    note_shortage();
}

bool tail_session::process_changes() {
    if (is_over()) return true;
    bool changed = false;
    error_code ec;
    watch_.read([&](directory_change const& change) { changed = true, note(change); }, ec);
    if (ec) failure_ = ec;
    return changed || ec;
}

void tail_session::note(directory_change const& change) {
    if (change.what == kind::lost || change.what == kind::gone) {
        is_stale_ = true;
        return;
    }
    auto const known = directories_.find(change.directory);
    if (change.directory == watch_.root()) {
        note_in_root(change);
    } else if (known == directories_.end()) {
        return;
    } else if (known->second.category != nullptr) {
        note_in_category(change, *known->second.category);
    } else if (change.what == kind::appeared && change.of_directory) {
        add_category(known->second.domain, change.name);
    }
}

void tail_session::note_in_root(directory_change const& change) {
    if (change.name == storage::index_name) {
        index_touched_ = true;
    } else if (change.name == storage::lock_name) {
        lock_touched_ = true;
        if (change.what == kind::closed) patience_ = shortest_patience;
    } else if (change.what == kind::appeared && change.of_directory) {
        add_domain(change.name);
    }
}

void tail_session::note_in_category(directory_change const& change, followed_category& category) {
    auto const number = storage::parse_segment_name(change.name);
    if (!number || change.of_directory) return;
    if (change.what == kind::appeared) category.add_segment(*number);
    mark_due(category);
}

/// Watches the directory before it lists it, so that no entry is missed.
void tail_session::add_domain(std::string_view name) {
    if (!format::is_valid_name(name) || !filter_.takes_domain(name)) return;
    std::string const domain(name);
    auto* const added = watch(domain);
    if (added == nullptr) return;
    added->domain = domain;
    for (auto const& place : list_categories(target_.system, root_.get(), domain, filter_, log_)) {
        add_category(domain, place.name);
    }
}

void tail_session::add_category(std::string const& domain, std::string_view name) {
    if (!format::is_valid_name(name) || !filter_.takes_category(name)) return;
    auto path = storage::category_path(domain, name);
    auto* const added = watch(path);
    if (added == nullptr) return;
    category_place place{domain, std::string(name)};
    auto& category = categories_.try_emplace(std::move(path), scope_, std::move(place)).first->second;
    added->category = &category;
    category.begin();
    mark_due(category);
}

/// Returns null if the directory is already watched or cannot be watched.
tail_session::watched_directory* tail_session::watch(std::string const& path) {
    error_code ec;
    int const number = watch_.add(path, ec);
    if (ec == error::watch_limit || storage::is_exhausted_resource(ec)) {
        failure_ = ec;
    } else if (ec && !is_absent(ec)) {
        log_.add(path, 0, ec);
    }
    if (ec) return nullptr;
    auto const [at, is_new] = directories_.try_emplace(number);
    return is_new ? &at->second : nullptr;
}

void tail_session::mark_due(followed_category& category) {
    if (!std::exchange(category.is_due, true)) due_.push_back(&category);
}

void tail_session::begin() {
    update_watermark();
    if (!next_id_) begin_after_last();
    filter_.begin_at(*next_id_);
    read_due(true);
}

/// Moves each cursor to the end of its category. The filter passes no event on the way.
void tail_session::begin_after_last() {
    filter_.begin_at(std::numeric_limits<std::uint64_t>::max());
    read_due(true);
    std::uint64_t last_id = id().value_or(0);
    for (auto const& [path, category] : categories_) last_id = std::max(last_id, category.last_id());
    next_id_ = after(last_id);
}

bool tail_session::next(line_block& into) {
    if (current_ != nullptr) move_on(*std::exchange(current_, nullptr));
    while (!is_over() && !stop_.load(std::memory_order_relaxed)) {
        if (heap_.empty()) {
            skip_to(after(known_through_));
            if (!advance() && !must_update_watermark()) return false;
        } else if (!is_after_gap(heap_.lowest_id()) || !advance()) {
            auto& category = static_cast<followed_category&>(heap_.pop_first());
            bool const taken = take_line(category, into);
            if (taken) current_ = &category;
            if (taken || is_over()) return taken;
            move_on(category);
        }
    }
    return false;
}

/// Processes changes and reads the lines that they allow. Returns false if this cannot have moved a cursor.
bool tail_session::advance() {
    process_changes();
    bool const was_touched = must_update_watermark();
    if (was_touched) update_watermark();
    if (is_over()) return false;
    if (id()) return *id() != known_through_ && read_due(true);
    return (was_touched || !due_.empty()) && read_due(was_touched);
}

void tail_session::update_watermark() {
    do {
        index_touched_ = lock_touched_ = false;
        auto const marks = probe_.read_marks();
        if (marks.has_writer) {
            id_ = std::max(id_.value_or(0), probe_.committed_id_of_writer());
        } else {
            id_ = last_id_before_lost_lines(marks);
            patience_ = milliseconds::zero();
        }
        // The lines up to the watermark, and their directories, were written before it: their events are pending now.
        process_changes();
    } while (!id_ && lock_touched_ && !is_over());
    note_shortage();
}

/// After a crash, segments may lack lines that the commit log has. Until they are restored, no line behind them is
/// read: a follower returns events in the order of their ids.
std::optional<std::uint64_t> tail_session::last_id_before_lost_lines(writer_marks const& marks) {
    finding_log found(log_.max_findings());
    auto const lost = check_commit_log(target_.system, root_.get(), marks.record, found);
    if (!std::exchange(has_checked_log_, true)) log_.take(std::move(found));
    return lost ? std::optional(*lost - 1) : std::nullopt;
}

/// A writer that opens the root while all whole lines are allowed ends the session.
bool tail_session::check() {
    if (!id() && probe_.finds_writer()) is_stale_ = true;
    return !is_over() && !stop_.load(std::memory_order_relaxed);
}

void tail_session::recheck_writer() {
    lock_touched_ = true;
    patience_ = patience_ < longest_patience ? 2 * patience_ : milliseconds::zero();
}

/// Reads the categories that have new bytes. Returns true if a cursor moved or `known_through_` may have increased.
bool tail_session::read_due(bool watermark_moved) {
    bool const all_at_end = heap_.empty();
    bool moved = false;
    for (auto* const category : take_due(watermark_moved)) {
        if (is_over()) return false;
        if (category->is_at_event) {
            mark_due(*category);
        } else {
            category->rewind();
            move_on(*category);
            moved = true;
        }
    }
    bool const knows_more = all_at_end && id() && !is_over();
    if (knows_more) known_through_ = *id();
    return moved || knows_more;
}

std::vector<tail_session::followed_category*> tail_session::take_due(bool watermark_moved) {
    if (watermark_moved) release_held_back();
    auto taken = std::exchange(due_, {});
    for (auto* const category : taken) category->is_due = false;
    return taken;
}

/// Releases only categories with a line that the watermark now allows: reading the others would find nothing new.
void tail_session::release_held_back() {
    std::erase_if(held_back_, [this](auto* const category) {
        if (!allows(category->held_id())) return false;
        category->is_held_back = false;
        mark_due(*category);
        return true;
    });
}

void tail_session::move_on(followed_category& category) {
    category.is_at_event = heap_.push_next(category);
    bool const holds_back = !category.is_at_event && category.has_rest();
    if (holds_back && !std::exchange(category.is_held_back, true)) held_back_.push_back(&category);
    note_shortage();
}

bool tail_session::take_line(followed_category& category, line_block& into) {
    std::uint64_t const id = category.event_id();
    if (id < *next_id_) return report_passed_over(category), false;
    auto const line = category.line();
    note_shortage();
    if (is_over()) return false;
    skip_to(id);
    if (line) into.add(*line, category.path(), category.offset());
    next_id_ = after(id);
    if (line) ++log_.report().matched;
    return line.has_value();
}

void tail_session::report_passed_over(followed_category const& category) {
    if (category.was_read_before()) return;
    auto const reason = make_error_code(error::id_out_of_order);
    log_.add({category.path(), category.offset(), reason,
              reason.message() + ": " + std::to_string(category.event_id()) + " after " +
                  std::to_string(*next_id_ - 1) + "; it is passed over"});
}

void tail_session::skip_to(std::uint64_t id) {
    id = std::min(id, after(filter_.max_event_id()));
    if (id <= *next_id_) return;
    if (target_.takes_all) log_.report().missing_ids += id - *next_id_;
    next_id_ = id;
}

void tail_session::note_shortage() {
    if (auto const shortage = log_.take_shortage()) failure_ = shortage;
}

}  // namespace audit_trail::reading
