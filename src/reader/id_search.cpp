#include "reader/id_search.hpp"

#include <algorithm>
#include <limits>
#include <string_view>

#include "format/decode.hpp"
#include "storage/layout.hpp"
#include "system/file_operations.hpp"

namespace audit_trail::reading {
namespace {

constexpr std::uint64_t no_limit = std::numeric_limits<std::uint64_t>::max();
constexpr std::size_t probe_bytes = 64 * 1024;
constexpr std::size_t head_bytes = 64;  // enough for an id at its usual place
constexpr std::size_t most_lines = 8;
constexpr std::size_t least_lines = 2;
constexpr std::uint64_t most_bytes = 16 * 1024 * 1024;  // read by one probe
constexpr std::size_t most_segments = 8;                // probed together when single segments have too few lines

/// Adjacent lines with ids.
struct id_run {
    std::uint64_t position = 0;  // of the first line
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    std::size_t lines = 0;
    bool ascends = true;

    void add(std::uint64_t id, std::uint64_t at) {
        ascends = ascends && (lines == 0 || id > last);
        if (lines++ == 0) position = at, first = id;
        last = id;
    }
};

/// Reads lines from the middle of a segment. After an error the segment has no lines.
class segment_probe {
 public:
    segment_probe(storage::file_system& system, storage::file_handle root, std::string const& path)
        : system_(system), file_(system, system.open_file(root, path.c_str(), storage::open_mode::read, failure_)) {
        if (!failure_) size_ = system_.status(file_.get(), failure_).size;
    }

    std::uint64_t size() const noexcept { return size_; }

    /// Returns the number of bytes that the last `add_lines` read.
    std::uint64_t bytes_read() const noexcept { return bytes_read_; }

    /// Adds lines, from the first that begins in [begin, end) on. Loads no further chunk once the run has `enough`
    /// lines.
    void add_lines(std::uint64_t begin, std::uint64_t end, std::size_t enough, id_run& run) {
        bytes_read_ = 0;
        std::uint64_t line = begin == 0 ? 0 : next_line(begin, true);
        while (line < std::min(size_, run.lines == 0 ? end : no_limit) && run.lines < most_lines) {
            bool const may_load = run.lines < enough;
            if (!has_head(line) && (!may_load || !load(line))) return;
            if (auto const id = format::read_event_id(text_of(line))) run.add(*id, line);
            line = next_line(line, run.lines < enough);
        }
    }

 private:
    std::string_view buffered(std::uint64_t from) const noexcept {
        if (from < chunk_begin_ || from - chunk_begin_ >= chunk_.size()) return {};
        return std::string_view(chunk_).substr(static_cast<std::size_t>(from - chunk_begin_));
    }

    bool has_head(std::uint64_t line) const noexcept {
        auto const text = buffered(line);
        return text.size() >= std::min<std::uint64_t>(head_bytes, size_ - line) || text.find('\n') != text.npos;
    }

    std::string_view text_of(std::uint64_t line) const noexcept {
        auto const text = buffered(line);
        return text.substr(0, text.find('\n'));
    }

    /// The offset after the next newline; the end of the file if there is none, or if it is too far away.
    std::uint64_t next_line(std::uint64_t from, bool may_load) {
        while (from < size_) {
            auto const text = buffered(from);
            auto const newline = text.find('\n');
            if (newline != text.npos) return from + newline + 1;
            from += text.size();
            if (from < size_ && (!may_load || !load(from))) return size_;
        }
        return size_;
    }

    bool load(std::uint64_t from) {
        if (failure_ || bytes_read_ >= most_bytes) return false;
        chunk_.resize(probe_bytes);
        chunk_.resize(storage::read_fully_at(system_, file_.get(), from, chunk_, failure_));
        chunk_begin_ = from;
        bytes_read_ += chunk_.size();
        if (failure_) size_ = 0;
        return !failure_ && !chunk_.empty();
    }

    storage::file_system& system_;
    error_code failure_;
    storage::owned_file file_;
    std::uint64_t size_ = 0;
    std::string chunk_;
    std::uint64_t chunk_begin_ = 0;
    std::uint64_t bytes_read_ = 0;
};

/// Returns the highest position found in [0, end) whose lines all have ids below `event_id`, or 0. `probe` returns the
/// lines from the first in [middle, high) on. The search ends when the range is not larger than `resolution`.
template <typename Probe, typename Resolution>
std::optional<std::uint64_t> bisect(std::uint64_t end, std::uint64_t event_id, Probe probe, Resolution resolution) {
    std::uint64_t low = 0;
    std::uint64_t high = end;
    std::uint64_t id_at_low = 0;
    std::uint64_t id_at_high = no_limit;
    while (high - low > resolution()) {
        std::uint64_t const middle = low + (high - low) / 2;
        id_run const run = probe(middle, high);
        bool const fits = run.ascends && id_at_low < run.first && run.first < id_at_high;
        if (run.lines != 0 && !fits) return std::nullopt;
        if (run.lines >= least_lines && run.last < event_id) {
            low = run.position;
            id_at_low = run.first;
        } else {
            high = middle;
            if (run.lines != 0) id_at_high = run.first;
        }
    }
    return low;
}

}  // namespace

std::optional<std::size_t> find_segment(storage::file_system& system, storage::file_handle root,
                                        category_place const& place, std::vector<std::uint64_t> const& numbers,
                                        std::uint64_t event_id) {
    auto const probe = [&](std::uint64_t middle, std::uint64_t high) {
        id_run run;
        for (auto index = middle; index < numbers.size() && run.lines < least_lines; ++index) {
            if (index - middle == most_segments || (run.lines == 0 && index == high)) break;
            bool const is_first = run.lines == 0;
            segment_probe segment(system, root, storage::segment_path(place.domain, place.name, numbers[index]));
            segment.add_lines(0, no_limit, run.lines + 1, run);
            if (is_first) run.position = index;
        }
        return run;
    };
    return bisect(numbers.size(), event_id, probe, [] { return std::uint64_t{1}; });
}

std::optional<std::uint64_t> find_offset(storage::file_system& system, storage::file_handle root,
                                         std::string const& path, std::uint64_t event_id) {
    segment_probe segment(system, root, path);
    auto const probe = [&](std::uint64_t middle, std::uint64_t high) {
        id_run run;
        segment.add_lines(middle, high, least_lines, run);
        return run;
    };
    auto const resolution = [&] { return std::max<std::uint64_t>(segment.bytes_read(), probe_bytes); };
    return bisect(segment.size(), event_id, probe, resolution);
}

}  // namespace audit_trail::reading
