/// \file
/// Decodes the lines of segments, and drafts. Strict: refuses every text that is not exactly an event. Its spelling may
/// differ from the spelling of the encoder.
#pragma once

#include <audit_trail/error.hpp>
#include <audit_trail/event.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace audit_trail::format {

/// The reason why a text is not an event, and its position.
struct decode_failure {
    error_code code;
    std::size_t offset = 0;  ///< bytes from the beginning of the text
    std::string member;      ///< path of the member, "payload.delta.name"; empty if none applies

    /// Returns a message for the user, with member and offset.
    std::string to_string() const;
};

/// Reads a line, with or without its newline. Accepts members in any order and JSON white space; numbers are exact; a
/// change without `old` or `new` gets null for it.
///
/// Reuses the memory of `out`'s strings. After a failure the content of `out` is unspecified. The same applies to the
/// functions below.
std::optional<decode_failure> decode_event(std::string_view line, event& out);

/// Reads a draft: an event without `event_id`, `timestamp` optional. Every change must have both `old` and `new`.
std::optional<decode_failure> decode_draft(std::string_view text, event_draft& out);

/// Reads the event of a tail that `encode_tail` wrote.
std::optional<decode_failure> decode_tail(std::uint64_t event_id, std::string_view tail, event& out);

/// Reads the context at the beginning of the text. Ignores the text after it.
std::optional<decode_failure> decode_context(std::string_view text, json::object& out);

/// Reads the payload at the beginning of the text. Ignores the text after it.
std::optional<decode_failure> decode_payload(std::string_view text, payload& out);

/// Returns the id of a line, or nothing if the line is malformed before its id. Fast if the id is the first member.
/// Does not check the text after the id.
std::optional<std::uint64_t> read_event_id(std::string_view line);

}  // namespace audit_trail::format
