/// \file
/// Reads the members of a line before its payload, as cheaply as possible.
#pragma once

#include <audit_trail/event.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "format/decode.hpp"

namespace audit_trail::format {

class canonical_text;

/// The members of an event except the payload, whose text is skipped. The views point into the line, or into the header
/// if the line contains escapes: they are valid as long as both exist.
class line_header {
 public:
    line_header() = default;
    line_header(line_header const&) = delete;
    line_header& operator=(line_header const&) = delete;

    /// Reads a line without its newline, with the same checks of the members as `decode_event`. In a line of canonical
    /// form, only the first and last byte of the payload are checked; all other lines are checked completely. A context
    /// in canonical form is checked as JSON text (`skip_value`).
    std::optional<decode_failure> scan(std::string_view line);

    /// Checks that the payload of the last scanned line is a JSON object (`skip_value`), so that the line is complete.
    /// It may still contain what a `payload` cannot: numbers beyond 64 bits, duplicate keys, other members.
    std::optional<decode_failure> check_payload();

    /// Returns the offset of the payload in the last scanned line; 0 if it has none or is not in canonical form.
    std::size_t payload_offset() const noexcept {
        return unchecked_payload_.empty() ? 0 : static_cast<std::size_t>(unchecked_payload_.data() - line_.data());
    }

    /// Changes when domain or category may have changed; never 0 after a line was scanned.
    std::uint64_t place_number() const noexcept { return place_number_; }

    /// Returns the text of the context; empty if there is none. Another program may have written it after the payload.
    std::string_view find_context() const;

    /// Copies all members to `out`, without a payload. Leaves the context out if `json::object` cannot store it.
    void copy_to(event& out) const;

    std::uint64_t event_id = 0;
    std::int64_t timestamp = 0;
    std::string_view domain;
    std::string_view category;
    std::string_view model_name;
    audit_trail::operation operation = audit_trail::operation::create;
    std::string_view logical_user_id;
    std::optional<std::string_view> request_id;
    std::string_view context;  ///< the text of a context before the payload; empty if there is none

 private:
    bool scan_canonical_form();
    bool take_time_and_place(canonical_text& text);
    bool take_place(canonical_text& text);
    bool take_context(canonical_text& text);
    std::optional<decode_failure> scan_any_form();
    void view_decoded();

    std::string_view line_;
    std::string_view unchecked_payload_;  // includes the closing brace of the line
    event decoded_;

    // The text of timestamp, domain and category in an earlier line, and where its parts are.
    std::string known_;
    std::int64_t known_timestamp_ = 0;
    std::size_t known_place_ = 0;  // where the domain begins
    std::uint64_t known_names_ = 0;
    std::uint64_t names_met_ = 0;
    std::uint64_t place_number_ = 0;
    std::size_t domain_size_ = 0;
    std::size_t category_size_ = 0;
};

/// Returns the text of the payload or the context in a line; empty if there is none.
std::string_view payload_text(std::string_view line);
std::string_view context_text(std::string_view line);

}  // namespace audit_trail::format
