/// \file
/// An event as it was found in a segment.
#pragma once

#include <audit_trail/error.hpp>
#include <audit_trail/event.hpp>
#include <cstdint>
#include <string>
#include <string_view>

namespace audit_trail {

struct entry {
    /// All members but the payload, which `decode_payload` fills in.
    audit_trail::event event;

    /// The bytes that are stored, without the newline.
    std::string line;

    std::string path;          ///< of the segment, relative to the root: `domain/category/audit-000001.jsonl`
    std::uint64_t offset = 0;  ///< of the line's first byte in the segment

    /// Of the payload's opening brace in `line`; 0 when the line has no payload, or its members in an unusual order.
    std::size_t payload_offset = 0;

    /// Gives `event.payload` what the line holds; nothing when the line has no payload.
    ///
    /// A line may be whole and yet hold a payload that the types of this library cannot, since other programs write
    /// integers of any size, keys twice, or a delta of another shape. Then the error says so, `event.payload` is
    /// absent, the other members are as they were, and `line` has all that there is.
    ///
    /// Errors: `error::integer_out_of_range`, `error::not_finite`, `error::duplicate_member`, `error::unknown_member`,
    /// `error::invalid_delta`, `error::not_an_object`.
    error_code decode_payload();

    /// The payload's text, which is part of `line`; empty when the line has no payload. Reads the line again only where
    /// `payload_offset` is 0.
    std::string_view payload_text() const;

 private:
    error_code decode_line();
};

}  // namespace audit_trail
