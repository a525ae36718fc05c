#include <audit_trail/entry.hpp>
#include <utility>

#include "format/decode.hpp"

namespace audit_trail {

error_code entry::decode_payload() {
    auto request_id = event.request_id;
    auto const failure = format::decode_event(line, event);
    if (!failure) return {};
    event.request_id = std::move(request_id);
    event.payload.reset();
    return failure->code;
}

}  // namespace audit_trail
