#include <audit_trail/json.hpp>
#include <ostream>

#include "format/decode.hpp"
#include "format/encode.hpp"
#include "format/names.hpp"

namespace audit_trail {

std::string_view to_string(operation value) noexcept {
    auto const name = format::operation_name(value);
    return name.empty() ? "unknown" : name;
}

std::ostream& operator<<(std::ostream& out, operation value) {
    return out << to_string(value);
}

bool is_valid_name(std::string_view name) noexcept {
    return format::is_valid_name(name);
}

std::string to_line(event const& value, error_code& ec) {
    detail::text_buffer line;
    ec = format::encode_line(value, line);
    return std::string(line.view().substr(0, ec ? 0 : line.size() - 1));
}

event_draft parse_draft(std::string_view text, error_code& ec) {
    event_draft draft;
    auto const failure = format::decode_draft(text, draft);
    ec = failure ? failure->code : error_code();
    return draft;
}

event_draft parse_draft(std::string_view text, error_code& ec, std::string& explanation) {
    event_draft draft;
    auto const failure = format::decode_draft(text, draft);
    ec = failure ? failure->code : error_code();
    if (failure) explanation = failure->to_string();
    return draft;
}

std::string to_json(json::value const& value, error_code& ec) {
    detail::text_buffer text;
    ec = format::encode_value(value, text);
    return std::string(text.view());
}

}  // namespace audit_trail
