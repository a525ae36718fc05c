/// \file Reads any bytes as a line. An accepted line must be encoded and decoded again without a change, and all
/// functions that read lines must agree on it.
#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "format/decode.hpp"
#include "format/encode.hpp"
#include "format/line_header.hpp"
#include "fuzz/require.hpp"

namespace {

using namespace audit_trail;
using test::require;

std::string encode(event const& value) {
    detail::text_buffer out;
    require(!format::encode_line(value, out), "an event that was decoded can be encoded");
    return std::string(out.view());
}

void check_failure(format::decode_failure const& failure, std::string_view text) {
    require(failure.code.failed(), "a failure has a reason");
    require(failure.offset <= text.size(), "a failure lies within the text");
    require(!failure.to_string().empty(), "a failure can be told");
}

/// Compares numbers as text, so that every bit counts.
void check_round_trip(event const& read) {
    std::string const line = encode(read);
    event again;
    require(!format::decode_event(line, again), "what encode wrote is decoded");
    require(encode(again) == line, "a second decoding changes nothing");
    require(again.event_id == read.event_id && again.timestamp == read.timestamp, "numbers come back");
    require(again.domain == read.domain && again.category == read.category, "names come back");
    require(again.model_name == read.model_name && again.logical_user_id == read.logical_user_id, "texts come back");
    require(again.request_id == read.request_id && again.operation == read.operation, "the rest comes back");
    require(again.context.has_value() == read.context.has_value(), "a context comes back");
    require(again.payload.has_value() == read.payload.has_value(), "a payload comes back");
    require(format::read_event_id(line) == read.event_id, "the id is found in what was written");
}

void check_header(format::line_header const& header, event const& read) {
    require(header.event_id == read.event_id && header.timestamp == read.timestamp, "numbers agree");
    require(header.domain == read.domain && header.category == read.category, "names agree");
    require(header.model_name == read.model_name && header.logical_user_id == read.logical_user_id, "texts agree");
    require(header.request_id == read.request_id && header.operation == read.operation, "the rest agrees");
    require(header.context.empty() != read.context.has_value(), "both have a context, or none");
}

/// The text of a payload is readable even if the types of a payload cannot hold its values.
bool is_about_types(error_code const& reason) {
    error const about_types[] = {error::integer_out_of_range, error::not_finite,    error::duplicate_member,
                                 error::unknown_member,       error::not_an_object, error::invalid_delta};
    return std::ranges::any_of(about_types, [&](error e) { return reason == e; });
}

void check_event(std::string_view text) {
    event read;
    auto const failure = format::decode_event(text, read);
    format::line_header header;
    auto header_failure = header.scan(text);
    if (!header_failure) header_failure = header.check_payload();
    if (header_failure) check_failure(*header_failure, text);
    if (failure) {
        check_failure(*failure, text);
        require(header_failure || is_about_types(failure->code), "a line that readers give is decoded");
        return;
    }
    require(!header_failure, "what is decoded is a line for readers");
    check_header(header, read);
    require(format::read_event_id(text) == read.event_id, "the id alone agrees");
    check_round_trip(read);
}

void check_draft(std::string_view text) {
    event_draft draft;
    if (auto const failure = format::decode_draft(text, draft)) return check_failure(*failure, text);
    constexpr std::uint64_t id = 7;
    constexpr std::size_t no_limit = std::numeric_limits<std::size_t>::max();
    detail::text_buffer tail;
    require(!format::encode_tail(draft, draft.timestamp.value_or(1), no_limit, tail),
            "a draft that was decoded is valid");
    event written;
    require(!format::decode_tail(id, tail.view(), written), "what encode wrote is decoded");
    require(encode(written) == std::string(format::id_prefix) + "7" + std::string(tail.view()),
            "a tail is a line's end");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::string_view const text(reinterpret_cast<char const*>(data), size);
    check_event(text);
    check_draft(text);
    return 0;
}
