#include "reader/id_search.hpp"

#include <optional>
#include <string_view>

#include "format/decode.hpp"
#include "storage/file_operations.hpp"
#include "storage/layout.hpp"

namespace audit_trail::reading {
namespace {

constexpr std::size_t probe_bytes = 64 * 1024;

struct known_line {
    std::uint64_t offset;
    std::uint64_t event_id;
};

class prober {
 public:
    prober(storage::file_system& system, storage::file_handle root, std::string const& path)
        : system_(system), file_(system, system.open_file(root, path.c_str(), storage::open_mode::read, failure_)) {
        if (!failure_) size_ = system_.status(file_.get(), failure_).size;
    }

    std::uint64_t size() const noexcept { return failure_ ? 0 : size_; }

    /// The first line with an id that begins at `offset`, or behind it when that is not the beginning of the file, and
    /// that lies whole within the bytes of one probe.
    std::optional<known_line> line_from(std::uint64_t offset) {
        if (failure_) return std::nullopt;
        bytes_.resize(probe_bytes);
        bytes_.resize(storage::read_fully_at(system_, file_.get(), offset, bytes_, failure_));
        std::string_view const text = bytes_;
        std::size_t begin = offset == 0 ? 0 : behind_newline(text, 0);
        while (begin < text.size()) {
            std::size_t const next = behind_newline(text, begin);
            if (next > text.size()) break;
            auto const id = format::read_event_id(text.substr(begin, next - begin));
            if (id) return known_line{offset + begin, *id};
            begin = next;
        }
        return std::nullopt;
    }

 private:
    static std::size_t behind_newline(std::string_view text, std::size_t from) noexcept {
        auto const newline = text.find('\n', from);
        return newline == text.npos ? text.size() + 1 : newline + 1;
    }

    storage::file_system& system_;
    error_code failure_;
    storage::owned_file file_;
    std::uint64_t size_ = 0;
    std::string bytes_;
};

}  // namespace

std::size_t find_segment(storage::file_system& system, storage::file_handle root, category_place const& place,
                         std::vector<std::uint64_t> const& numbers, std::uint64_t event_id) {
    auto const first_line = [&](std::size_t index) {
        return prober(system, root, storage::segment_path(place.domain, place.name, numbers[index])).line_from(0);
    };
    std::size_t low = 0;  // begins at or below the id, or is the very first
    std::size_t high = numbers.size();
    while (high - low > 1) {
        std::size_t const middle = low + (high - low) / 2;
        std::size_t probed = middle;
        auto first = first_line(probed);
        while (!first && --probed > low) first = first_line(probed);
        if (first && first->event_id <= event_id) {
            low = probed;
        } else {
            high = first ? probed : middle;
        }
    }
    return low;
}

std::uint64_t find_offset(storage::file_system& system, storage::file_handle root, std::string const& path,
                          std::uint64_t event_id) {
    prober probe(system, root, path);
    std::uint64_t low = 0;  // the beginning of a line below the id, or of the file
    std::uint64_t high = probe.size();
    while (high - low > probe_bytes) {
        std::uint64_t const middle = low + (high - low) / 2;
        auto const line = probe.line_from(middle);
        if (line && line->offset < high && line->event_id < event_id) {
            low = line->offset;
        } else {
            high = middle;
        }
    }
    return low;
}

}  // namespace audit_trail::reading
