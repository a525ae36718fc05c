/// \file
/// Events, drafts and values as JSON text.
///
/// The text is the one that segments have: one line of printable ASCII, byte for byte what Python's
/// `json.dumps(event, separators=(",", ":"), ensure_ascii=True)` gives. Numbers come back bit for bit.
///
/// \code
/// audit_trail::error_code ec;
/// std::string explanation;
/// auto draft = audit_trail::parse_draft(text, ec, explanation);
/// if (ec) std::cerr << explanation << '\n';
/// \endcode
///
/// All functions are thread safe, and none blocks.
#pragma once

#include <audit_trail/error.hpp>
#include <audit_trail/event.hpp>
#include <boost/json/value.hpp>
#include <string>
#include <string_view>

namespace audit_trail {

/// The line that a segment has of this event, without the newline. Empty when `ec` is set.
///
/// Errors: `error::invalid_event_id` for an id of 0, and those for which a writer refuses a draft, from
/// `error::invalid_domain` to `error::invalid_delta`.
std::string to_line(event const& value, error_code& ec);

/// Reads a draft: the JSON object of an event without `event_id`. `timestamp`, `request_id` and `payload` may be absent;
/// members may be in any order, with white space between them. Each change of a delta must have `old` and `new`. Empty
/// names are accepted here; the writer decides on them (`writer_options::allow_empty_names`).
///
/// When `ec` is set, the members of the draft are unspecified.
///
/// Errors: from `error::malformed_json` to `error::wrong_type`, and those for which a writer refuses a draft.
event_draft parse_draft(std::string_view text, error_code& ec);

/// The same. With an error, `explanation` becomes a sentence for people: what is wrong, in which member, at which offset
/// in bytes.
event_draft parse_draft(std::string_view text, error_code& ec, std::string& explanation);

/// The text that a line has of this value. Empty when `ec` is set.
///
/// Errors: `error::nested_too_deep` beyond 128 levels, `error::not_finite`, `error::invalid_payload_text`.
std::string to_json(json::value const& value, error_code& ec);

}  // namespace audit_trail
