#include "follower/line_queue.hpp"

#include "format/line_header.hpp"

namespace audit_trail::reading {

void line_block::add(std::string_view line, std::string_view path, std::uint64_t offset) {
    place added{0, line.size(), 0, path.size(), offset};
    if (is_last_path(path)) {
        added.path_begin = lines_.back().path_begin;
    } else {
        added.path_begin = text_.size();
        text_.append(path);
    }
    added.line_begin = text_.size();
    text_.append(line);
    lines_.push_back(added);
}

bool line_block::is_last_path(std::string_view path) const noexcept {
    return !lines_.empty() && text_at(lines_.back().path_begin, lines_.back().path_size) == path;
}

entry line_block::at(std::size_t index) const {
    place const& from = lines_[index];
    entry found;
    found.line = text_at(from.line_begin, from.line_size);
    found.path = text_at(from.path_begin, from.path_size);
    found.offset = from.offset;

    std::string_view line = found.line;
    if (line.ends_with('\r')) line.remove_suffix(1);
    format::line_header header;
    // Cannot fail: the cursor has checked the line.
    static_cast<void>(header.scan(line));
    header.copy_to(found.event);
    found.payload_offset = header.payload_offset();
    return found;
}

}  // namespace audit_trail::reading
