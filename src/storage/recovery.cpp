// Recovery runs these steps:
//
// 1. Survey: of each category, read the segments from the newest backwards, and each from its end backwards, up to a
//    line that is known to be synced. Note the category's tail, torn tails, ids, and segments with unsynced lines.
//    After a clean end, the first line read is the last one.
// 2. Save: copy each torn tail to .broken/, and sync the copy.
// 3. Compare the ids that were found with .lock and index.json, and report the missing ones.
// 4. Record the findings in .recovery.jsonl, and sync it.
// 5. Cut off the torn tails. `.lock` says `cutting` before that, because a power cut may undo an unsynced cut.
// 6. Sync the segments that have unsynced lines, and their directories.
//
// The steps are the same for every kind of end. If recovery itself is interrupted, the next opening repeats all of
// them.

#include "storage/recovery.hpp"

#include <algorithm>
#include <audit_trail/recovery.hpp>
#include <cerrno>
#include <set>

#include "storage/backward_lines.hpp"
#include "storage/index_file.hpp"
#include "storage/layout.hpp"

namespace audit_trail::storage {
namespace {

using kind_type = recovery_finding::kind_type;

constexpr std::size_t copy_chunk_bytes = 64 * 1024;

constexpr char unused_reason[] = "no segment has them: their batch was not completed";
constexpr char lost_reason[] =
    ".lock or index.json shows that they were acknowledged, but they are not at the end of any category: events are "
    "lost or damaged";
constexpr char index_ahead_reason[] =
    "index.json or the commit log names them, but no segment has them: events are missing that may have been "
    "acknowledged as written, not as synced";

std::string path_of(category const& owner, std::uint64_t number) {
    return segment_path(owner.domain, owner.name, number);
}

/// Returns the name of a torn tail's copy. It contains the segment's name and the offset.
std::string copy_name(std::string const& segment, std::uint64_t offset) {
    return std::string(broken_name) + '/' + segment + '.' + std::to_string(offset);
}

template <class Each>
void for_each_chunk(file_system& system, recovery::file_part part, Each each, error_code& ec) {
    std::string chunk(static_cast<std::size_t>(std::min<std::uint64_t>(part.bytes, copy_chunk_bytes)), '\0');
    for (std::uint64_t done = 0; done < part.bytes && !ec;) {
        std::span<char> const into(chunk.data(), std::min<std::size_t>(chunk.size(), part.bytes - done));
        std::size_t const count = read_fully_at(system, part.file, part.offset + done, into, ec);
        if (!ec && count < into.size()) ec = {EIO, boost::system::system_category()};
        if (!ec) each(done, into);
        done += count;
    }
}

/// Returns true if the torn tail begins with the content of the copy. `size` is the size of the copy.
bool holds_beginning(file_system& system, file_handle copy, std::uint64_t size, recovery::file_part part,
                     error_code& ec) {
    if (size > part.bytes) return false;
    part.bytes = size;
    bool same = true;
    std::string other(copy_chunk_bytes, '\0');
    auto const compare = [&](std::uint64_t at, std::span<char> bytes) {
        std::span<char> const into(other.data(), bytes.size());
        read_fully_at(system, copy, at, into, ec);
        same = same && std::ranges::equal(bytes, into);
    };
    for_each_chunk(system, part, compare, ec);
    return same && !ec;
}

/// Reads the record of the last writer in `.lock`. error::locked while a writer has the root.
std::optional<lock_record> read_last_end(file_system& system, file_handle root, error_code& ec) {
    owned_file const file(system, system.open_file(root, lock_name, open_mode::read, ec));
    if (is_errno(ec, ENOENT)) return ec = {}, std::nullopt;
    bool const is_held = !ec && system.is_locked(file.get(), ec);
    if (is_held) ec = error::locked;
    return ec ? std::nullopt : read_lock_record(system, file.get(), ec);
}

/// Returns true if the path is absent, or can be opened for writing.
bool is_writable(file_system& system, file_handle root, std::string const& path, error_code& ec) {
    owned_file const file(system, system.open_file(root, path.c_str(), open_mode::append, ec));
    return !ec || is_errno(ec, ENOENT);
}

/// Returns true if the path is absent, or no directory.
bool is_no_directory(file_system& system, file_handle root, char const* path, error_code& ec) {
    auto const kind = system.status_at(root, path, ec).kind;
    if (!ec && kind == file_kind::directory) ec = error::not_a_trail;
    return !ec || is_errno(ec, ENOENT);
}

/// Returns true if the path is absent, or a directory.
bool is_no_file(file_system& system, file_handle root, char const* path, error_code& ec) {
    owned_file const directory(system, system.open_directory(root, path, ec));
    return !ec || is_errno(ec, ENOENT);
}

/// Adds the first file that a recovery cannot write.
void add_obstacle(file_system& system, file_handle root, index_file const& index, log_replay const& replay,
                  recovery_report& report) {
    std::vector<std::string> files{lock_name};
    if (index.is_kept()) files.push_back(index_name);
    if (replay.clears()) files.push_back(commit_log_name);
    if (!report.findings.empty()) files.push_back(recovery_log_name);
    bool saves = replay.moves();
    for (auto const& finding : report.findings) {
        bool const is_cut = finding.kind == kind_type::torn_tail && !finding.saved_as.empty();
        saves |= is_cut;
        if (is_cut || finding.kind == kind_type::restored_lines) files.push_back(finding.path);
    }
    error_code ec;
    for (auto const& path : files) {
        if (!is_writable(system, root, path, ec)) return report.obstacle = {path, ec}, void();
    }
    bool const is_fixed = replay.moves() && !is_writable(system, root, commit_log_name, ec) && is_errno(ec, EPERM);
    if (is_fixed) report.obstacle = {commit_log_name, ec};
    if (!is_no_directory(system, root, index_name, ec)) report.obstacle = {index_name, ec};
    if (saves && !is_no_file(system, root, broken_name, ec)) report.obstacle = {broken_name, ec};
}

/// `failed_path` is the file that the error is about.
void plan_in(file_system& system, file_handle root, recovery_report& report, std::string& failed_path, error_code& ec) {
    failed_path = lock_name;
    auto const last_end = read_last_end(system, root, ec);
    if (ec) return;
    failed_path = index_name;
    index_file index(system);
    auto const last_id = index.read(root, ec);
    if (ec) return;
    log_replay replay(system, root, last_end);
    replay.survey(ec);
    failed_path = replay.failed_path();
    if (ec) return;

    category_table categories;
    dirty_directories directories;
    recovery planned(system, root, last_end, last_id, replay, report);
    planned.plan(categories, directories, ec);
    failed_path = planned.failed_path();
    if (!ec) add_obstacle(system, root, index, replay, report);
}

recovery_finding acceptance_of(id_range ids, std::string const& user) {
    auto finding = new_finding(kind_type::accepted_loss);
    finding.first_id = ids.first;
    finding.last_id = ids.last;
    finding.user = user;
    return finding;
}

}  // namespace

recovery_report plan_recovery(file_system& system, std::filesystem::path const& path, error_code& ec) {
    recovery_report report;
    owned_file const root(system, system.open_root(path, ec));
    std::string failed_path;
    if (!ec) plan_in(system, root.get(), report, failed_path, ec);
    if (ec) report.obstacle = {failed_path, ec};
    return report;
}

std::vector<recovery_finding> accept_loss(file_system& system, std::filesystem::path const& path,
                                          std::span<id_range const> lost, std::string const& user, error_code& ec) {
    owned_file const root(system, system.open_root(path, ec));
    if (ec) return {};
    root_lock lock(system);
    lock.acquire(root.get(), ec);
    if (ec) return {};
    std::vector<recovery_finding> findings;
    for (auto const ids : lost) findings.push_back(acceptance_of(ids, user));
    record_findings(system, root.get(), findings, ec);
    if (ec) findings.clear();
    return findings;
}

recovery::recovery(file_system& system, file_handle root, std::optional<lock_record> last_end,
                   std::optional<std::uint64_t> index, log_replay const& replay, recovery_report& report)
    : system_(system),
      root_(root),
      last_end_(last_end),
      index_(index),
      replay_(replay),
      report_(report),
      synced_through_(last_end ? last_end->synced_through : 0) {
    if (replay.next_id() != 0) index_ = std::max(index_.value_or(0), replay.next_id() - 1);
}

void recovery::run(root_lock& lock, category_table& categories, dirty_directories& directories, error_code& ec) {
    survey(categories, directories, ec);
    if (!ec) save_torn_tails(ec);
    if (ec) return;
    fill_report(categories, ec);
    if (!ec && last_id_ > largest_event_id) ec = error::id_too_high;  // as index.json says
    if (!ec) record(ec);
    if (!ec) cut_torn_tails(lock, ec);
    if (!ec) sync_kept_segments(ec);
}

void recovery::plan(category_table& categories, dirty_directories& directories, error_code& ec) {
    survey(categories, directories, ec);
    if (ec) return;
    std::erase_if(torn_, [this](torn_tail const& torn) { return will_be_restored(torn); });
    for (auto const& [path, result] : replay_.restored()) {
        for (auto const id : result.ids) note_id(id);
    }
    for (auto& torn : torn_) {
        if (!torn.shared) torn.saved_as = copy_name(path_of(*torn.where.owner, torn.where.number), torn.offset);
    }
    fill_report(categories, ec);
}

void recovery::survey(category_table& categories, dirty_directories& directories, error_code& ec) {
    directories_ = &directories;
    ec = {};
    failed_path_.clear();
    if (!ended_clean()) directories_->add(".");
    for (auto const& domain : list_directories(system_, root_, ec).names) {
        if (!ec) survey_domain(categories, domain, ec);
        if (ec) return;
    }
    failed_path_.clear();
    if (last_id_ > largest_event_id) ec = error::id_too_high;
}

void recovery::survey_domain(category_table& categories, std::string const& domain, error_code& ec) {
    failed_path_ = domain;
    owned_file const directory(system_, system_.open_directory(root_, domain.c_str(), ec));
    if (ec) return;
    if (!ended_clean()) directories_->add(domain);
    for (auto const& name : list_directories(system_, directory.get(), ec).names) {
        if (!ec) survey_category(categories.find(domain, name), ec);
        if (ec) return;
    }
}

void recovery::survey_category(category& owner, error_code& ec) {
    auto const path = category_path(owner.domain, owner.name);
    failed_path_ = path;
    owned_file const directory(system_, system_.open_directory(root_, path.c_str(), ec));
    if (ec) return;
    auto numbers = list_segments(system_, directory.get(), ec).numbers;
    if (ec) return;
    std::ranges::reverse(numbers);  // the newest first

    bool reached = false;
    for (std::size_t i = 0; i < numbers.size() && !reached && !ec; ++i) {
        reached = survey_segment({&owner, numbers[i]}, i == 0, ec);
    }
    // If no synced line was found, nothing proves that the newest directory entry is durable.
    bool const is_entry_durable = reached && owner.tail.size != 0;
    if (!ended_clean() && !is_entry_durable) directories_->add(path);
}

/// After a failed sync the kernel marks pages as clean that are not on the disk, and the writer may have been killed
/// before it could record the failure. A segment that ends in a synced line is safe.
bool recovery::may_differ_from_disk(file_handle file, error_code& ec) {
    if (ended_clean()) return false;
    if (!last_end_ || last_end_->state == end_state::failed) return true;
    backward_lines lines(system_, file, ec);
    bool const ends_in_line = !ec && lines.file_size() == lines.complete_size() && lines.next(ec);
    auto const id = ends_in_line ? lines.event_id(ec) : std::nullopt;
    return !id || *id > synced_through_;
}

bool recovery::survey_segment(segment_place where, bool newest, error_code& ec) {
    auto const path = path_of(*where.owner, where.number);
    failed_path_ = path;
    owned_file const file(system_, system_.open_file(root_, path.c_str(), open_mode::read, ec));
    bool const is_in_doubt = !ec && may_differ_from_disk(file.get(), ec);
    if (!ec && is_in_doubt) system_.drop_cache(file.get(), ec);
    if (ec) return false;
    backward_lines lines(system_, file.get(), ec);
    if (ec) return false;

    std::uint64_t const torn = lines.file_size() - lines.complete_size();
    bool touched = torn != 0;
    bool shared = false;
    // Empty segments at the end come from a batch that was cut back. After a clean end, the first of them takes the
    // next line. After a crash, their lines may be on the disk and only missing from the page cache.
    bool const is_left_empty = ended_clean() && where.owner->tail.size == 0 && lines.file_size() == 0;
    bool const takes_next_line = newest || is_left_empty;
    if (takes_next_line) where.owner->tail = {where.number, lines.complete_size()};
    if (torn != 0) {
        shared = system_.status(file.get(), ec).links > 1;
        if (ec) return false;
        torn_.push_back({where, lines.complete_size(), torn, shared, {}});
    }

    bool reached = false;
    bool unsynced = false;
    while (!reached && lines.next(ec)) {
        auto const id = lines.event_id(ec);
        if (ec) return false;
        if (!id) continue;
        last_id_ = std::max(last_id_, *id);
        reached = *id <= synced_through_;
        if (reached) break;
        unsynced = true;
        if (!last_end_) break;
        note_id(*id);
    }
    if (unsynced || may_have_cut()) unsynced_.push_back(where);

    touched = touched || unsynced;
    bool const failed = last_end_ && last_end_->state == end_state::failed;
    if (newest && ((failed && touched) || shared)) where.owner->tail.size = segment_tail::sealed;
    return reached;
}

/// Returns true if lines of the commit log replace the torn tail.
bool recovery::will_be_restored(torn_tail const& torn) const {
    auto const found = replay_.restored().find(path_of(*torn.where.owner, torn.where.number));
    return found != replay_.restored().end() && torn.offset + torn.bytes <= found->second.end;
}

void recovery::note_id(std::uint64_t id) {
    last_id_ = std::max(last_id_, id);
    if (!ids_.empty() && ids_.back().first == id + 1) {
        ids_.back().first = id;
    } else {
        ids_.push_back({id, id});
    }
}

recovery_finding& recovery::add_finding(kind_type kind) {
    return report_.findings.emplace_back(new_finding(kind));
}

void recovery::add_finding(kind_type kind, id_range ids, char const* reason) {
    auto& finding = add_finding(kind);
    finding.first_id = ids.first;
    finding.last_id = ids.last;
    finding.reason = reason;
}

void recovery::save_torn_tails(error_code& ec) {
    std::set<std::string> directories;
    for (auto& torn : torn_) {
        if (!ec && !torn.shared) save(torn, directories, ec);
    }
    // All syncs follow all writes: a file system commits many changes at once.
    for (auto const& torn : torn_) {
        if (!ec && !torn.shared) sync_file(torn.saved_as, ec);
    }
    for (auto const& path : directories) {
        if (!ec) sync_directory(system_, root_, path.c_str(), ec);
    }
    if (ec) ec = error::cannot_save_torn_tail;
}

void recovery::fill_report(category_table const& categories, error_code& ec) {
    failed_path_ = recovery_log_name;
    report_.findings = replay_.findings();
    note_torn_tails();
    find_missing_ids(ec);
    report_.created = !last_end_ && !index_ && categories.size() == 0;
    report_.clean = last_end_ ? ended_clean() : report_.findings.empty() && !replay_.clears();
    report_.last_event_id = last_id_;
}

void recovery::note_torn_tails() {
    for (auto const& torn : torn_) {
        auto& finding = add_finding(kind_type::torn_tail);
        finding.path = path_of(*torn.where.owner, torn.where.number);
        finding.offset = torn.offset;
        finding.bytes = torn.bytes;
        finding.saved_as = torn.saved_as;
        finding.reason = torn.shared ? "no newline at the end; the file has more than one link and was left alone"
                                     : "no newline at the end";
    }
}

/// Adds the directories that must be synced after the copy.
void recovery::save(torn_tail& torn, std::set<std::string>& directories, error_code& ec) {
    auto const source_path = path_of(*torn.where.owner, torn.where.number);
    owned_file const source(system_, system_.open_file(root_, source_path.c_str(), open_mode::read, ec));
    if (ec) return;
    file_part const part{source.get(), torn.offset, torn.bytes};

    std::string const domain = std::string(broken_name) + '/' + torn.where.owner->domain;
    std::string const directory = domain + '/' + torn.where.owner->name;
    for (auto const& path : {std::string(broken_name), domain, directory}) {
        ensure_directory(system_, root_, path.c_str(), ec);
        if (ec) return;
    }

    auto const copy = save_copy(torn, part, ec);
    if (!ec) system_.start_writeback(copy.get(), ec);
    directories.insert({".", broken_name, domain, directory});
}

/// Completes the copy of an earlier opening, which may have failed on a full disk. If a file of that name has another
/// content, it is kept, and the next name is tried.
owned_file recovery::save_copy(torn_tail& torn, file_part part, error_code& ec) {
    auto const path = copy_name(path_of(*torn.where.owner, torn.where.number), torn.offset);
    for (int attempt = 1;; ++attempt) {
        torn.saved_as = attempt == 1 ? path : path + '.' + std::to_string(attempt);
        owned_file copy(system_, system_.open_file(root_, torn.saved_as.c_str(), open_mode::read_write, ec));
        if (ec == error::not_a_trail) continue;
        auto const size = ec ? 0 : system_.status(copy.get(), ec).size;
        if (ec) return copy;
        bool const is_beginning = holds_beginning(system_, copy.get(), size, part, ec);
        if (!ec && !is_beginning) continue;
        file_part const rest{part.file, part.offset + size, part.bytes - size};
        auto const write = [&](auto at, auto bytes) { write_fully_at(system_, copy.get(), size + at, bytes, ec); };
        if (!ec) for_each_chunk(system_, rest, write, ec);
        return copy;
    }
}

/// Every event up to this id was synced: `.lock` says so, or its writer synced each event before index.json named it.
/// Without `.lock`, or if lines of the commit log are lost, nothing says that events were only written.
std::uint64_t recovery::durable_through() const noexcept {
    bool const is_unknown = !last_end_ || replay_.may_have_lost_lines();
    bool const syncs_each = is_unknown || ended_clean() || last_end_->state == end_state::open;
    std::uint64_t const synced = synced_through_ <= largest_mark ? synced_through_ : 0;
    return std::max(synced, syncs_each ? index_.value_or(0) : 0);
}

std::uint64_t recovery::acknowledged_through() const noexcept {
    return std::max(durable_through(), index_.value_or(0));
}

void recovery::find_missing_ids(error_code& ec) {
    // Without a lock file, another program may have left the gaps.
    if (last_end_) {
        std::ranges::sort(ids_, {}, &id_range::first);
        std::uint64_t expected = std::max(synced_through_ + 1, last_end_->began);
        for (auto const& range : ids_) {
            if (range.first > expected) add_missing({expected, range.first - 1}, ec);
            if (ec) return;
            expected = std::max(expected, range.last + 1);
        }
    }
    std::uint64_t const acknowledged = acknowledged_through();
    if (acknowledged <= last_id_) return;
    add_missing({last_id_ + 1, acknowledged}, ec);
    last_id_ = acknowledged;
}

void recovery::add_missing(id_range ids, error_code& ec) {
    std::uint64_t const acknowledged = std::min(ids.last, acknowledged_through());
    if (ids.first <= acknowledged) add_acknowledged({ids.first, acknowledged}, ec);
    if (ec) return;
    std::uint64_t const unused = std::max(ids.first, acknowledged + 1);
    if (unused <= ids.last) add_finding(kind_type::unused_ids, {unused, ids.last}, unused_reason);
}

/// Skips ids that the log explains: an earlier opening recorded them, or a user accepted their loss.
void recovery::add_acknowledged(id_range ids, error_code& ec) {
    auto const accounted = read_accounted_ids(system_, root_, ec);
    if (ec) return;
    relies_on_log_ |= !accounted.empty();
    std::uint64_t next = ids.first;
    for (auto const& range : accounted) {
        if (range.first > ids.last) break;
        add_unaccounted({next, range.first - 1});
        if (range.last >= ids.last) return;
        next = std::max(next, range.last + 1);
    }
    add_unaccounted({next, ids.last});
}

void recovery::add_unaccounted(id_range ids) {
    if (ids.first > ids.last) return;
    std::uint64_t const durable = std::min(ids.last, durable_through());
    if (ids.first <= durable) add_finding(kind_type::lost_ids, {ids.first, durable}, lost_reason);
    std::uint64_t const written = std::max(ids.first, durable + 1);
    if (written <= ids.last) add_finding(kind_type::index_ahead, {written, ids.last}, index_ahead_reason);
}

void recovery::record(error_code& ec) {
    record_findings(system_, root_, report_.findings, ec);
    // The opening that wrote the log may have failed before syncing it.
    if (!ec && relies_on_log_ && report_.findings.empty()) sync_recovery_log(system_, root_, ec);
}

void recovery::cut_torn_tails(root_lock& lock, error_code& ec) {
    if (!torn_.empty() && !may_have_cut()) {
        auto cutting = *last_end_;
        cutting.state = end_state::cutting;
        lock.write(cutting, ec);
        if (ec) return;
    }
    for (auto const& torn : torn_) {
        if (torn.shared) continue;
        auto const path = path_of(*torn.where.owner, torn.where.number);
        owned_file const file(system_, system_.open_file(root_, path.c_str(), open_mode::append, ec));
        if (!ec) system_.truncate(file.get(), torn.offset, ec);
        if (ec) return;
        cut_.insert(path);
    }
    for (auto const& path : cut_) {
        sync_file(path, ec);
        if (ec) return;
    }
}

void recovery::sync_file(std::string const& path, error_code& ec) {
    owned_file const file(system_, system_.open_file(root_, path.c_str(), open_mode::read, ec));
    if (!ec) system_.sync(file.get(), ec);
}

void recovery::sync_kept_segments(error_code& ec) {
    std::set<std::string> directories;
    for (auto const& where : unsynced_) {
        auto const path = path_of(*where.owner, where.number);
        if (!cut_.contains(path)) sync_file(path, ec);
        if (ec) return;
        directories.insert({".", where.owner->domain, category_path(where.owner->domain, where.owner->name)});
    }
    for (auto const& path : directories) {
        sync_directory(system_, root_, path.c_str(), ec);
        if (ec) return;
        directories_->remove(path);
    }
}

}  // namespace audit_trail::storage

namespace audit_trail {

recovery_report plan_recovery(std::filesystem::path const& root, error_code& ec) {
    return storage::plan_recovery(storage::posix_file_system(), root, ec);
}

}  // namespace audit_trail
