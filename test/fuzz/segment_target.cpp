/// \file
/// Reads any bytes as a segment: readers must account for every byte.
#include <stdlib.h>

#include <algorithm>
#include <audit_trail/reader.hpp>
#include <audit_trail/verify.hpp>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "fuzz/require.hpp"

namespace {

namespace fs = std::filesystem;
using namespace audit_trail;
using test::require;

constexpr char const* segment_path = "d/c/audit-000001.jsonl";

/// A trail of one segment, whose bytes change from input to input.
class one_segment {
 public:
    one_segment() {
        std::string name = (fs::temp_directory_path() / "audit_trail_fuzz_XXXXXX").string();
        require(::mkdtemp(name.data()) != nullptr, "there is a temporary directory");
        root_ = name;
        fs::create_directories((root_ / segment_path).parent_path());
    }
    ~one_segment() { fs::remove_all(root_); }
    one_segment(one_segment const&) = delete;
    one_segment& operator=(one_segment const&) = delete;

    fs::path const& root() const noexcept { return root_; }
    void write(std::string_view bytes) const {
        std::ofstream(root_ / segment_path, std::ios::binary)
            .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    }

 private:
    fs::path root_;
};

/// Lines by their offset, found in the simplest way; the last may lack its newline.
std::map<std::uint64_t, std::string_view> split(std::string_view bytes) {
    std::map<std::uint64_t, std::string_view> lines;
    for (std::size_t begin = 0; begin < bytes.size();) {
        std::size_t const newline = std::min(bytes.find('\n', begin), bytes.size());
        lines.emplace(begin, bytes.substr(begin, newline - begin));
        begin = newline + 1;
    }
    return lines;
}

void check_entry(entry& found, std::map<std::uint64_t, std::string_view> const& lines) {
    auto const at = lines.find(found.offset);
    require(at != lines.end() && at->second == found.line, "an event is a whole line");
    require(found.path == segment_path, "an event tells its segment");
    require(found.event.domain == "d" && found.event.category == "c", "an event belongs to its directory");
    require(found.event.event_id != 0, "an event has an id");
    error_code const failed = found.decode_payload();
    require(!failed || !found.event.payload, "a payload is whole or absent");
}

/// Returns how many events there are.
std::uint64_t check_reading(fs::path const& root, std::string_view bytes, reader_options options) {
    auto const lines = split(bytes);
    options.max_findings = std::numeric_limits<std::size_t>::max();
    reader source(root, {}, options);
    std::set<std::uint64_t> accounted;
    std::uint64_t events = 0;
    for (entry& found : source) {
        check_entry(found, lines);
        require(accounted.insert(found.offset).second, "a line is given once");
        ++events;
    }
    auto const& report = source.report();
    for (auto const& finding : report.findings) {
        require(lines.contains(finding.offset), "a finding tells where a line begins");
        require(!finding.text.empty(), "a finding says what it is");
        accounted.insert(finding.offset);
    }
    require(accounted.size() == lines.size(), "every line is an event or a finding");
    require(report.bytes == bytes.size(), "every byte was looked at");
    require(report.matched == events, "events are counted");
    return events;
}

void check_verification(fs::path const& root, std::string_view bytes, std::uint64_t events) {
    auto const report = verify(root);
    require(report.bytes == bytes.size(), "every byte was verified");
    require(report.events == events, "every event was verified");
    require(report.is_whole() == (bytes.empty()), "without an index.json, no event is whole");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    static one_segment const trail;
    std::string_view const bytes(reinterpret_cast<char const*>(data), size);
    trail.write(bytes);

    reader_options tight;
    tight.order = read_order::segment;
    tight.max_line_bytes = 200;
    tight.max_buffer_bytes = 1;
    tight.max_open_segments = 1;
    std::uint64_t const short_events = check_reading(trail.root(), bytes, tight);
    tight.order = read_order::newest_first;
    require(check_reading(trail.root(), bytes, tight) == short_events, "both directions give the same events");
    std::uint64_t const events = check_reading(trail.root(), bytes, {});
    check_verification(trail.root(), bytes, events);
    return 0;
}
