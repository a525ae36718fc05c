/// \file
/// Reads a trail: returns the events that pass a filter, one after the other, and reports damage.
///
/// \code
/// audit_trail::event_filter filter;
/// filter.model_names = {"gpt-2"};
/// audit_trail::reader reader("/var/lib/server/audit", filter);
/// for (audit_trail::entry& found : reader) std::cout << found.line << '\n';
/// for (auto const& finding : reader.report().findings) std::cerr << finding.path << ": " << finding.text << '\n';
/// \endcode
///
/// # A snapshot
///
/// A reader returns the trail as it was at construction, and only committed events. While a writer has the root, it
/// returns the events up to the id in index.json. Without a writer, it returns every complete line; lines that a later
/// writer adds are not returned. At the end the reader does not wait for new events; use a `follower` for that.
///
/// Segments that are deleted during the reading, the oldest of a category first, are not damage: the report notes what
/// could no longer be read.
///
/// # What counts as an event
///
/// The reader checks every line up to its payload. It checks a line that passes the filter to its last byte: the line
/// must be JSON and Unicode text, at most 128 levels deep, with the domain and category of its directory. So an
/// incomplete line is never returned. Whether the payload also fits this library's types is known only after
/// `entry::decode_payload`. Damage in the payload of a line that does not pass the filter is not detected; to detect
/// all damage, read without a filter, or verify the trail.
///
/// Ids increase within a category, because writers give them so. If they do not, the reader reports it
/// (`error::id_out_of_order`) and returns the event.
///
/// In `read_order::newest_first` the reader finds the same damage, from the end on. A line that is reported out of
/// order was returned before the line that proves it.
///
/// # Limits on ids
///
/// With `event_filter::max_event_id`, the reader stops reading a category after 8 successive lines with higher ids. So
/// up to 7 successive lines with ids that were changed to higher ids hide no event. With `min_event_id`, a binary
/// search finds the first segment and offset. Each probe examines up to 8 successive lines. If the ids of the probes
/// contradict each other, the reader reports it and reads the category from its beginning. A line that was moved far
/// away may be missed: to detect that, read without limits, or verify the trail.
///
/// In `read_order::newest_first`, the reader searches the place where a forward read would stop, begins there, and
/// stops after 8 successive lines with ids below `min_event_id`.
///
/// # Cost
///
/// `reader_options` bounds memory and open files for any content of the files. In addition, each category needs a few
/// hundred bytes, and each segment 8 bytes. If the last writer did not close the root, construction reads the end of
/// each category. The reader follows no symbolic links, and never writes.
///
/// All functions block on the disk. Not thread safe: only one thread may use a reader at a time. A reader uses no
/// executor; in an event loop, use a `follower`, or a reader on another thread.
#pragma once

#include <audit_trail/detail/api.hpp>
#include <audit_trail/entry.hpp>
#include <audit_trail/error.hpp>
#include <audit_trail/event_filter.hpp>
#include <audit_trail/read_report.hpp>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>

namespace audit_trail {

enum class read_order {
    event_id,     ///< ascending ids, over all categories
    segment,      ///< domains and categories by name, segments by number; needs no memory per category
    newest_first  ///< descending ids, over all categories; reads each segment from its end, so a few events cost little
};

struct reader_options {
    read_order order = read_order::event_id;

    /// Longer lines are reported (`error::line_too_long`) and skipped. The default is the maximum of
    /// `writer_options::max_event_bytes`, so it skips no line of a writer.
    std::size_t max_line_bytes = 16 * 1024 * 1024;

    /// Whether the reader reads payloads. If false, damage in payloads is not detected, and `entry::line` stays empty.
    /// This is faster if you only need to know who did what, and when.
    bool with_payloads = true;

    /// How many findings of each reason the report keeps. More findings are only counted.
    std::size_t max_findings = 100;

    /// How many segments may be open at once. Minimum 1.
    std::size_t max_open_segments = 64;

    /// How many bytes are buffered for all segments together. A single long line may exceed the limit.
    std::size_t max_buffer_bytes = 32 * 1024 * 1024;

    /// `next` and `count` call this function on their thread with the current report, every few MiB of files, also if
    /// no event passes the filter. It must not throw, and must not use the reader.
    std::function<void(read_report const&)> on_progress;
};

namespace reading {
class reader_impl;
}

class AUDIT_TRAIL_API reader {
 public:
    class iterator;

    /// Opens the root and takes the snapshot. Filter and options are copied. A directory without a trail is not an
    /// error (see `check_trail`).
    ///
    /// \throws boost::system::system_error if the root cannot be opened: `error::not_a_trail`,
    ///         `error::openat2_unavailable` or a system error; everything else is a finding of the report
    explicit reader(std::filesystem::path const& root, event_filter filter = {},
                    read_order order = read_order::event_id);
    reader(std::filesystem::path const& root, event_filter filter, reader_options const& options);

    /// The same without exceptions. If `ec` is set, the reader returns no events.
    reader(std::filesystem::path const& root, event_filter filter, reader_options const& options, error_code& ec);

    /// A reader that was moved from can only be destroyed or assigned to.
    reader(reader&&) noexcept;
    reader& operator=(reader&&) noexcept;
    ~reader();

    /// Returns the next event, or nothing at the end. Errors during reading are findings of the report.
    std::optional<entry> next();

    /// Writes the next event into `into`, whose memory is reused. Returns false at the end.
    bool next(entry& into);

    /// Reads to the end without building events, and returns how many events were left. Does not count missing ids.
    /// Afterwards the reader is at its end.
    std::uint64_t count();

    /// Iterates over the remaining events. The reader must outlive the iterator; there is only one pass.
    inline iterator begin();
    std::default_sentinel_t end() const noexcept { return {}; }

    /// Returns the findings so far; the report is complete at the end. The reference is valid until the reader is moved
    /// or destroyed.
    read_report const& report() const noexcept;

    /// Returns the highest id that the reader may return, or nothing if no writer was active.
    std::optional<std::uint64_t> limit() const noexcept;

 private:
    std::unique_ptr<reading::reader_impl> impl_;
};

class reader::iterator {
 public:
    using iterator_concept = std::input_iterator_tag;
    using iterator_category = std::input_iterator_tag;
    using value_type = entry;
    using difference_type = std::ptrdiff_t;
    using pointer = entry*;
    using reference = entry&;

    iterator() noexcept = default;
    explicit iterator(reader& source) : source_(&source) { ++*this; }

    entry& operator*() const noexcept { return current_; }
    entry* operator->() const noexcept { return &current_; }
    iterator& operator++() {
        if (!source_->next(current_)) source_ = nullptr;
        return *this;
    }
    void operator++(int) { ++*this; }

    friend bool operator==(iterator const& at, std::default_sentinel_t) noexcept { return at.source_ == nullptr; }

 private:
    reader* source_ = nullptr;
    mutable entry current_;
};

reader::iterator reader::begin() {
    return iterator(*this);
}

}  // namespace audit_trail
