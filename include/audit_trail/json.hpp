/// \file
/// Converts events, drafts and values to and from JSON text.
///
/// The text is the text of segments: one line of printable ASCII, byte for byte the output of Python's
/// `json.dumps(event, separators=(",", ":"), ensure_ascii=True)`. Numbers are converted without loss.
///
/// \code
/// audit_trail::error_code ec;
/// std::string explanation;
/// auto draft = audit_trail::parse_draft(text, ec, explanation);
/// if (ec) std::cerr << explanation << '\n';
/// \endcode
///
/// All functions are thread safe. No function blocks.
#pragma once

#include <audit_trail/detail/api.hpp>
#include <audit_trail/error.hpp>
#include <audit_trail/event.hpp>
#include <boost/json/value.hpp>
#include <string>
#include <string_view>

namespace audit_trail {

/// Returns the line of this event in a segment, without the newline. Empty if `ec` is set.
///
/// Errors: `error::invalid_event_id` if the id is 0; the errors of an invalid draft, from `error::invalid_domain` to
/// `error::invalid_delta`.
AUDIT_TRAIL_API std::string to_line(event const& value, error_code& ec);

/// Reads a draft: the JSON object of an event without `event_id`. `timestamp`, `request_id` and `payload` may be
/// absent; members may have any order and white space between them. Each change of a delta must have `old` and `new`.
/// Empty names are accepted here; the writer decides on them (`writer_options::allow_empty_names`).
///
/// If `ec` is set, the members of the draft are unspecified.
///
/// Errors: from `error::malformed_json` to `error::wrong_type`; the errors of an invalid draft.
AUDIT_TRAIL_API event_draft parse_draft(std::string_view text, error_code& ec);

/// The same. If `ec` is set, `explanation` is a sentence for people: what is wrong, in which member, and at which
/// offset in bytes.
AUDIT_TRAIL_API event_draft parse_draft(std::string_view text, error_code& ec, std::string& explanation);

/// Returns the text of this value in a line. Empty if `ec` is set.
///
/// Errors: `error::nested_too_deep` for more than 128 levels, `error::not_finite`, `error::invalid_payload_text`.
AUDIT_TRAIL_API std::string to_json(json::value const& value, error_code& ec);

}  // namespace audit_trail
