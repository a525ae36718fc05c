#include "storage/log_replay.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>

#include "format/decode.hpp"
#include "format/names.hpp"
#include "storage/layout.hpp"
#include "storage/recovery_log.hpp"

namespace audit_trail::storage {
namespace {

using kind_type = recovery_finding::kind_type;

constexpr std::uint64_t longest_record = std::uint64_t{1} << 30;

constexpr char restored_reason[] = "the commit log has these lines, and the segment did not have them";
constexpr char missing_reason[] =
    "the commit log of the last writer is missing; events that were acknowledged as synced may be lost";
constexpr char foreign_file_reason[] =
    ".commit-log is not a regular file with one link; it was left alone, and is not used";
constexpr char unreadable_reason[] = "the commit log is damaged, or has another format; only the segments count";
constexpr char other_generation_reason[] =
    "the commit log belongs to another trail, or to an older copy of this one; it was not replayed";
constexpr char unrestored_reason[] = "it has lines that were not restored, because their segments were changed";

constexpr char cut_short[] =
    "another program removed the segment or cut it short; lines in the commit log were not restored";
constexpr char replaced[] = "another program changed the segment; lines in the commit log were not restored";
constexpr char not_a_segment[] = "the path leads to another kind of file; lines in the commit log were not restored";

bool is_zero(std::string_view bytes) {
    return bytes.find_first_not_of('\0') == bytes.npos;
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

/// Appends the ids of the lines that end after `known` bytes.
void collect_ids(std::string_view lines, std::size_t known, std::vector<std::uint64_t>& ids) {
    std::size_t end = 0;
    for (std::size_t begin = 0; begin < lines.size(); begin = end + 1) {
        end = std::min(lines.find('\n', begin), lines.size());
        if (end < known) continue;
        if (auto const id = format::read_event_id(lines.substr(begin, end - begin))) ids.push_back(*id);
    }
}

}  // namespace

void log_replay::survey(error_code& ec) {
    read_log(ec);
    for (auto& [path, lines] : segments_) {
        if (!ec) compare(path, lines, ec);
    }
    if (ec) return;
    for (auto const& [path, result] : restored_) note_restored(path, result);
    for (auto const& [path, lines] : segments_) {
        if (lines.objection) note_objection(path, lines);
    }
    bool const is_incomplete =
        std::ranges::any_of(segments_, [](auto const& each) { return each.second.objection != nullptr; });
    if (is_incomplete) {
        must_move_ = true;
        note_unusable(unrestored_reason);
    }
    if (must_move_) choose_name(ec);
}

void log_replay::read_log(error_code& ec) {
    owned_file const log(system_, system_.open_file(root_, commit_log_name, open_mode::read, ec));
    if (is_errno(ec, ENOENT) || ec == error::not_a_trail) {
        bool const is_foreign = ec == error::not_a_trail;
        ec = {};
        if (generation_ != 0) note_unusable(is_foreign ? foreign_file_reason : missing_reason);
        return;
    }
    if (ec || judge(log.get(), ec) != usability::usable || ec) return;
    read_records(log.get(), ec);
}

log_replay::usability log_replay::judge(file_handle log, error_code& ec) {
    std::array<char, log_header::bytes> bytes{};
    auto const size = read_fully_at(system_, log, 0, bytes, ec);
    if (ec) return usability::unusable;
    std::string_view const begin(bytes.data(), size);
    header_ = parse_log_header(begin);
    if (header_ && header_->generation == generation_) return usability::usable;
    if (header_) {
        // A file that was prepared but not used yet, or cleared at the end of the last writer.
        std::uint64_t const own = header_->generation;
        bool const has_records = read_record(log, header_->tail, header_->sequence, ec) && own != generation_;
        records_.clear();
        if (!has_records && generation_ == 0) return usability::absent;
        must_move_ = has_records;
        note_unusable(has_records ? other_generation_reason : missing_reason);
        return usability::unusable;
    }
    if (is_zero(begin)) {
        if (generation_ != 0) note_unusable(missing_reason);
        return usability::absent;
    }
    must_move_ = true;
    note_unusable(unreadable_reason);
    return usability::unusable;
}

void log_replay::read_records(file_handle log, error_code& ec) {
    std::uint64_t position = header_->tail;
    for (std::uint64_t sequence = header_->sequence;; ++sequence) {
        bool found = read_record(log, position, sequence, ec);
        if (!found && !ec && position != first_log_position) {
            position = first_log_position;
            found = read_record(log, position, sequence, ec);
        }
        if (!found || ec) break;
        position += records_.back().size();
        end_position_ = position;
    }
    for (auto const& bytes : records_) {
        auto const record = parse_log_record(bytes);
        next_id_ = std::max(next_id_, record->next_id);
        for (auto const& piece : record->pieces) {
            segments_[std::string(piece.path)].pieces.push_back(piece);
        }
    }
}

/// Adds the record at this position, if there is one, to `records_`.
bool log_replay::read_record(file_handle log, std::uint64_t position, std::uint64_t sequence, error_code& ec) {
    std::string bytes(log_record_builder::header_bytes, '\0');
    auto const count = read_fully_at(system_, log, position, bytes, ec);
    auto const size = log_record_size({bytes.data(), count}, header_->generation, sequence);
    if (ec || !size || *size > longest_record) return false;
    bytes.resize(*size);
    if (read_fully_at(system_, log, position, bytes, ec) != *size || ec) return false;
    if (!parse_log_record(bytes)) return false;
    records_.push_back(std::move(bytes));
    return true;
}

void log_replay::compare(std::string const& path, segment_lines& lines, error_code& ec) {
    if (!split(path)) return lines.objection = not_a_segment, void();
    owned_file const file(system_, system_.open_file(root_, path.c_str(), open_mode::read, ec));
    bool const is_missing = is_errno(ec, ENOENT);
    if (ec == error::not_a_trail) return ec = {}, lines.objection = not_a_segment, void();
    if (ec && !is_missing) return;
    ec = {};
    auto const status = is_missing ? file_status{} : system_.status(file.get(), ec);
    if (ec) return;

    restored_segment result{status.size, 0, {}};
    std::uint64_t size = status.size;
    bool lacks = false;
    for (auto const& piece : lines.pieces) {
        if (piece.offset > size) lines.objection = cut_short;
        if (!lines.objection) lacks |= compare_piece(file.get(), status.size, piece, lines, result, ec);
        if (ec || lines.objection) return;
        size = std::max(size, piece.offset + piece.lines.size());
        result.end = std::max(result.end, piece.offset + piece.lines.size());
    }
    if (lacks && status.links > 1) return lines.objection = not_a_segment, void();
    lines.is_shared = status.links > 1;
    if (lacks) restored_.emplace(path, std::move(result));
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
        if (!follows_piece && found.front() != '\n') return lines.objection = replaced, false;
        found.remove_prefix(1);
    }
    auto const same = static_cast<std::size_t>(std::ranges::mismatch(found, piece.lines).in1 - found.begin());
    if (same == piece.lines.size()) return false;
    if (is_other_text(found, piece.lines)) return lines.objection = replaced, false;
    result.begin = std::min(result.begin, piece.offset + same);
    collect_ids(piece.lines, same, result.ids);
    return true;
}

void log_replay::restore(error_code& ec) {
    for (auto const& [path, lines] : segments_) {
        bool const is_left_alone = lines.objection || lines.is_shared;
        if (!is_left_alone) restore_segment(path, lines, ec);
        if (ec) return;
    }
    for (auto const& directory : directories_) {
        if (!ec) sync_directory(system_, root_, directory.c_str(), ec);
    }
}

void log_replay::finish(error_code& ec) {
    ec = {};
    if (must_move_) return move_away(ec);
    if (!records_.empty()) clear(ec);
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
    log_header const cleared{generation_, end_position_, header_->sequence + records_.size()};
    write_fully_at_synced(system_, log.get(), 0, format_log_header(cleared), ec);
}

/// Takes the first of the names commit-log.1, commit-log.2 … that is free.
void log_replay::choose_name(error_code& ec) {
    auto& name = findings_.back().saved_as;
    for (int n = 1; !ec; ++n) {
        name = std::string(broken_name) + "/commit-log." + std::to_string(n);
        system_.status_at(root_, name.c_str(), ec);
    }
    if (is_errno(ec, ENOENT) || is_errno(ec, ENOTDIR) || ec == error::not_a_trail) ec = {};
}

void log_replay::move_away(error_code& ec) {
    ensure_directory(system_, root_, broken_name, ec);
    if (ec) return;
    owned_file const broken(system_, system_.open_directory(root_, broken_name, ec));
    std::string const& path = findings_.back().saved_as;
    if (!ec) system_.move(root_, commit_log_name, broken.get(), path.c_str() + path.rfind('/') + 1, ec);
    if (!ec) system_.sync(broken.get(), ec);
    if (!ec) system_.sync(root_, ec);
}

void log_replay::note_unusable(char const* reason) {
    auto& finding = findings_.emplace_back(new_finding(kind_type::unusable_log));
    finding.path = commit_log_name;
    finding.reason = reason;
}

void log_replay::note_objection(std::string const& path, segment_lines const& lines) {
    auto& finding = findings_.emplace_back(new_finding(kind_type::unrestored_lines));
    finding.path = path;
    finding.offset = lines.pieces.front().offset;
    for (auto const& piece : lines.pieces) finding.bytes += piece.lines.size();
    finding.reason = lines.objection;
}

void log_replay::note_restored(std::string const& path, restored_segment const& result) {
    auto& finding = findings_.emplace_back(new_finding(kind_type::restored_lines));
    finding.path = path;
    finding.offset = result.begin;
    finding.bytes = result.end - result.begin;
    if (!result.ids.empty()) finding.first_id = result.ids.front();
    if (!result.ids.empty()) finding.last_id = result.ids.back();
    finding.reason = restored_reason;
}

}  // namespace audit_trail::storage
