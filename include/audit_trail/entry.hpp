/// \file
/// An event as a reader or follower finds it in a segment.
#pragma once

#include <audit_trail/detail/api.hpp>
#include <audit_trail/error.hpp>
#include <audit_trail/event.hpp>
#include <cstdint>
#include <string>
#include <string_view>

namespace audit_trail {

struct entry {
    /// All members except the payload. `decode_payload` adds the payload. A context is absent if `json::object` cannot
    /// store it: another program may have written an integer beyond 64 bits, or a key twice. `context_text` has it. If
    /// such a line is not spelled as writers spell it, the reader reports it as damaged.
    audit_trail::event event;

    /// The stored bytes of the line, without the newline.
    std::string line;

    std::string path;          ///< the segment's path, relative to the root: `domain/category/audit-000001.jsonl`
    std::uint64_t offset = 0;  ///< the position of the line's first byte in the segment

    /// The position of the payload's opening brace in `line`. 0 if the line has no payload, or if its members are not
    /// in the order that writers use.
    std::size_t payload_offset = 0;

    /// Decodes the payload of `line` into `event.payload`, which stays absent if the line has no payload.
    ///
    /// A complete line can have a payload that this library's types cannot store: other programs write integers of
    /// any size, duplicate keys, or a delta of another shape. Then the function returns an error, `event.payload` is
    /// absent, the other members are unchanged, and `line` still has all the bytes.
    ///
    /// Reads memory only, never a file. Not thread safe, like every non-const function of a value.
    ///
    /// Requires: the reader has `reader_options::with_payloads`; otherwise `line` is empty (`error::malformed_json`).
    ///
    /// Errors: `error::integer_out_of_range`, `error::not_finite`, `error::duplicate_member`, `error::unknown_member`,
    /// `error::invalid_delta`, `error::not_an_object`.
    AUDIT_TRAIL_API error_code decode_payload();

    /// Returns the payload's text, a part of `line`. Empty if the line has no payload. Parses the line again only if
    /// `payload_offset` is 0.
    AUDIT_TRAIL_API std::string_view payload_text() const;

    /// Returns the context's text, a part of `line`. Empty if the line has no context. Parses the line again.
    AUDIT_TRAIL_API std::string_view context_text() const;

 private:
    AUDIT_TRAIL_API error_code decode_line();
};

}  // namespace audit_trail
