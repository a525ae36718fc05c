/// \file
/// Reads the data files of the tests, and wraps the functions that most tests of this folder use.
#pragma once

#include <audit_trail/event.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <fstream>
#include <optional>
#include <ostream>
#include <stdexcept>
#include <string>
#include <vector>

#include "format/decode.hpp"
#include "format/encode.hpp"
#include "format/json_cursor.hpp"

namespace audit_trail {

inline std::ostream& operator<<(std::ostream& out, error e) {
    return out << make_error_code(e).message();
}

}  // namespace audit_trail

namespace audit_trail::test {

namespace json = boost::json;

inline constexpr std::size_t plenty = 1024 * 1024;

inline std::vector<std::string> read_lines(std::string const& name) {
    std::ifstream file(std::string(TEST_DATA_DIR) + "/" + name);
    if (!file) throw std::runtime_error("cannot read " + name);
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return lines;
}

/// Reads a JSON value of any kind with the cursor.
inline json::value parse(std::string_view text) {
    format::json_cursor cursor(text);
    json::value value;
    if (!cursor.read_value(value, 1) || !cursor.expect_end()) throw std::runtime_error(cursor.failure().to_string());
    return value;
}

inline std::string text_of(json::value const& value) {
    detail::text_buffer out;
    if (auto const ec = format::encode_value(value, out)) throw boost::system::system_error(ec);
    return std::string(out.view());
}

/// The failure as text; empty if there is none.
inline std::string explain(std::optional<format::decode_failure> const& failure) {
    return failure ? failure->to_string() : std::string();
}

inline std::string line_of(event const& value) {
    detail::text_buffer out;
    if (auto const ec = format::encode_line(value, out)) throw boost::system::system_error(ec);
    return std::string(out.view());
}

inline std::string tail_of(event_draft const& draft, std::int64_t timestamp = 1700000000) {
    detail::text_buffer out;
    if (auto const ec = format::encode_tail(draft, draft.timestamp.value_or(timestamp), plenty, out)) {
        throw boost::system::system_error(ec);
    }
    return std::string(out.view());
}

inline event_draft small_draft() {
    return event_draft("models", "text_generation", "name", operation::create, "user").with_timestamp(1700000000);
}

inline event_draft draft_with(json::object after) {
    return small_draft().with_payload(payload::from_create(std::move(after)));
}

}  // namespace audit_trail::test
