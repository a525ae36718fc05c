#include "storage/log_replay.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "storage/layout.hpp"
#include "storage/recovery_log.hpp"

namespace audit_trail::storage {
namespace {

using kind_type = recovery_finding::kind_type;

constexpr char restored_reason[] = "the commit log has these lines, and the segment did not have them";

constexpr char unreadable_reason[] = "the commit log is damaged, or has another format; only the segments count";
constexpr char damaged_header_reason[] =
    "the header of the commit log is damaged; records were found, but it is not known which of them were cleared, so no "
    "line was restored";
constexpr char other_generation_reason[] =
    "the commit log belongs to another trail, or to an older copy of this one; it was not replayed";
constexpr char unknown_owner_reason[] =
    ".lock is missing or damaged, so it is not known whether the commit log belongs to this trail; it was not replayed";
constexpr char unrestored_reason[] = "it has lines that were not restored, because they do not fit their segments";

/// Contains the generation, so that the findings of two crashes differ.
std::string reason_of_loss(std::uint64_t generation, std::string const& what) {
    return "the commit log of the last writer (generation " + std::to_string(generation) + ") " + what +
           "; events that were acknowledged as synced may be lost";
}

std::string reason_of_damage(std::uint64_t offset) {
    return "the commit log is damaged at offset " + std::to_string(offset) +
           "; the records after it were used; ids of events that only the damaged part had are reported as lost";
}

}  // namespace

void log_replay::survey(error_code& ec) {
    failed_path_ = commit_log_name;
    read_log(ec);
    if (ec) return;
    sort_pieces();
    if (is_replayed_) compare_segments(ec);
    if (ec) return;
    if (is_replayed_ && !is_owned()) restore_nothing();
    for (auto const& [path, lines] : segments_) {
        if (!ec) collect_missing_lines(path, lines, ec);
    }
    failed_path_ = broken_name;
    if (!ec && must_move_) moved_.choose_names(ec);
    if (!ec) note_findings();
}

void log_replay::read_log(error_code& ec) {
    owned_file const log(system_, system_.open_file(root_, commit_log_name, open_mode::read, ec));
    if (is_errno(ec, ENOENT)) return note_missing(ec);
    if (ec == error::not_a_trail) return ec = {}, note_lost("is not a regular file; it was left alone and not used");
    if (!ec) content_ = read_commit_log(system_, log.get(), ec);
    bool const was_cleared = generation_ == 0;
    std::uint64_t const generation = content_.header ? content_.header->generation : generation_.value_or(0);
    if (!ec && !was_cleared && generation != 0) find_later_records(system_, log.get(), generation, content_, ec);
    if (!ec) judge();
}

/// An opening that was interrupted may have recorded and moved the log.
void log_replay::note_missing(error_code& ec) {
    ec = {};
    if (generation_.value_or(0) == 0) return;
    bool const was_moved = moved_.was_moved(*generation_, ec);
    if (!ec && !was_moved) note_lost("is missing");
}

void log_replay::judge() {
    if (!content_.header) return judge_damaged_header();
    bool const has_records = !content_.records.empty();
    std::uint64_t const generation = content_.header->generation;
    is_replayed_ = generation_ ? generation == *generation_ && generation != 0 : has_records;
    if (is_replayed_ && content_.damage) return keep_log(reason_of_damage(*content_.damage));
    if (is_replayed_) return;
    if (has_records) return keep_log(other_generation_reason);
    note_lost("was replaced by an empty file");  // which a writer prepared, or cleared at its end
}

void log_replay::judge_damaged_header() {
    if (!content_.records.empty()) return keep_log(damaged_header_reason);
    if (!content_.is_zeroed) return keep_log(unreadable_reason);
    note_lost("was overwritten with zeros");
}

/// Does nothing if `.lock` names no log: then there is nothing to replay.
void log_replay::note_lost(std::string const& what) {
    if (generation_.value_or(0) != 0) reason_ = reason_of_loss(*generation_, what);
}

void log_replay::sort_pieces() {
    bool const is_own = is_replayed_ || !content_.header;
    for (auto const& bytes : content_.records) {
        auto const record = parse_log_record(bytes);
        if (is_own) next_id_ = std::max(next_id_, record->next_id);
        for (auto const& piece : record->pieces) {
            auto& lines = segments_[std::string(piece.path)];
            (is_replayed_ ? lines.pieces : lines.unplaced).push_back(piece);
        }
    }
}

void log_replay::compare_segments(error_code& ec) {
    for (auto& [path, lines] : segments_) {
        failed_path_ = path;
        compare(path, lines, ec);
        if (ec) return;
        if (lines.objection && reason_.empty()) keep_log(unrestored_reason);
    }
}

/// Without a generation in `.lock`, the segments must show that the log belongs to them.
bool log_replay::is_owned() const {
    if (generation_) return true;
    return has_common_line_ && std::ranges::none_of(segments_, [](auto const& each) { return each.second.objection; });
}

void log_replay::restore_nothing() {
    keep_log(unknown_owner_reason);
    is_replayed_ = false;
    if (!has_common_line_) next_id_ = 0;
    restored_.clear();
    for (auto& [path, lines] : segments_) {
        lines.unplaced.insert(lines.unplaced.begin(), lines.pieces.begin(), lines.pieces.end());
        lines.pieces.clear();
        lines.objection = nullptr;
    }
}

void log_replay::keep_log(std::string reason) {
    must_move_ = true;
    reason_ = std::move(reason);
}

void log_replay::restore(error_code& ec) {
    if (must_move_) moved_.save_lines(ec);
    for (auto const& [path, lines] : segments_) {
        if (!ec && !lines.pieces.empty() && !lines.is_shared) restore_segment(path, lines, ec);
    }
    for (auto const& directory : directories_) {
        if (!ec) sync_directory(system_, root_, directory.c_str(), ec);
    }
}

void log_replay::finish(error_code& ec) {
    ec = {};
    if (must_move_) return moved_.move(ec);
    if (clears()) clear(ec);
}

/// Writes all lines, also those that the segment has: after a failed sync, a file may have them only in memory, and the
/// kernel does not write them to the disk again.
void log_replay::restore_segment(std::string const& path, segment_lines const& lines, error_code& ec) {
    make_directories(path, ec);
    if (ec) return;
    owned_file const file(system_, system_.open_file(root_, path.c_str(), open_mode::read_write, ec));
    for (auto const& piece : lines.pieces) {
        if (!ec) write_fully_at(system_, file.get(), piece.offset, piece.lines, ec);
    }
    if (!ec) system_.sync(file.get(), ec);
}

void log_replay::make_directories(std::string const& path, error_code& ec) {
    std::string const category = path.substr(0, path.rfind('/'));
    std::string const domain = category.substr(0, category.find('/'));
    ensure_directory(system_, root_, domain.c_str(), ec);
    if (!ec) ensure_directory(system_, root_, category.c_str(), ec);
    directories_.insert({".", domain, category});
}

void log_replay::clear(error_code& ec) {
    owned_file const log(system_, system_.open_file(root_, commit_log_name, open_mode::read_write, ec));
    if (ec) return;
    auto const& header = *content_.header;
    log_header const cleared{header.generation, content_.end, header.sequence + content_.records.size()};
    write_fully_at_synced(system_, log.get(), 0, format_log_header(cleared), ec);
}

void log_replay::note_findings() {
    for (auto const& [path, result] : restored_) {
        auto& finding = findings_.emplace_back(new_finding(kind_type::restored_lines));
        finding.path = path;
        finding.offset = result.begin;
        finding.bytes = result.end - result.begin;
        if (!result.ids.empty()) finding.first_id = result.ids.front();
        if (!result.ids.empty()) finding.last_id = result.ids.back();
        finding.reason = restored_reason;
    }
    for (auto const& [path, lines] : segments_) {
        if (!lines.objection) continue;
        auto& finding = findings_.emplace_back(new_finding(kind_type::unrestored_lines));
        finding.path = path;
        finding.offset = lines.unplaced.front().offset;
        for (auto const& piece : lines.unplaced) finding.bytes += piece.lines.size();
        finding.reason = lines.objection;
    }
    if (reason_.empty()) return;
    auto& finding = findings_.emplace_back(new_finding(kind_type::unusable_log));
    finding.path = commit_log_name;
    if (must_move_) finding.saved_as = moved_.name();
    finding.reason = reason_;
    auto const lines_name = moved_.lines_name();
    if (must_move_ && !lines_name.empty()) finding.reason += "; " + lines_name + " has its lines that no segment has";
}

}  // namespace audit_trail::storage
