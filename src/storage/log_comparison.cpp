// Implements the comparison of the commit log with the segments in log_replay.

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <string_view>

#include "format/decode.hpp"
#include "format/names.hpp"
#include "storage/layout.hpp"
#include "storage/log_replay.hpp"

namespace audit_trail::storage {
namespace {

constexpr char cut_short[] =
    "the segment is missing, or shorter than when the lines were written; lines in the commit log were not restored";
constexpr char changed[] =
    "the segment has other text where the lines were written; lines in the commit log were not restored";
constexpr char shared[] = "the segment has more than one link; lines in the commit log were not restored";
constexpr char not_a_segment[] = "the path leads to another kind of file; lines in the commit log were not restored";
constexpr char after_damage[] =
    "lines in the commit log were not restored, because lines before them are missing, which were in the damaged part of "
    "the log";

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
    // It is not written again, so what the disk has must be compared: after a failed sync, memory has more.
    if (status.links > 1) system_.drop_cache(file.get(), ec);
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

}  // namespace audit_trail::storage
