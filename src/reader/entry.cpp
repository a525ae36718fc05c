#include <audit_trail/entry.hpp>
#include <utility>

#include "format/decode.hpp"
#include "format/line_header.hpp"

namespace audit_trail {

error_code entry::decode_payload() {
    bool const is_placed = payload_offset != 0 && payload_offset < line.size();
    if (!is_placed) return decode_line();
    auto const text = std::string_view(line).substr(payload_offset);
    auto const failure = format::decode_payload(text, event.payload.emplace());
    if (!failure) return {};
    event.payload.reset();
    return failure->code;
}

std::string_view entry::payload_text() const {
    bool const is_placed = payload_offset != 0 && payload_offset < line.size();
    if (!is_placed) return format::payload_text(line);
    // In the usual order the payload is the last member: only the line's closing brace follows.
    return std::string_view(line).substr(payload_offset, line.size() - 1 - payload_offset);
}

error_code entry::decode_line() {
    auto request_id = event.request_id;
    auto const failure = format::decode_event(line, event);
    if (!failure) return {};
    event.request_id = std::move(request_id);
    event.payload.reset();
    return failure->code;
}

}  // namespace audit_trail
