#include "storage/log_replay.hpp"

#include <algorithm>
#include <cerrno>
#include <cstddef>

#include "format/decode.hpp"
#include "format/names.hpp"
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

constexpr char cut_short[] =
    "the segment is missing, or shorter than when the lines were written; lines in the commit log were not restored";
constexpr char changed[] =
    "the segment has other text where the lines were written; lines in the commit log were not restored";
constexpr char shared[] = "the segment has more than one link; lines in the commit log were not restored";
constexpr char not_a_segment[] = "the path leads to another kind of file; lines in the commit log were not restored";
constexpr char after_damage[] =
    "lines in the commit log were not restored, because lines before them are missing, which were in the damaged part of "
    "the log";

/// Contains the generation, so that the findings of two crashes differ.
std::string reason_of_loss(std::uint64_t generation, std::string const& what) {
    return "the commit log of the last writer (generation " + std::to_string(generation) + ") " + what +
           "; events that were acknowledged as synced may be lost";
}

std::string reason_of_damage(std::uint64_t offset) {
    return "the commit log is damaged at offset " + std::to_string(offset) +
           "; the records after it were used; ids of events that only the damaged part had are reported as lost";
}

struct path_parts {
    std::string_view domain, category, segment;
};

/// Returns nothing unless this is the path of a segment.
std::optional<path_parts> split(std::string_view path) {
    auto const first = path.find('/');
    auto const last = path.rfind('/');
    if (first == path.npos || first == last) return std::nullopt;
    path_parts const parts{path.substr(0, first), path.substr(first + 1, last - first - 1), path.substr(last + 1)};
    bool const is_valid = format::is_valid_name(parts.domain) && format::is_valid_name(parts.category) &&
                          parse_segment_name(parts.segment);
    return is_valid ? std::optional(parts) : std::nullopt;
}

/// Returns true if bytes of the file differ from the lines of the log, and are text: a program wrote them. After a power
/// cut, a file system leaves NULs, or bytes of any value that were on the disk before.
bool is_other_text(std::string_view found, std::string_view lines) {
    bool differs = false;
    for (std::size_t n = 0; n != std::min(found.size(), lines.size()); ++n) {
        if (found[n] == lines[n] || found[n] == '\0') continue;
        bool const is_text = found[n] == '\n' || (found[n] >= ' ' && found[n] <= '~');
        if (!is_text) return false;
        differs = true;
    }
    return differs;
}

/// Calls `each(begin, line)` for each line, with its newline.
template <class Each>
void for_each_line(std::string_view lines, Each each) {
    for (std::size_t begin = 0; begin < lines.size();) {
        auto const end = std::min(lines.find('\n', begin), lines.size() - 1) + 1;
        each(begin, lines.substr(begin, end - begin));
        begin = end;
    }
}

/// Appends the ids of the lines that end after `known` bytes.
void collect_ids(std::string_view lines, std::size_t known, std::vector<std::uint64_t>& ids) {
    for_each_line(lines, [&](std::size_t begin, std::string_view line) {
        if (begin + line.size() <= known) return;
        if (auto const id = format::read_event_id(line.substr(0, line.find('\n')))) ids.push_back(*id);
    });
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
    bool const was_moved = moved_.was_moved(generation_.value_or(0), ec);
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
    next_id_ = 0;
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

/// If the log is damaged, pieces before the damage are restored. Otherwise an objection means that the segment is left
/// alone.
void log_replay::compare(std::string const& path, segment_lines& lines, error_code& ec) {
    owned_file file;
    bool const is_segment = split(path).has_value();
    if (is_segment) file = owned_file(system_, system_.open_file(root_, path.c_str(), open_mode::read, ec));
    bool const is_missing = is_errno(ec, ENOENT);
    bool const is_foreign = !is_segment || ec == error::not_a_trail;
    if (ec && !is_missing && !is_foreign) return;
    auto const status = file ? system_.status(file.get(), ec) : file_status{};
    if (!file) ec = {};
    if (ec) return;

    restored_segment result{status.size, 0, {}};
    std::uint64_t size = status.size;
    std::size_t placed = 0;
    bool lacks = false;
    if (is_foreign) lines.objection = not_a_segment;
    for (auto const& piece : lines.pieces) {
        if (!lines.objection && piece.offset > size) lines.objection = cut_short;
        if (!lines.objection) lacks |= compare_piece(file.get(), status.size, piece, lines, result, ec);
        if (ec) return;
        if (lines.objection) break;
        size = std::max(size, piece.offset + piece.lines.size());
        result.end = std::max(result.end, piece.offset + piece.lines.size());
        ++placed;
    }
    lines.is_shared = status.links > 1;
    if (lacks && lines.is_shared) lines.objection = shared;
    bool const is_left_alone = lines.objection && (!content_.damage || is_foreign || lines.is_shared);
    if (is_left_alone) placed = 0;
    if (lines.objection && !is_left_alone) lines.objection = after_damage;
    auto const first_unplaced = lines.pieces.begin() + static_cast<std::ptrdiff_t>(placed);
    lines.unplaced.assign(first_unplaced, lines.pieces.end());
    lines.pieces.erase(first_unplaced, lines.pieces.end());
    if (lacks && placed != 0) restored_.emplace(path, std::move(result));
}

/// Returns true if the segment lacks lines of the piece. `size` is the size of the file.
bool log_replay::compare_piece(file_handle file, std::uint64_t size, log_piece const& piece, segment_lines& lines,
                               restored_segment& result, error_code& ec) {
    std::uint64_t const begin = piece.offset == 0 ? 0 : piece.offset - 1;
    std::string existing(begin < size ? std::min(size - begin, piece.lines.size() + piece.offset - begin) : 0, '\0');
    if (read_fully_at(system_, file, begin, existing, ec) != existing.size() || ec) return false;
    std::string_view found = existing;
    if (piece.offset != 0 && !found.empty()) {
        bool const follows_piece = piece.offset == result.end;
        if (!follows_piece && found.front() != '\n') return lines.objection = changed, false;
        found.remove_prefix(1);
    }
    auto const same = static_cast<std::size_t>(std::ranges::mismatch(found, piece.lines).in1 - found.begin());
    has_common_line_ |= found.substr(0, same).find('\n') != found.npos;
    if (same == piece.lines.size()) return false;
    if (is_other_text(found, piece.lines)) return lines.objection = changed, false;
    result.begin = std::min(result.begin, piece.offset + same);
    collect_ids(piece.lines, same, result.ids);
    return true;
}

/// Collects the lines of `unplaced` that the segment does not have at their place.
void log_replay::collect_missing_lines(std::string const& path, segment_lines const& lines, error_code& ec) {
    if (lines.unplaced.empty()) return;
    failed_path_ = path;
    owned_file file;
    if (split(path)) file = owned_file(system_, system_.open_file(root_, path.c_str(), open_mode::read, ec));
    if (is_errno(ec, ENOENT) || ec == error::not_a_trail) ec = {};
    for (auto const& piece : lines.unplaced) {
        std::string existing(file ? piece.lines.size() : 0, '\0');
        if (!ec) existing.resize(read_fully_at(system_, file.get(), piece.offset, existing, ec));
        if (ec) return;
        for_each_line(piece.lines, [&](std::size_t begin, std::string_view line) {
            bool const is_there = begin < existing.size() && existing.compare(begin, line.size(), line) == 0;
            if (!is_there) moved_.add_line(line);
        });
    }
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
    auto const parts = *split(path);
    std::string const domain(parts.domain);
    std::string const category = category_path(parts.domain, parts.category);
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
