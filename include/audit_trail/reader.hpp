/// \file
/// Reads a trail: the events that pass a filter, one after the other, and a report on all that is no event.
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
/// A reader returns the trail as it was at construction, and never an event that may yet be taken back. While a writer
/// has the root, that is every event up to the id that index.json names. Without a writer it is every complete line; if
/// a writer comes later, lines that it adds are not returned. The reader does not wait for more; a `follower` does.
///
/// Segments that are deleted meanwhile, the oldest of a category first, are no damage: the report notes what could no
/// longer be read.
///
/// # What counts as an event
///
/// Every line that the reader comes by is checked up to its payload. One that passes the filter is then checked to its
/// last byte: it is JSON text, Unicode, at most 128 levels deep, and its domain and category are those of its
/// directory. So what comes back is never part of a line. Whether the payload also fits this library's types shows when
/// it is decoded (`entry::decode_payload`). Lines that do not pass the filter may have damage in their payload that
/// goes unnoticed; read without a filter, or verify the trail, to know of all.
///
/// Ids are taken to increase within a category, as writers give them. Where they don't, that is reported
/// (`error::id_out_of_order`), and the line is read.
///
/// # Limits on ids
///
/// `event_filter::max_event_id` ends a category after 8 lines in a row with higher ids, so up to 7 neighbouring lines
/// whose ids were changed to higher ones hide nothing. `min_event_id` finds its first segment and offset by bisection.
/// Each probe of it looks at up to 8 neighbouring lines; where probed ids contradict each other, the category is read
/// from its beginning, and the disorder reported. A line that was moved far away from its neighbours may be missed:
/// read without limits, or verify the trail, to know of all.
///
/// # Cost
///
/// Memory and open files are bounded by `reader_options`, whatever the files hold; beside that, each category takes
/// some hundred bytes and each segment eight. After a writer that did not close the root, construction reads the end of
/// each category. Symbolic links are not followed. Nothing is written, ever.
///
/// Blocks on the disk. Not thread safe: one thread uses a reader at a time.
#pragma once

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
    event_id,  ///< the order in which events were given their ids, over all categories
    segment    ///< as files lie: domains and categories by name, segments by number. Needs no memory for each category
};

struct reader_options {
    read_order order = read_order::event_id;

    /// A longer line is reported (`error::line_too_long`) and passed over. By default no line of a writer is longer:
    /// `writer_options::max_event_bytes` is at most this.
    std::size_t max_line_bytes = 16 * 1024 * 1024;

    /// Whether payloads are looked at. Where not, damage in them goes unnoticed and `entry::line` stays empty: for
    /// those who only want to know who did what, and when.
    bool with_payloads = true;

    /// How many findings of each reason are kept. The others are counted.
    std::size_t max_findings = 100;

    /// How many segments are open at once. At least 1.
    std::size_t max_open_segments = 64;

    /// What is read ahead from all segments together. One line may go beyond it.
    std::size_t max_buffer_bytes = 32 * 1024 * 1024;

    /// Called from within `next` and `count`, on their thread, each time that some MiB more have been looked at, with
    /// the report as it is then; even while nothing passes the filter. May not throw, nor use the reader.
    std::function<void(read_report const&)> on_progress;
};

namespace reading {
class reader_impl;
}

class reader {
 public:
    class iterator;

    /// \throws boost::system::system_error when the root can't be opened; nothing else is an error
    explicit reader(std::filesystem::path const& root, event_filter filter = {},
                    read_order order = read_order::event_id);
    reader(std::filesystem::path const& root, event_filter filter, reader_options const& options);

    /// The same without an exception. With an error there are no events.
    reader(std::filesystem::path const& root, event_filter filter, reader_options const& options, error_code& ec);

    reader(reader&&) noexcept;
    reader& operator=(reader&&) noexcept;
    ~reader();

    /// The next event; nothing at the end.
    std::optional<entry> next();

    /// The same into an entry whose memory is used again; false at the end.
    bool next(entry& into);

    /// How many events are left, by a pass over them that builds none. Then the reader is at its end. Does not count
    /// missing ids.
    std::uint64_t count();

    /// Goes through what `next` gives, once.
    iterator begin();
    std::default_sentinel_t end() const noexcept { return {}; }

    /// What was met so far; all of it once the end is reached. The reference lasts as long as the reader is neither
    /// moved nor destroyed.
    read_report const& report() const noexcept;

    /// The highest id that the reader gives, when it has met a writer.
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

inline reader::iterator reader::begin() {
    return iterator(*this);
}

}  // namespace audit_trail
