#include "follower/live_trail.hpp"

#include <algorithm>
#include <audit_trail/reader.hpp>
#include <cerrno>
#include <limits>
#include <utility>

#include "follower/trail_recognition.hpp"
#include "format/names.hpp"
#include "storage/layout.hpp"

namespace audit_trail::reading {
namespace {

using kind = directory_change::kind;
using std::chrono::milliseconds;

constexpr std::size_t chunk_bytes = 32 * 1024;

/// A writer's file is told to be closed a moment before its lock is gone.
constexpr milliseconds shortest_patience{1};
constexpr milliseconds longest_patience{1024};

/// The directory was deleted meanwhile, or is no directory of a trail.
bool is_not_there(error_code const& ec) {
    return storage::is_errno(ec, ENOENT) || storage::is_errno(ec, ENOTDIR);
}

storage::owned_file open_root(follow_target const& target, error_code& ec) {
    storage::owned_file root(target.system, target.system.open_root(target.root, ec));
    check_root(target.system, root.get(), ec);
    return root;
}

/// Ids end with the highest number that there is.
std::uint64_t behind(std::uint64_t id) {
    return id == std::numeric_limits<std::uint64_t>::max() ? id : id + 1;
}

}  // namespace

live_trail::live_trail(follow_target const& target, std::optional<std::uint64_t>& next_id, damage_log& log,
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
             .limit = *this,
             .log = log_,
             .budget = budget_,
             .settings = {chunk_bytes, reader_options().max_line_bytes},
             .watch = progress_,
             .with_payloads = true,
             .follows = true},
      probe_(target.system, root_.get(), budget_, log_) {
    if (!is_over()) list();
    if (!is_over()) begin();
}

void live_trail::list() {
    for (auto const& domain : list_domains(target_.system, root_.get(), filter_, log_)) add_domain(domain);
    note_shortage();
}

void live_trail::take_changes() {
    if (is_over()) return;
    error_code ec;
    watch_.read([this](directory_change const& change) { note(change); }, ec);
    if (ec) failure_ = ec;
}

void live_trail::note(directory_change const& change) {
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

void live_trail::note_in_root(directory_change const& change) {
    if (change.name == storage::index_name) {
        index_touched_ = true;
    } else if (change.name == storage::lock_name) {
        lock_touched_ = true;
        if (change.what == kind::closed) patience_ = shortest_patience;
    } else if (change.what == kind::appeared && change.of_directory) {
        add_domain(change.name);
    }
}

void live_trail::note_in_category(directory_change const& change, followed_category& category) {
    auto const number = storage::parse_segment_name(change.name);
    if (!number || change.of_directory) return;
    if (change.what == kind::appeared) category.add_segment(*number);
    mark_due(category);
}

/// It is watched first and listed then, so that nothing comes between.
void live_trail::add_domain(std::string_view name) {
    if (!format::is_valid_name(name) || !filter_.takes_domain(name)) return;
    std::string const domain(name);
    auto* const added = watch(domain);
    if (added == nullptr) return;
    added->domain = domain;
    for (auto const& place : list_categories(target_.system, root_.get(), domain, filter_, log_)) {
        add_category(domain, place.name);
    }
}

void live_trail::add_category(std::string const& domain, std::string_view name) {
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

/// Nothing when it is watched already, or can't be.
live_trail::watched_directory* live_trail::watch(std::string const& path) {
    error_code ec;
    int const number = watch_.add(path, ec);
    if (ec == error::watch_limit || storage::is_exhausted_resource(ec)) {
        failure_ = ec;
    } else if (ec && !is_not_there(ec)) {
        log_.add(path, 0, ec);
    }
    if (ec) return nullptr;
    auto const [at, is_new] = directories_.try_emplace(number);
    return is_new ? &at->second : nullptr;
}

void live_trail::mark_due(followed_category& category) {
    if (!std::exchange(category.is_due, true)) due_.push_back(&category);
}

void live_trail::begin() {
    find_limit();
    if (!next_id_) begin_behind_all();
    filter_.begin_at(*next_id_);
    look_at_due(true);
}

/// Goes to the end of each category. No event has so high an id that it would be given meanwhile.
void live_trail::begin_behind_all() {
    filter_.begin_at(std::numeric_limits<std::uint64_t>::max());
    look_at_due(true);
    std::uint64_t last_id = id().value_or(0);
    for (auto const& [path, category] : categories_) last_id = std::max(last_id, category.last_id());
    next_id_ = behind(last_id);
}

bool live_trail::next(line_block& into) {
    if (current_ != nullptr) move_on(*std::exchange(current_, nullptr));
    while (!is_over() && !stop_.load(std::memory_order_relaxed)) {
        if (heads_.empty()) {
            skip_to(behind(known_through_));
            if (!advance() && !is_limit_touched()) return false;
        } else if (!is_behind_gap(heads_.lowest()) || !advance()) {
            auto& category = static_cast<followed_category&>(heads_.take_lowest());
            bool const given = give(category, into);
            if (given) current_ = &category;
            if (given || is_over()) return given;
            move_on(category);
        }
    }
    return false;
}

/// Takes in what has changed. False: nothing that could be read.
bool live_trail::advance() {
    take_changes();
    bool const was_touched = is_limit_touched();
    if (was_touched) find_limit();
    if (is_over()) return false;
    if (id()) return *id() != known_through_ && look_at_due(true);
    return (was_touched || !due_.empty()) && look_at_due(was_touched);
}

void live_trail::find_limit() {
    do {
        index_touched_ = lock_touched_ = false;
        if (probe_.finds_writer()) {
            id_ = std::max(id_.value_or(0), probe_.committed_id());
        } else {
            id_.reset();
            patience_ = milliseconds::zero();
        }
        // What the limit allows was written, and its directories made, before: now it is known where.
        take_changes();
    } while (!id_ && lock_touched_ && !is_over());
    note_shortage();
}

/// A writer that came while all whole lines were read, without a limit, makes it begin anew.
bool live_trail::look() {
    take_changes();
    if (!id_ && lock_touched_ && probe_.finds_writer()) is_stale_ = true;
    return !is_over() && !stop_.load(std::memory_order_relaxed);
}

void live_trail::look_for_writer() {
    lock_touched_ = true;
    patience_ = patience_ < longest_patience ? 2 * patience_ : milliseconds::zero();
}

/// Whether that brought anything.
bool live_trail::look_at_due(bool limit_moved) {
    bool const all_at_end = heads_.empty();
    bool looked = false;
    for (auto* const category : take_due(limit_moved)) {
        if (is_over()) return false;
        if (category->stands_on_event) {
            mark_due(*category);
        } else {
            category->look_again();
            move_on(*category);
            looked = true;
        }
    }
    bool const knows_more = all_at_end && id() && !is_over();
    if (knows_more) known_through_ = *id();
    return looked || knows_more;
}

std::vector<live_trail::followed_category*> live_trail::take_due(bool limit_moved) {
    if (limit_moved) release_held_back();
    auto taken = std::exchange(due_, {});
    for (auto* const category : taken) category->is_due = false;
    return taken;
}

/// Those that hold nothing which the limit allows now stay as they are: reading them again would find the same.
void live_trail::release_held_back() {
    std::erase_if(held_back_, [this](auto* const category) {
        if (!allows(category->held_id())) return false;
        category->is_held_back = false;
        mark_due(*category);
        return true;
    });
}

void live_trail::move_on(followed_category& category) {
    category.stands_on_event = heads_.add_next(category);
    bool const holds_back = !category.stands_on_event && category.left_something();
    if (holds_back && !std::exchange(category.is_held_back, true)) held_back_.push_back(&category);
    note_shortage();
}

bool live_trail::give(followed_category& category, line_block& into) {
    std::uint64_t const id = category.event_id();
    if (id < *next_id_) return report_out_of_order(category), false;
    auto const line = category.line();
    note_shortage();
    if (is_over()) return false;
    skip_to(id);
    if (line) into.add(*line, category.path(), category.offset());
    next_id_ = behind(id);
    if (line) ++log_.report().matched;
    return line.has_value();
}

void live_trail::report_out_of_order(followed_category const& category) {
    auto const reason = make_error_code(error::id_out_of_order);
    log_.add({category.path(), category.offset(), reason,
              reason.message() + ": " + std::to_string(category.event_id()) + " behind " +
                  std::to_string(*next_id_ - 1) + "; it is not given"});
}

void live_trail::skip_to(std::uint64_t id) {
    id = std::min(id, behind(filter_.max_event_id()));
    if (id <= *next_id_) return;
    if (target_.takes_all) log_.report().missing_ids += id - *next_id_;
    next_id_ = id;
}

void live_trail::note_shortage() {
    if (auto const shortage = log_.take_shortage()) failure_ = shortage;
}

}  // namespace audit_trail::reading
