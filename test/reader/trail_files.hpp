/// \file
/// Creates trails without a writer.
#pragma once

#include <audit_trail/event.hpp>
#include <audit_trail/reader.hpp>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "format/decode.hpp"
#include "format/encode.hpp"
#include "storage/layout.hpp"
#include "support/temporary_directory.hpp"

namespace audit_trail::test {

namespace fs = std::filesystem;

inline void append_bytes(fs::path const& file, std::string_view bytes) {
    fs::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary | std::ios::app)
        .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

inline std::string line_of(event const& value) {
    detail::text_buffer out;
    if (auto const ec = format::encode_line(value, out)) throw boost::system::system_error(ec);
    return std::string(out.view());
}

inline event make_event(std::uint64_t id, std::string domain, std::string category) {
    event made;
    made.event_id = id;
    made.timestamp = 1700000000 + static_cast<std::int64_t>(id);
    made.domain = std::move(domain);
    made.category = std::move(category);
    made.model_name = "model-" + std::to_string(id % 7);
    made.operation = static_cast<operation>(id % 3);
    made.logical_user_id = "u-" + std::to_string(id % 5);
    if (id % 2 == 0) made.request_id = "r-" + std::to_string(id % 11);
    made.payload.emplace().after = {{"revision", id}};
    return made;
}

/// Appends events to two categories in turn, with one segment each.
inline void add(fs::path const& root, std::uint64_t first, std::uint64_t last) {
    for (auto id = first; id <= last; ++id) {
        std::string const category = id % 2 == 0 ? "even" : "odd";
        append_bytes(root / "d" / category / "audit-000001.jsonl", line_of(make_event(id, "d", category)));
    }
}

/// Appends events as a writer does: to the newest segment of the category, or to the next when that is full.
class trail_builder {
 public:
    trail_builder(fs::path root, std::uint64_t max_segment_bytes)
        : root_(std::move(root)), max_segment_bytes_(max_segment_bytes) {}

    void add(event const& value) {
        auto& tail = tails_[{value.domain, value.category}];
        std::string const line = line_of(value);
        if (tail.number == 0 || tail.size >= max_segment_bytes_) tail = {tail.number + 1, 0};
        append_bytes(root_ / storage::segment_path(value.domain, value.category, tail.number), line);
        tail.size += line.size();
    }

 private:
    struct tail {
        std::uint64_t number = 0;
        std::uint64_t size = 0;
    };

    fs::path root_;
    std::uint64_t max_segment_bytes_;
    std::map<std::pair<std::string, std::string>, tail> tails_;
};

/// The drafts of the catalog as the events of a new trail.
inline std::vector<event> catalog_events() {
    std::ifstream file(std::string(TEST_DATA_DIR) + "/catalog_drafts.jsonl");
    std::vector<event> events;
    for (std::string text; std::getline(file, text);) {
        event_draft draft;
        if (auto const failure = format::decode_draft(text, draft)) throw std::runtime_error(failure->to_string());
        event made;
        made.event_id = events.size() + 1;
        made.timestamp = draft.timestamp.value();
        made.domain = draft.domain;
        made.category = draft.category;
        made.model_name = draft.model_name;
        made.operation = draft.operation;
        made.logical_user_id = draft.logical_user_id;
        made.request_id = draft.request_id;
        made.payload = draft.payload;
        events.push_back(std::move(made));
    }
    if (events.size() != 6000) throw std::runtime_error("the catalog has 6000 drafts");
    return events;
}

inline std::vector<std::uint64_t> ids_of(reader& source) {
    std::vector<std::uint64_t> ids;
    entry found;
    while (source.next(found)) ids.push_back(found.event.event_id);
    return ids;
}

inline std::vector<std::uint64_t> read_ids(fs::path const& root, event_filter filter = {},
                                           read_order order = read_order::event_id) {
    reader source(root, std::move(filter), order);
    return ids_of(source);
}

/// The ids from `first` to `last`.
inline std::vector<std::uint64_t> range(std::uint64_t first, std::uint64_t last) {
    std::vector<std::uint64_t> ids;
    for (auto id = first; id <= last; ++id) ids.push_back(id);
    return ids;
}

}  // namespace audit_trail::test
