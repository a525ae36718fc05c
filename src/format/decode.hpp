/// \file
/// A line of a segment as an event. Strict: what `encode` would not write back to the same event is refused, and said
/// so.
#pragma once

#include <audit_trail/error.hpp>
#include <audit_trail/event.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace audit_trail::format {

/// Why a text is not an event, and where.
struct decode_failure {
    error_code code;
    std::size_t offset = 0;  ///< bytes from the beginning of the text
    std::string member;      ///< path of the member, "payload.delta.name"; empty where none applies

    /// One sentence for people: message, member, offset.
    std::string to_string() const;
};

/// Reads a line, with or without its newline. Members may stand in any order and JSON white space anywhere; numbers
/// come back bit for bit; a delta member without `old` or `new` is taken as null, and stands in the event with both.
///
/// Strings of `out` keep their memory; after a failure it holds a mixture of no use. So it is with all below.
std::optional<decode_failure> decode_event(std::string_view line, event& out);

/// Reads a draft: an event without `event_id`, `timestamp` optional. Every change must have both `old` and `new`.
std::optional<decode_failure> decode_draft(std::string_view text, event_draft& out);

/// Reads the event behind a tail that `encode_tail` wrote.
std::optional<decode_failure> decode_tail(std::uint64_t event_id, std::string_view tail, event& out);

/// Reads the payload with whose opening brace the text begins; what stands behind it is not looked at.
std::optional<decode_failure> decode_payload(std::string_view text, payload& out);

/// The id of a line, cheaply where its members stand in the usual order; nothing when the line is not valid enough to
/// have one. What follows the id is not checked.
std::optional<std::uint64_t> read_event_id(std::string_view line);

}  // namespace audit_trail::format
