#include <audit_trail/entry.hpp>
#include <utility>

#include "format/decode.hpp"

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

error_code entry::decode_line() {
    auto request_id = event.request_id;
    auto const failure = format::decode_event(line, event);
    if (!failure) return {};
    event.request_id = std::move(request_id);
    event.payload.reset();
    return failure->code;
}

}  // namespace audit_trail
